"""Of what steps work with: models, tools, connections, agents."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class Capability(models.TextChoices):
    """What a model can do besides writing text."""

    TOOLS = "tools", _("Tools")
    SCHEMA = "schema", _("JSON schema")
    VISION = "vision", _("Pictures")
    LOGPROBS = "logprobs", _("Log-probabilities")


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
