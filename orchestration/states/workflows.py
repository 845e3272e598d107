"""Of workflows and their versions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkflowStatus(models.TextChoices):
    """Whether a workflow may start runs. While it is paused runs are accepted, and none of their steps begins."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    RETIRED = "retired", _("retired")


class VersionStatus(models.TextChoices):
    """A definition is drafted, then published once, then retired. It never changes."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class RiskTier(models.TextChoices):
    """How much harm a workflow can do, the least first."""

    MINIMAL = "minimal", _("Minimal")
    LIMITED = "limited", _("Limited")
    HIGH = "high", _("High")


WORKFLOW_MOVES = {
    WorkflowStatus.ACTIVE: {WorkflowStatus.PAUSED, WorkflowStatus.RETIRED},
    WorkflowStatus.PAUSED: {WorkflowStatus.ACTIVE, WorkflowStatus.RETIRED},
    WorkflowStatus.RETIRED: {WorkflowStatus.ACTIVE},
}
VERSION_MOVES = {
    VersionStatus.DRAFT: {VersionStatus.PUBLISHED},
    VersionStatus.PUBLISHED: {VersionStatus.RETIRED},
}
