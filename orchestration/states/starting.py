"""Of what starts runs: triggers and what comes to them, uploads, API tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TriggerStatus(models.TextChoices):
    """Whether a trigger starts runs."""

    ACTIVE = "active", _("on")
    PAUSED = "paused", _("paused")


class FireResult(models.TextChoices):
    """What became of one thing that came to a trigger. It is written once, and never moves."""

    STARTED = "started", _("started a run")
    REFUSED = "refused", _("refused")
    REPEATED = "repeated", _("came again")
    FAILED = "failed", _("could not be read")
    MISSED = "missed", _("missed")


class UploadStatus(models.TextChoices):
    """Rows of a file that are to start runs, one each."""

    DRAFT = "draft", _("being prepared")
    CHECKING = "checking", _("being looked through")
    CHECKED = "checked", _("looked through")
    STARTING = "starting", _("starting runs")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")
    DROPPED = "dropped", _("thrown away")


class TokenStatus(models.TextChoices):
    """Whether an API token opens anything."""

    ACTIVE = "active", _("in use")
    WITHDRAWN = "withdrawn", _("withdrawn")


TRIGGER_MOVES = {
    TriggerStatus.ACTIVE: {TriggerStatus.PAUSED},
    TriggerStatus.PAUSED: {TriggerStatus.ACTIVE},
}
UPLOAD_MOVES = {
    UploadStatus.DRAFT: {UploadStatus.CHECKING, UploadStatus.DROPPED},
    UploadStatus.CHECKING: {UploadStatus.CHECKED, UploadStatus.DROPPED},
    # Checked to checking: the mapping was changed, or another version published.
    UploadStatus.CHECKED: {UploadStatus.CHECKING, UploadStatus.STARTING, UploadStatus.DROPPED},
    UploadStatus.STARTING: {UploadStatus.STOPPED, UploadStatus.DONE},
    UploadStatus.STOPPED: {UploadStatus.STARTING},
}
TOKEN_MOVES = {TokenStatus.ACTIVE: {TokenStatus.WITHDRAWN}}
