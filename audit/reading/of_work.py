"""The words for runs and their steps."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.reading.sentence import Sentence

SENTENCES = {
    "run.accepted": Sentence("play", "", _("%(who)s started %(run)s: %(title)s")),
    "run.running": Sentence("play", "", _("Work on %(run)s began")),
    "run.paused": Sentence("pause", "warn", _("%(who)s paused %(run)s%(because)s")),
    "run.moved": Sentence(
        "git-branch", "", _("%(who)s moved %(run)s from version %(was)s to version %(version)s%(because)s")
    ),
    "run.done": Sentence("circle-check", "ok", _("%(Run)s ended: %(outcome)s")),
    "run.failed": Sentence("circle-x", "bad", _("%(Run)s failed")),
    "run.cancelled": Sentence("ban", "", _("%(Run)s was cancelled%(because)s")),
    "run.cancel_asked": Sentence("octagon-pause", "warn", _("%(who)s told %(run)s to stop%(because)s")),
    "steprun.held": Sentence("pause", "", _("%(step)s, %(run)s, is held back")),
    "steprun.ready": Sentence("circle-dashed", "", _("%(step)s, %(run)s, is ready to be carried out")),
    "steprun.running": Sentence("loader", "", _("%(who)s took up %(step)s, %(run)s")),
    "steprun.waiting": Sentence("user", "", _("%(step)s, %(run)s, waits for a person")),
    "steprun.stop_asked": Sentence("octagon-pause", "warn", _("%(who)s asked %(step)s, %(run)s, to stop%(because)s")),
    "steprun.acting": Sentence("send", "", _("%(step)s, %(run)s, calls %(tool)s")),
    "steprun.done": Sentence("check", "ok", _("%(step)s, %(run)s, is done")),
    "steprun.handed_over": Sentence("arrow-right-left", "", _("%(step)s, %(run)s, handed over to %(called)s")),
    "steprun.sent_back": Sentence("undo-2", "warn", _("%(step)s, %(run)s, was sent back to %(called)s")),
    "steprun.failed": Sentence("circle-x", "bad", _("%(step)s, %(run)s, failed")),
    "steprun.undo_asked": Sentence("undo-2", "warn", _("%(who)s had %(step)s, %(run)s, undone%(because)s")),
    "steprun.settled": Sentence("circle-help", "", _("%(who)s said what became of %(step)s, %(run)s")),
    "steprun.taken_over": Sentence("user", "", _("%(who)s finished %(step)s, %(run)s, by hand%(because)s")),
    "steprun.cancelled": Sentence("ban", "", _("%(step)s, %(run)s, was cancelled%(because)s")),
    "steprun.late_refused": Sentence("shield", "warn", _("A result of %(step)s, %(run)s, was too late, and refused")),
}

STARTED_EDITED = Sentence("play", "", _("%(who)s started %(run)s, with another input for %(step)s: %(title)s"))
GOES_ON = Sentence("play", "", _("%(who)s let %(run)s go on"))
ANSWERED = Sentence("circle-dashed", "", _("%(step)s, %(run)s, has its answer"))
WAITS_AGAIN = Sentence("user", "", _("%(step)s, %(run)s, waits for a person again"))
TRIED_AGAIN = Sentence("rotate-ccw", "warn", _("%(step)s, %(run)s, is tried again after an error"))
STEP_GOES_ON = Sentence("circle-dashed", "", _("%(step)s, %(run)s, is no longer held back"))
STEP_BROKE = Sentence("circle-x", "bad", _("Handrail broke in %(step)s, %(run)s"))
WORKER_LOST = Sentence("unplug", "warn", _("%(step)s, %(run)s, is tried again: its worker was lost"))
WAITS_FOR = {
    "steps": Sentence("list-tree", "", _("%(step)s, %(run)s, waits for the steps inside it")),
    "run": Sentence("workflow", "", _("%(step)s, %(run)s, waits for another run")),
    "moment": Sentence("timer", "", _("%(step)s, %(run)s, waits for its moment")),
    "event": Sentence("radio", "", _("%(step)s, %(run)s, waits for an event")),
    "outcome": Sentence("circle-help", "warn", _("Outcome of %(step)s, %(run)s, unknown: somebody is asked")),
}
SETTLED = {
    "happened": Sentence("circle-check", "", _("%(who)s said that %(step)s, %(run)s, happened%(because)s")),
    "did_not": Sentence(
        "rotate-ccw", "warn", _("%(who)s said that %(step)s, %(run)s, did not happen, and let it be tried%(because)s")
    ),
    "lowered": Sentence(
        "arrow-down", "warn", _("%(who)s let the data of %(step)s, %(run)s, count as %(class_now)s%(because)s")
    ),
    "given_up": Sentence("circle-x", "warn", _("%(who)s gave up %(step)s, %(run)s, its outcome unknown%(because)s")),
}


def which_run(kind: str, body: dict[str, Any]) -> Sentence | None:
    """The sentence for a kind of a run, as what happened before makes it."""
    match kind, body:
        case "run.accepted", {"edited": str()}:
            return STARTED_EDITED
        case "run.running" | "run.accepted", {"was": "paused"}:
            return GOES_ON
    return SENTENCES.get(kind)


def which_step(kind: str, body: dict[str, Any]) -> Sentence | None:
    """The same for a kind of a step."""
    match kind, body:
        case "steprun.ready", {"lease_ended": True}:
            return WORKER_LOST
        case "steprun.ready", {"was": "held"}:
            return STEP_GOES_ON
        case "steprun.ready", {"was": "running"}:
            return TRIED_AGAIN
        case "steprun.ready", {"was": "waiting"}:
            return ANSWERED
        case "steprun.waiting", {"awaits": str(awaits)} if awaits in WAITS_FOR:
            return WAITS_FOR[awaits]
        case "steprun.settled", {"said": str(said)} if said in SETTLED:
            return SETTLED[said]
        case "steprun.waiting", {"was": "ready"}:
            return WAITS_AGAIN
        case "steprun.failed", {"broken": True}:
            return STEP_BROKE
    return SENTENCES.get(kind)
