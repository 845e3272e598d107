"""Of runs and their steps, and of the switch over all of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunStatus(models.TextChoices):
    """A run as a whole. That it waits for a person is derived from its steps."""

    ACCEPTED = "accepted", _("accepted")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class StepStatus(models.TextChoices):
    """One step of a run. Held: it could begin, but its run is paused or waits for its turn."""

    HELD = "held", _("held back")
    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Awaits(models.TextChoices):
    """What a waiting step waits for."""

    PERSON = "person", _("a person")
    STEPS = "steps", _("the steps inside it")
    RUN = "run", _("another run")
    MOMENT = "moment", _("a moment")
    EVENT = "event", _("an event")
    OUTCOME = "outcome", _("somebody who knows what happened")
    CALLS = "calls", _("the calls that it asked for")
    OTHERS = "others", _("the other calls of its turn")
    UNDOING = "undoing", _("what is undone before it")


class BrakeStatus(models.TextChoices):
    """The one switch over everything: while it is pulled, no step begins."""

    RELEASED = "released", _("released")
    PULLED = "pulled", _("stopped")


class ConfidenceSource(models.TextChoices):
    """Where a confidence comes from. What a model says of itself is no measurement, so they are told apart."""

    CLASSIFIER = "classifier", _("by the classifier")
    LOGPROBS = "logprobs", _("from log-probabilities")
    STATED = "stated", _("stated by the model")


BRAKE_MOVES = {
    BrakeStatus.RELEASED: {BrakeStatus.PULLED},
    BrakeStatus.PULLED: {BrakeStatus.RELEASED},
}
RUN_TERMINAL = (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)
RUN_LIVE = (RunStatus.ACCEPTED, RunStatus.RUNNING, RunStatus.PAUSED)
# Paused to done: the step at hand was the last.
RUN_MOVES = {
    RunStatus.ACCEPTED: {RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.FAILED, RunStatus.CANCELLED},
    RunStatus.RUNNING: {RunStatus.PAUSED, RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED},
    RunStatus.PAUSED: {RunStatus.ACCEPTED, RunStatus.RUNNING, *RUN_TERMINAL},
}
STEP_TERMINAL = (StepStatus.DONE, StepStatus.FAILED, StepStatus.CANCELLED)
STEP_LIVE = (StepStatus.HELD, StepStatus.READY, StepStatus.RUNNING, StepStatus.WAITING)
STEP_MOVES = {
    StepStatus.HELD: {StepStatus.READY, StepStatus.WAITING, StepStatus.CANCELLED},
    # Ready to waiting: a decision taken back in its undo window.
    StepStatus.READY: {StepStatus.RUNNING, StepStatus.HELD, StepStatus.WAITING, StepStatus.CANCELLED},
    # Running to ready: another try, or a lease that ended. Running to held: the same, while the run is paused.
    StepStatus.RUNNING: {StepStatus.WAITING, StepStatus.READY, StepStatus.HELD, *STEP_TERMINAL},
    StepStatus.WAITING: {StepStatus.READY, StepStatus.HELD, StepStatus.CANCELLED},
}
