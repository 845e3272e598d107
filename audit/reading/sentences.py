"""The words for each kind of event. A kind that is not here is shown as it is."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.reading import of_catalog, of_who, of_work
from audit.reading.sentence import Sentence as Sentence

FAMILIES = {
    "run": _("Runs"),
    "steprun": _("Steps"),
    "review": _("Decisions"),
    "workflow": _("Workflows"),
    "version": _("Versions"),
    "trigger": _("Triggers"),
    "upload": _("Uploads"),
    "proposal": _("Second signatures"),
    "waiver": _("Waivers"),
    "ruleset": _("Rules"),
    "pattern": _("Own patterns"),
    "calendar": _("Calendars"),
    "apitoken": _("API tokens"),
    "brake": _("The stop button"),
    "limit": _("Limits"),
    "model": _("Models"),
    "modeltest": _("Tests of models"),
    "keptkey": _("Keys of models"),
    "agent": _("Agents"),
    "tool": _("Tools"),
    "connection": _("Connections"),
    "hook": _("Outgoing webhooks"),
    "inquiry": _("Questions to other systems"),
    "event": _("Events from outside"),
    "grant": _("Permissions"),
    "group": _("Groups"),
    "user": _("People"),
    "absence": _("Absences"),
    "invitation": _("Invitations"),
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
    "make_workflow": _("make workflows"),
    "view_record": _("read the record"),
    "export_record": _("export the record"),
    "view_report": _("read the reports"),
    "change_choices": _("change the settings"),
    "stop_everything": _("stop everything"),
}

SENTENCES = {
    **of_work.SENTENCES,
    **of_catalog.SENTENCES,
    "review.open": Sentence("user", "", _("The group %(group)s was asked: %(title)s")),
    "review.filled": Sentence("check", "ok", _("%(who)s approved %(title)s, and others are asked next")),
    "review.approved": Sentence("check", "ok", _("%(who)s approved %(title)s")),
    "review.rejected": Sentence("x", "bad", _("%(who)s rejected %(title)s")),
    **of_who.SENTENCES,
    "review.reminded": Sentence("clock", "", _("Those who are asked were reminded: %(title)s")),
    "review.escalated": Sentence(
        "users", "", _("Nobody had answered, so the group %(group)s was asked as well: %(title)s")
    ),
    "review.lapsed": Sentence("timer", "warn", _("The clock ended %(title)s, since nobody had answered")),
    "review.stayed": Sentence("timer", "warn", _("Nobody answered in time, and it waits on: %(title)s")),
    "review.seconded": Sentence("eye", "", _("A second reviewer answered blindly: %(title)s")),
    "review.second_decided": Sentence("eye", "", _("%(who)s answered blindly as a second reviewer: %(title)s")),
    "review.second_lacking": Sentence("eye", "warn", _("Nobody else could answer blindly: %(title)s")),
    "review.commented": Sentence("message-square", "", _("%(who)s commented on %(title)s")),
    "review.sent_back": Sentence("undo-2", "warn", _("%(who)s sent %(title)s back")),
    "review.withdrawn": Sentence("ban", "", _("The question was withdrawn: %(title)s")),
    "workflow.active": Sentence("workflow", "", _("%(who)s put the workflow %(workflow)s in use")),
    "workflow.imported": Sentence("file-input", "", _("%(who)s imported the workflow %(workflow)s from a file")),
    "workflow.paused": Sentence("pause", "warn", _("%(who)s paused the workflow %(workflow)s%(because)s")),
    "workflow.retired": Sentence("archive", "", _("%(who)s retired the workflow %(workflow)s")),
    "version.draft": Sentence("pencil", "", _("%(who)s began a draft of %(workflow)s")),
    "version.edited": Sentence("pencil", "", _("%(who)s edited the draft of %(workflow)s")),
    "version.discarded": Sentence("archive", "", _("%(who)s put the draft of %(workflow)s away")),
    "version.published": Sentence("circle-check", "ok", _("%(who)s published version %(version)s of %(workflow)s")),
    "version.retired": Sentence("archive", "", _("Version %(version)s of %(workflow)s was retired")),
    "trigger.active": Sentence("zap", "", _("%(who)s switched on the trigger %(trigger)s of %(workflow)s")),
    "proposal.open": Sentence("pen-line", "", _("%(who)s asked for a second signature: %(title)s")),
    "proposal.signed": Sentence("check", "ok", _("%(who)s signed what %(name)s proposed, %(title)s%(because)s")),
    "proposal.refused": Sentence("x", "bad", _("%(who)s refused what %(name)s proposed, %(title)s%(because)s")),
    "proposal.withdrawn": Sentence("undo-2", "", _("%(who)s withdrew the proposal %(title)s%(because)s")),
    "proposal.lapsed": Sentence("timer-off", "warn", _("Nobody signed in time what %(name)s proposed: %(title)s")),
    "waiver.signed": Sentence(
        "shield-off",
        "warn",
        _("No review at %(step)s of %(workflow)s until %(until)s, signed by %(who)s%(because)s"),
    ),
    "trigger.paused": Sentence("pause", "warn", _("%(who)s paused the trigger %(trigger)s of %(workflow)s%(because)s")),
    "trigger.changed": Sentence("pencil", "", _("%(who)s changed the trigger %(trigger)s of %(workflow)s")),
    "trigger.secret_changed": Sentence(
        "key-round", "", _("%(who)s gave the trigger %(trigger)s of %(workflow)s a new secret")
    ),
    "trigger.refused": Sentence(
        "shield-x", "warn", _("What came to the trigger %(trigger)s of %(workflow)s was refused%(because)s")
    ),
    "trigger.failed": Sentence(
        "circle-x", "bad", _("What came to the trigger %(trigger)s of %(workflow)s could not be read%(because)s")
    ),
    "trigger.missed": Sentence("timer-off", "warn", _("The trigger %(trigger)s of %(workflow)s was late%(because)s")),
    "upload.draft": Sentence("table-2", "", _("%(who)s sent %(rows)s rows for %(workflow)s: %(title)s")),
    "upload.checking": Sentence("list-checks", "", _("%(who)s had the rows of %(title)s looked through")),
    "upload.checked": Sentence("list-checks", "", _("The rows of %(title)s were looked through: %(rows)s fit")),
    "upload.starting": Sentence("play", "", _("%(who)s let %(rows)s rows of %(title)s start runs of %(workflow)s")),
    "upload.stopped": Sentence("octagon-pause", "warn", _("%(who)s stopped the upload %(title)s%(because)s")),
    "upload.done": Sentence("circle-check", "ok", _("The upload %(title)s is done: %(rows)s runs were started")),
    "upload.dropped": Sentence("archive", "", _("%(who)s threw the upload %(title)s away")),
    "upload.exported": Sentence("download", "", _("%(who)s took the results of %(title)s away")),
    "ruleset.draft": Sentence("pencil", "", _("%(who)s began a draft of the rules")),
    "ruleset.edited": Sentence("pencil", "", _("%(who)s edited the draft of the rules")),
    "ruleset.discarded": Sentence("archive", "", _("%(who)s put the draft of the rules away")),
    "ruleset.active": Sentence("scale", "ok", _("%(who)s put set %(number)s of the rules in force%(because)s")),
    "ruleset.retired": Sentence("archive", "", _("Set %(number)s of the rules holds no longer")),
    "user.notices_chosen": Sentence("bell", "", _("%(who)s chose when and how they are told")),
    "calendar.created": Sentence("calendar", "", _("%(who)s made the calendar %(called)s")),
    "calendar.changed": Sentence("calendar", "", _("%(who)s changed the calendar %(called)s")),
    "calendar.deleted": Sentence("archive", "warn", _("%(who)s deleted the calendar %(called)s")),
    "pattern.on": Sentence("search", "", _("%(who)s has the pattern %(called)s looked for%(because)s")),
    "pattern.changed": Sentence("pencil", "warn", _("%(who)s changed the pattern %(called)s%(because)s")),
    "pattern.off": Sentence("ban", "warn", _("%(who)s switched off the pattern %(called)s%(because)s")),
    "apitoken.active": Sentence("key-round", "", _("%(who)s made the API token %(token)s…")),
    "apitoken.withdrawn": Sentence("ban", "warn", _("%(who)s withdrew the API token %(token)s…")),
    "brake.pulled": Sentence("octagon-x", "bad", _("%(who)s stopped everything%(because)s")),
    "brake.released": Sentence("play", "ok", _("%(who)s let everything go on%(because)s")),
    "limit.set": Sentence("gauge", "", _("%(who)s set a limit for %(lane)s: %(at_once)s at once")),
    "event.told": Sentence("radio", "", _("%(who)s told of the event %(called)s")),
    "grant.given": Sentence("key-round", "", _("%(who)s gave %(holder)s a permission: %(permission)s")),
    "grant.taken": Sentence("key-round", "warn", _("%(who)s took a permission back from %(holder)s: %(permission)s")),
    "group.joined": Sentence("users", "", _("%(who)s put %(name)s into the group %(group)s")),
    "group.left": Sentence("users", "warn", _("%(who)s took %(name)s out of the group %(group)s")),
    "user.created": Sentence("user-plus", "", _("%(who)s made a login for %(name)s")),
    "user.password": Sentence("key-round", "warn", _("%(who)s gave %(name)s another password")),
    "user.erased": Sentence("user", "warn", _("%(who)s erased what was held of a person")),
    "user.factor_added": Sentence("shield-check", "", _("%(who)s set up for signing in: %(called)s")),
    "user.factor_removed": Sentence("shield-x", "warn", _("%(who)s no longer signs in with: %(called)s")),
    "user.session_ended": Sentence("log-out", "", _("%(who)s ended sessions of their own")),
    "invitation.open": Sentence("user-plus", "", _("%(who)s invited %(name)s")),
    "invitation.accepted": Sentence("user-plus", "ok", _("%(name)s came in by an invitation")),
    "invitation.withdrawn": Sentence("ban", "warn", _("%(who)s withdrew the invitation of %(name)s")),
    "group.made": Sentence("users", "", _("%(who)s made the group %(group)s")),
    "login.done": Sentence("log-in", "", _("%(who)s signed in")),
    "login.failed": Sentence("shield-x", "warn", _("%(who)s tried to sign in as %(name)s and failed")),
    "logout.done": Sentence("log-out", "", _("%(who)s signed out")),
    "setting.changed": Sentence("settings", "", _("%(who)s changed %(key)s from %(was)s to %(value)s")),
    "record.exported": Sentence("download", "", _("%(who)s took the record up to event %(upto)s away as %(form)s")),
    "ledger.unsigned": Sentence("shield-alert", "bad", _("The record went on without being signed%(why)s")),
    "ledger.restored": Sentence("shield-alert", "warn", _("%(who)s had the record signed again%(because)s")),
    "ledger.rotated": Sentence("key-round", "", _("%(who)s gave the record a new key, which both keys signed")),
    "ledger.verified": Sentence("shield-check", "ok", _("%(who)s had %(rows)s entries checked: the record is whole")),
    "ledger.broken": Sentence(
        "shield-alert", "bad", _("%(who)s had %(rows)s entries checked: the record is not whole")
    ),
    "record.packed": Sentence("package", "", _("%(who)s took %(rows)s entries away as an evidence pack")),
    "ledger.guarded": Sentence("shield-check", "warn", _("%(who)s put the guards of the record back")),
}

TAKEN_BACK = Sentence("undo-2", "warn", _("%(who)s took a decision back: %(title)s"))
WITH_EDITS = Sentence("check", "ok", _("%(who)s approved with edits: %(title)s"))
UPLOAD_GOES_ON = Sentence("play", "", _("%(who)s let the upload %(title)s go on with %(rows)s rows"))
WORKFLOW_GOES_ON = Sentence("play", "ok", _("%(who)s let the workflow %(workflow)s go on"))
LIMIT_GONE = Sentence("gauge", "", _("%(who)s took the limit for %(lane)s away"))
DECISIONS_EXPORTED = Sentence("download", "", _("%(who)s took decisions away as %(form)s"))
NO_SENTENCE = Sentence("circle-dot", "", "")


def which(kind: str, body: dict[str, Any]) -> Sentence:
    """The sentence for a kind, as what happened before makes it."""
    match kind, body:
        case "upload.starting", {"was": "stopped"}:
            return UPLOAD_GOES_ON
        case "workflow.active", {"was": "paused"}:
            return WORKFLOW_GOES_ON
        case "limit.set", {"at_once": None}:
            return LIMIT_GONE
        case "record.exported", {"of": "decisions"}:
            return DECISIONS_EXPORTED
        case str(), _ if of := OF.get(kind.partition(".")[0]):
            return of(kind, body) or NO_SENTENCE
    return SENTENCES.get(kind, NO_SENTENCE)


def _of_review(kind: str, body: dict[str, Any]) -> Sentence | None:
    match kind, body:
        case "review.open", {"undone": _}:
            return TAKEN_BACK
        case "review.open", {"asks": str()}:
            return of_who.PEOPLE_ASKED
        case str(), {"stands_for": int()} if kind in of_who.FOR_ANOTHER:
            return of_who.FOR_ANOTHER[kind]
        case "review.approved", {"edited": True}:
            return WITH_EDITS
    return SENTENCES.get(kind)


OF = {
    "run": of_work.which_run,
    "steprun": of_work.which_step,
    "model": of_catalog.which_model,
    "review": _of_review,
}
