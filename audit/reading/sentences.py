"""The words for each kind of event. A kind that is not here is shown as it is."""

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Sentence(NamedTuple):
    """An icon, its tone, and the words, in which %(who)s and others stand for names."""

    drawn: str
    tone: str
    words: str | Promise


FAMILIES = {
    "run": _("Runs"),
    "steprun": _("Steps"),
    "review": _("Decisions"),
    "workflow": _("Workflows"),
    "version": _("Versions"),
    "trigger": _("Triggers"),
    "grant": _("Permissions"),
    "group": _("Groups"),
    "user": _("People"),
    "login": _("Signing in"),
    "logout": _("Signing out"),
    "setting": _("Settings"),
    "record": _("Exports"),
    "ledger": _("The record itself"),
}

PERMISSIONS = {
    "view_workflow": _("see"),
    "start_workflow": _("start"),
    "decide_workflow": _("decide"),
    "manage_workflow": _("manage"),
    "view_record": _("read the record"),
    "export_record": _("export the record"),
    "view_report": _("read the reports"),
    "change_choices": _("change the settings"),
}

SENTENCES = {
    "run.accepted": Sentence("play", "", _("%(who)s started %(run)s: %(title)s")),
    "run.running": Sentence("play", "", _("Work on %(run)s began")),
    "run.done": Sentence("circle-check", "ok", _("%(Run)s ended: %(outcome)s")),
    "run.failed": Sentence("circle-x", "bad", _("%(Run)s failed")),
    "run.cancelled": Sentence("ban", "", _("%(who)s cancelled %(run)s")),
    "steprun.ready": Sentence("circle-dashed", "", _("%(step)s, %(run)s, is ready to be carried out")),
    "steprun.running": Sentence("loader", "", _("%(who)s took up %(step)s, %(run)s")),
    "steprun.waiting": Sentence("user", "", _("%(step)s, %(run)s, waits for a person")),
    "steprun.acting": Sentence("send", "", _("%(step)s, %(run)s, calls %(tool)s")),
    "steprun.done": Sentence("check", "ok", _("%(step)s, %(run)s, is done")),
    "steprun.failed": Sentence("circle-x", "bad", _("%(step)s, %(run)s, failed")),
    "steprun.cancelled": Sentence("ban", "", _("%(step)s, %(run)s, was cancelled")),
    "steprun.late_refused": Sentence("shield", "warn", _("A result of %(step)s, %(run)s, was too late, and refused")),
    "review.open": Sentence("user", "", _("The group %(group)s was asked: %(title)s")),
    "review.approved": Sentence("check", "ok", _("%(who)s approved %(title)s")),
    "review.rejected": Sentence("x", "bad", _("%(who)s rejected %(title)s")),
    "review.withdrawn": Sentence("ban", "", _("The question was withdrawn: %(title)s")),
    "workflow.active": Sentence("workflow", "", _("%(who)s put the workflow %(workflow)s in use")),
    "workflow.retired": Sentence("archive", "", _("%(who)s retired the workflow %(workflow)s")),
    "version.draft": Sentence("pencil", "", _("%(who)s drafted version %(version)s of %(workflow)s")),
    "version.published": Sentence("circle-check", "ok", _("%(who)s published version %(version)s of %(workflow)s")),
    "version.retired": Sentence("archive", "", _("Version %(version)s of %(workflow)s was retired")),
    "trigger.active": Sentence("zap", "", _("%(who)s switched on the trigger %(trigger)s of %(workflow)s")),
    "trigger.paused": Sentence("pause", "warn", _("%(who)s paused the trigger %(trigger)s of %(workflow)s")),
    "grant.given": Sentence("key-round", "", _("%(who)s gave %(holder)s a permission: %(permission)s")),
    "grant.taken": Sentence("key-round", "warn", _("%(who)s took a permission back from %(holder)s: %(permission)s")),
    "group.joined": Sentence("users", "", _("%(who)s put %(name)s into the group %(group)s")),
    "group.left": Sentence("users", "warn", _("%(who)s took %(name)s out of the group %(group)s")),
    "user.created": Sentence("user-plus", "", _("%(who)s made a login for %(name)s")),
    "login.done": Sentence("log-in", "", _("%(who)s signed in")),
    "login.failed": Sentence("shield-x", "warn", _("%(who)s tried to sign in as %(name)s and failed")),
    "logout.done": Sentence("log-out", "", _("%(who)s signed out")),
    "setting.changed": Sentence("settings", "", _("%(who)s changed %(key)s from %(was)s to %(value)s")),
    "record.exported": Sentence("download", "", _("%(who)s took the record up to event %(upto)s away as %(form)s")),
    "ledger.guarded": Sentence("shield-check", "warn", _("%(who)s put the guards of the record back")),
}

TAKEN_BACK = Sentence("undo-2", "warn", _("%(who)s took a decision back: %(title)s"))
WITH_EDITS = Sentence("check", "ok", _("%(who)s approved with edits: %(title)s"))
ANSWERED = Sentence("circle-dashed", "", _("%(step)s, %(run)s, has its answer"))
WAITS_AGAIN = Sentence("user", "", _("%(step)s, %(run)s, waits for a person again"))
TRIED_AGAIN = Sentence("rotate-ccw", "warn", _("%(step)s, %(run)s, is tried again after an error"))
WORKER_LOST = Sentence("unplug", "warn", _("%(step)s, %(run)s, is tried again: its worker was lost"))
DECISIONS_EXPORTED = Sentence("download", "", _("%(who)s took decisions away as %(form)s"))
NO_SENTENCE = Sentence("circle-dot", "", "")


def which(kind: str, body: dict[str, Any]) -> Sentence:
    """The sentence for a kind, as what happened before makes it."""
    match kind, body:
        case "review.open", {"undone": _}:
            return TAKEN_BACK
        case "review.approved", {"edited": True}:
            return WITH_EDITS
        case "steprun.ready", {"lease_ended": True}:
            return WORKER_LOST
        case "steprun.ready", {"was": "running"}:
            return TRIED_AGAIN
        case "steprun.ready", {"was": "waiting"}:
            return ANSWERED
        case "steprun.waiting", {"was": "ready"}:
            return WAITS_AGAIN
        case "record.exported", {"of": "decisions"}:
            return DECISIONS_EXPORTED
    return SENTENCES.get(kind, NO_SENTENCE)
