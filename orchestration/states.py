"""The states of what machines do, each with its legal moves beside it."""

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


class ToolStatus(models.TextChoices):
    """Whether steps may call a tool. Changed: it is declared otherwise than it was signed."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    CHANGED = "changed", _("changed")
    OFF = "off", _("off")
    RETIRED = "retired", _("retired")


class AgentStatus(models.TextChoices):
    """Whether an agent of a name may work. Off: its next turn and its next call are refused, in every run."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    OFF = "off", _("off")


class ConnectionStatus(models.TextChoices):
    """Whether anything may be sent over a connection."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    OFF = "off", _("off")
    RETIRED = "retired", _("retired")


class ToolKind(models.TextChoices):
    """How a tool is called."""

    BUILT_IN = "built_in", _("built in")
    HTTP = "http", _("HTTP")
    MCP = "mcp", _("MCP")
    SQL = "sql", _("SQL")
    FILES = "files", _("files")
    CALLBACK = "callback", _("callback")


class ToolEffect(models.TextChoices):
    """What a call does to the world, the least first."""

    READ = "read", _("reads")
    WRITE = "write", _("writes")
    DESTRUCTIVE = "destructive", _("destroys")


class Repeatability(models.TextChoices):
    """Whether a call may be made again: freely, under its key, or not at all."""

    SAFE = "safe", _("freely")
    KEYED = "keyed", _("under the same key")
    UNSAFE = "unsafe", _("never")


class ModelStatus(models.TextChoices):
    """Whether steps may use a model. Only what a second person has signed is approved."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    SUSPENDED = "suspended", _("suspended")
    RETIRED = "retired", _("retired")


class ModelTestStatus(models.TextChoices):
    """One call to a model that somebody asked for, to see what it does."""

    ASKED = "asked", _("asked for")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


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


class RiskTier(models.TextChoices):
    """How much harm a workflow can do, the least first."""

    MINIMAL = "minimal", _("Minimal")
    LIMITED = "limited", _("Limited")
    HIGH = "high", _("High")


class Capability(models.TextChoices):
    """What a model can do besides writing text."""

    TOOLS = "tools", _("Tools")
    SCHEMA = "schema", _("JSON schema")
    VISION = "vision", _("Pictures")
    LOGPROBS = "logprobs", _("Log-probabilities")


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


class ConfidenceSource(models.TextChoices):
    """Where a confidence comes from. What a model says of itself is no measurement, so they are told apart."""

    CLASSIFIER = "classifier", _("by the classifier")
    LOGPROBS = "logprobs", _("from log-probabilities")
    STATED = "stated", _("stated by the model")


class RuleSetStatus(models.TextChoices):
    """Rules are drafted together, hold together once a second person has signed them, and go when the next do."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("in force")
    RETIRED = "retired", _("retired")


class PatternStatus(models.TextChoices):
    """Whether a workspace's own pattern is looked for."""

    ON = "on", _("on")
    OFF = "off", _("off")


WORKFLOW_MOVES = {
    WorkflowStatus.ACTIVE: {WorkflowStatus.PAUSED, WorkflowStatus.RETIRED},
    WorkflowStatus.PAUSED: {WorkflowStatus.ACTIVE, WorkflowStatus.RETIRED},
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
UPLOAD_MOVES = {
    UploadStatus.DRAFT: {UploadStatus.CHECKING, UploadStatus.DROPPED},
    UploadStatus.CHECKING: {UploadStatus.CHECKED, UploadStatus.DROPPED},
    # Checked to checking: the mapping was changed, or another version published.
    UploadStatus.CHECKED: {UploadStatus.CHECKING, UploadStatus.STARTING, UploadStatus.DROPPED},
    UploadStatus.STARTING: {UploadStatus.STOPPED, UploadStatus.DONE},
    UploadStatus.STOPPED: {UploadStatus.STARTING},
}
TOKEN_MOVES = {TokenStatus.ACTIVE: {TokenStatus.WITHDRAWN}}
BRAKE_MOVES = {
    BrakeStatus.RELEASED: {BrakeStatus.PULLED},
    BrakeStatus.PULLED: {BrakeStatus.RELEASED},
}
# To proposed: something that decides was changed, or a retired one is asked for again. Changed to approved: it is
# declared again as it was signed, and somebody has looked.
TOOL_MOVES = {
    ToolStatus.PROPOSED: {ToolStatus.APPROVED, ToolStatus.RETIRED},
    ToolStatus.APPROVED: {ToolStatus.OFF, ToolStatus.CHANGED, ToolStatus.PROPOSED, ToolStatus.RETIRED},
    ToolStatus.CHANGED: {ToolStatus.APPROVED, ToolStatus.PROPOSED, ToolStatus.RETIRED},
    ToolStatus.OFF: {ToolStatus.APPROVED, ToolStatus.CHANGED, ToolStatus.PROPOSED, ToolStatus.RETIRED},
    ToolStatus.RETIRED: {ToolStatus.PROPOSED},
}
# Once a version of an agent is signed it is never proposed again: a newer version is signed while this one works.
AGENT_MOVES = {
    AgentStatus.PROPOSED: {AgentStatus.APPROVED},
    AgentStatus.APPROVED: {AgentStatus.OFF},
    AgentStatus.OFF: {AgentStatus.APPROVED},
}
CONNECTION_MOVES = {
    ConnectionStatus.PROPOSED: {ConnectionStatus.APPROVED, ConnectionStatus.RETIRED},
    ConnectionStatus.APPROVED: {ConnectionStatus.OFF, ConnectionStatus.PROPOSED, ConnectionStatus.RETIRED},
    ConnectionStatus.OFF: {ConnectionStatus.APPROVED, ConnectionStatus.PROPOSED, ConnectionStatus.RETIRED},
    ConnectionStatus.RETIRED: {ConnectionStatus.PROPOSED},
}
# Approved or suspended to proposed: something that decides was changed. Retired to proposed: it may be asked for again.
MODEL_MOVES = {
    ModelStatus.PROPOSED: {ModelStatus.APPROVED, ModelStatus.RETIRED},
    ModelStatus.APPROVED: {ModelStatus.SUSPENDED, ModelStatus.PROPOSED, ModelStatus.RETIRED},
    ModelStatus.SUSPENDED: {ModelStatus.APPROVED, ModelStatus.PROPOSED, ModelStatus.RETIRED},
    ModelStatus.RETIRED: {ModelStatus.PROPOSED},
}
MODEL_TEST_MOVES = {ModelTestStatus.ASKED: {ModelTestStatus.DONE, ModelTestStatus.FAILED}}
RULESET_MOVES = {
    RuleSetStatus.DRAFT: {RuleSetStatus.ACTIVE},
    RuleSetStatus.ACTIVE: {RuleSetStatus.RETIRED},
}
PATTERN_MOVES = {
    PatternStatus.ON: {PatternStatus.OFF},
    PatternStatus.OFF: {PatternStatus.ON},
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
