"""Of rules: where they are asked, what they say, and the data that they ask about."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataClass(models.TextChoices):
    """How sensitive data is, the least first."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    PERSONAL = "personal", _("Personal")
    SPECIAL = "special", _("Special categories")

    @property
    def rank(self) -> int:
        """Its place in that order."""
        return list(DataClass).index(self)


class Point(models.TextChoices):
    """Where rules are asked."""

    START = "start", _("start run")
    MODEL = "model", _("choose model")
    TOOL = "tool", _("call tool")
    HANDOVER = "handover", _("hand over")
    RELEASE = "release", _("release output")
    DECIDE = "decide", _("decide review")
    PUBLISH = "publish", _("publish version")


class Effect(models.TextChoices):
    """What a rule says, from the mildest to the strictest. The strictest wins."""

    ALLOW = "allow", _("allow")
    REDACT = "redact", _("black out")
    REVIEW = "review", _("ask a person")
    DENY = "deny", _("stop")


class RuleSetStatus(models.TextChoices):
    """Rules are drafted together, hold together once a second person has signed them, and go when the next do."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("in force")
    RETIRED = "retired", _("retired")


class PatternStatus(models.TextChoices):
    """Whether a workspace's own pattern is looked for."""

    ON = "on", _("on")
    OFF = "off", _("off")


RULESET_MOVES = {
    RuleSetStatus.DRAFT: {RuleSetStatus.ACTIVE},
    RuleSetStatus.ACTIVE: {RuleSetStatus.RETIRED},
}
PATTERN_MOVES = {
    PatternStatus.ON: {PatternStatus.OFF},
    PatternStatus.OFF: {PatternStatus.ON},
}
