"""The words for what steps work with: models, their tests and keys, agents, tools, connections, webhooks."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.reading.sentence import Sentence

SENTENCES = {
    "model.proposed": Sentence("sparkles", "", _("%(who)s proposed the model %(called)s")),
    "model.approved": Sentence("check", "ok", _("%(who)s let steps use the model %(called)s")),
    "model.renewed": Sentence("check", "ok", _("%(who)s let steps use the model %(called)s for longer")),
    "model.changed": Sentence("pencil", "", _("%(who)s changed what is said of the model %(called)s")),
    "model.suspended": Sentence("pause", "warn", _("%(who)s suspended the model %(called)s%(because)s")),
    "model.retired": Sentence("archive", "", _("%(who)s retired the model %(called)s%(because)s")),
    "modeltest.asked": Sentence("plug-zap", "", _("%(who)s asked for a test of the model %(called)s")),
    "modeltest.done": Sentence("circle-check", "ok", _("The test of the model %(called)s was answered")),
    "modeltest.failed": Sentence("circle-x", "bad", _("The test of the model %(called)s failed")),
    "keptkey.kept": Sentence("key-round", "", _("%(who)s gave the key %(called)s to be kept")),
    "keptkey.changed": Sentence("key-round", "warn", _("%(who)s put another key in the place of %(called)s")),
    "keptkey.dropped": Sentence("key-round", "", _("%(who)s had the key %(called)s forgotten")),
    "agent.proposed": Sentence("bot", "", _("%(who)s drew up the agent %(called)s")),
    "agent.revised": Sentence("pencil", "", _("%(who)s changed what is said of the agent %(called)s")),
    "agent.approved": Sentence("check", "ok", _("%(who)s let steps use the agent %(called)s")),
    "agent.signed": Sentence("check", "ok", _("%(who)s signed a new version of the agent %(called)s")),
    "agent.off": Sentence("ban", "warn", _("%(who)s switched off the agent %(called)s")),
    "tool.proposed": Sentence("plug", "", _("%(called)s is offered, and waits to be proposed")),
    "tool.revised": Sentence("pencil", "", _("%(who)s changed what is said of the tool %(called)s")),
    "tool.given": Sentence("user-plus", "", _("%(who)s said who else may use the tool %(called)s")),
    "tool.taken": Sentence("user-minus", "", _("%(who)s said who may use the tool %(called)s no more")),
    "tool.renewed": Sentence("check", "ok", _("%(who)s signed the tool %(called)s anew")),
    "tool.retired": Sentence("archive", "", _("%(who)s retired the tool %(called)s")),
    "tool.declared": Sentence("plug", "warn", _("The tool %(called)s is declared otherwise than before")),
    "tool.again": Sentence("plug", "ok", _("The tool %(called)s is declared again as it was signed")),
    "connection.proposed": Sentence("plug", "", _("%(who)s proposed the connection %(called)s")),
    "connection.revised": Sentence("pencil", "", _("%(who)s changed the connection %(called)s")),
    "connection.approved": Sentence("check", "ok", _("%(who)s let the connection %(called)s be used")),
    "connection.renewed": Sentence("check", "ok", _("%(who)s signed the connection %(called)s anew")),
    "connection.off": Sentence("ban", "warn", _("%(who)s stopped the connection %(called)s")),
    "connection.retired": Sentence("archive", "", _("%(who)s retired the connection %(called)s")),
    "hook.proposed": Sentence("webhook", "", _("%(who)s proposed the webhook %(called)s")),
    "hook.revised": Sentence("pencil", "", _("%(who)s changed the webhook %(called)s")),
    "hook.approved": Sentence("check", "ok", _("%(who)s let the webhook %(called)s be told")),
    "hook.renewed": Sentence("check", "ok", _("%(who)s signed the webhook %(called)s anew")),
    "hook.off": Sentence("ban", "warn", _("%(who)s switched the webhook %(called)s off")),
    "hook.retired": Sentence("archive", "", _("%(who)s retired the webhook %(called)s")),
    "hook.secret": Sentence("key-round", "", _("%(who)s gave the webhook %(called)s another secret")),
    "hook.again": Sentence("repeat", "", _("%(who)s had the webhook %(called)s told once more")),
    "inquiry.asked": Sentence("search", "", _("%(who)s asked %(called)s")),
    "inquiry.done": Sentence("search", "ok", _("%(called)s answered what it was asked")),
    "inquiry.failed": Sentence("search", "warn", _("%(called)s did not answer what it was asked")),
    "tool.approved": Sentence("check", "ok", _("%(who)s let steps use the tool %(called)s")),
    "tool.off": Sentence("ban", "warn", _("%(who)s switched off the tool %(called)s")),
    "tool.changed": Sentence("plug", "warn", _("The tool %(called)s says something else of itself than before")),
}

PROPOSED_AGAIN = Sentence("pen-line", "warn", _("The model %(called)s must be signed again: %(who)s changed it"))
SWITCHED_OFF = Sentence("ban", "warn", _("%(who)s switched off the model %(called)s"))  # before it was suspended
RESUMED = Sentence("play", "ok", _("%(who)s let steps use the suspended model %(called)s again"))


def which_model(kind: str, body: dict[str, Any]) -> Sentence | None:
    """The sentence for a kind of a model, as what happened before makes it."""
    match kind, body:
        case "model.proposed", {"was": "approved" | "suspended"}:
            return PROPOSED_AGAIN
        case "model.approved", {"was": "suspended"} if "until" not in body:
            return RESUMED
        case "model.off", _:
            return SWITCHED_OFF
    return SENTENCES.get(kind)
