"""The states of what machines do, each with its legal moves beside it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkflowStatus(models.TextChoices):
    """Whether a workflow may start runs."""

    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")


class VersionStatus(models.TextChoices):
    """A definition is drafted, then published once, then retired. It never changes."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class TriggerStatus(models.TextChoices):
    """Whether a trigger starts runs."""

    ACTIVE = "active", _("on")
    PAUSED = "paused", _("paused")


class RunStatus(models.TextChoices):
    """A run as a whole. That it waits for a person is derived from its steps."""

    ACCEPTED = "accepted", _("accepted")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class StepStatus(models.TextChoices):
    """One step of a run."""

    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting for a person")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


WORKFLOW_MOVES = {
    WorkflowStatus.ACTIVE: {WorkflowStatus.RETIRED},
    WorkflowStatus.RETIRED: {WorkflowStatus.ACTIVE},
}
VERSION_MOVES = {
    VersionStatus.DRAFT: {VersionStatus.PUBLISHED},
    VersionStatus.PUBLISHED: {VersionStatus.RETIRED},
}
TRIGGER_MOVES = {
    TriggerStatus.ACTIVE: {TriggerStatus.PAUSED},
    TriggerStatus.PAUSED: {TriggerStatus.ACTIVE},
}
RUN_TERMINAL = (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)
RUN_LIVE = (RunStatus.ACCEPTED, RunStatus.RUNNING)
RUN_MOVES = {
    RunStatus.ACCEPTED: {RunStatus.RUNNING, RunStatus.CANCELLED},
    RunStatus.RUNNING: {RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED},
}
STEP_TERMINAL = (StepStatus.DONE, StepStatus.FAILED, StepStatus.CANCELLED)
# Running to ready: another try, or a lease that ended. Ready to waiting: a decision taken back in its undo window.
STEP_MOVES = {
    StepStatus.READY: {StepStatus.RUNNING, StepStatus.WAITING, StepStatus.CANCELLED},
    StepStatus.RUNNING: {
        StepStatus.DONE,
        StepStatus.FAILED,
        StepStatus.WAITING,
        StepStatus.READY,
        StepStatus.CANCELLED,
    },
    StepStatus.WAITING: {StepStatus.READY, StepStatus.CANCELLED},
}
