"""Entries of the record in a few words, for the lists on home and on a run's page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import JSONField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from audit.models import Event, User
from orchestration.groups import called
from orchestration.models import Workflow

ROUTINE = (
    *("run.running", "steprun.ready", "steprun.running", "steprun.waiting", "steprun.acting", "steprun.done"),
    *("version.draft", "logout.done"),
)  # said by others beside them, or of no interest on home


@dataclass(frozen=True, slots=True)
class Told:
    """One entry: when, an icon, who did what, and its place in the record (None while it has none)."""

    at: datetime
    drawn: str
    who: str
    what: str
    run_id: int | None
    event_id: UUID
    leaf: int | None


def seen_by(user: User, workflows: Iterable[Workflow]) -> QuerySet[Event]:
    """The entries that `user` may see: of the workflows they may see, or all with the right to the record."""
    if user.has_perm("audit.view_record"):
        return Event.objects.all()
    return Event.objects.filter(workflow_id__in=[workflow.pk for workflow in workflows])


def latest(entries: QuerySet[Event], most: int) -> list[Told]:
    """The newest entries, newest first. Only the actor's name is read from their erasable part."""
    actor = KeyTextTransform("actor", Cast("personal__data", JSONField()))
    found = entries.select_related("leaf").defer("body_hash").annotate(label=actor).order_by("-id")[:most]
    return [tell(event, getattr(event, "label", None) or "") for event in found]


def tell(event: Event, actor: str) -> Told:
    """One entry in words."""
    data = event.data
    drawn, words = WORDS.get(event.kind, ("circle", lambda _: event.kind))
    about_step = event.object_type == "steprun" or event.kind in {"review.open", "review.withdrawn"}
    by_person = event.actor_kind == "person"
    who = str(data.get("step", "")) if about_step and not by_person else actor or _actor(event)
    leaf = event.leaf.leaf_index if hasattr(event, "leaf") else None
    return Told(event.occurred_at, drawn, who, words(data), event.run_id, event.event_id, leaf)


def _actor(event: Event) -> str:
    """Who acted, when no name is kept."""
    names = {
        "person": _("Person %s") % event.actor_id,
        "worker": _("A worker"),
        "clock": _("The clock"),
        "command": _("A command"),
        "nobody": _("Somebody"),
    }
    return names.get(event.actor_kind, event.actor_kind)


def _accepted(data: dict[str, Any]) -> str:
    trigger = data.get("trigger")
    return _("started a run, from %s") % trigger if trigger else _("started a run")


def _tried(data: dict[str, Any]) -> str:
    tries = int(data.get("tries") or 1)
    return _("is done at try %d") % tries if tries > 1 else _("is done")


def _ready(data: dict[str, Any]) -> str:
    match data.get("was"):
        case "running":
            return _("will be tried again")
        case "waiting":
            return _("has its answer")
        case _:
            return _("is next")


def _asked(data: dict[str, Any]) -> str:
    if data.get("undone"):
        return _("took the decision on %s back") % data.get("step", "")
    asked = {"group": called(str(data.get("group", ""))), "rule": data.get("rule", "")}
    return _("asked %(group)s, rule %(rule)s") % asked


def _approved(data: dict[str, Any]) -> str:
    return (_("approved %s with edits") if data.get("edited") else _("approved %s")) % data.get("step", "")


def _done(data: dict[str, Any]) -> str:
    outcome = data.get("outcome")
    return _("ended the run: %s") % outcome if outcome else _("ended the run")


def _granted(data: dict[str, Any]) -> str:
    to = data.get("to") or {}
    told = {"what": data.get("permission", ""), "to": to.get("name") or _("person %s") % to.get("id", "")}
    return _("gave %(what)s to %(to)s") % told


WORDS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "run.accepted": ("play", _accepted),
    "run.running": ("play", lambda data: _("took the run up")),
    "run.done": ("flag", _done),
    "run.failed": ("circle-x", lambda data: _("ended the run: failed")),
    "run.cancelled": ("ban", lambda data: _("cancelled the run")),
    "steprun.ready": ("circle-dashed", _ready),
    "steprun.running": ("loader", lambda data: _("began")),
    "steprun.waiting": ("user", lambda data: _("waits for a person")),
    "steprun.acting": ("send", lambda data: _("calls %s") % data.get("tool", "")),
    "steprun.done": ("check", _tried),
    "steprun.failed": ("circle-x", lambda data: _("failed")),
    "steprun.cancelled": ("ban", lambda data: _("was cancelled")),
    "steprun.late_refused": ("unplug", lambda data: _("came too late and was refused")),
    "review.open": ("user", _asked),
    "review.approved": ("check", _approved),
    "review.rejected": ("x", lambda data: _("rejected %s") % data.get("step", "")),
    "review.withdrawn": ("ban", lambda data: _("needs no answer any more")),
    "workflow.active": ("workflow", lambda data: _("added the workflow %s") % data.get("workflow", "")),
    "version.draft": ("pencil", lambda data: _("drafted version %s") % data.get("version", "")),
    "version.published": ("circle-check", lambda data: _("published version %s") % data.get("version", "")),
    "version.retired": ("archive", lambda data: _("retired version %s") % data.get("version", "")),
    "trigger.active": ("play", lambda data: _("switched %s on") % data.get("trigger", "")),
    "trigger.paused": ("pause", lambda data: _("paused %s") % data.get("trigger", "")),
    "grant.given": ("key", _granted),
    "grant.taken": ("key", lambda data: _("took %s back") % data.get("permission", "")),
    "group.joined": ("users", lambda data: _("put somebody into %s") % data.get("group", "")),
    "group.left": ("users", lambda data: _("took somebody out of %s") % data.get("group", "")),
    "user.created": ("user-plus", lambda data: _("added a person")),
    "setting.changed": ("settings", lambda data: _("changed the setting %s") % data.get("key", "")),
    "login.done": ("log-in", lambda data: _("signed in")),
    "login.failed": ("lock", lambda data: _("tried to sign in and failed")),
    "logout.done": ("log-out", lambda data: _("signed out")),
    "ledger.guarded": ("shield-check", lambda data: _("put the guards of the record back")),
}
