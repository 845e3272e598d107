"""Each kind of event as a sentence in plain words. What came from outside is escaped and shown as it is."""

from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from audit.reading.sentences import PERMISSIONS, SENTENCES, which
from audit.templatetags.visible import visible


class Told(NamedTuple):
    """An event as people read it: an icon, its tone, and the sentence as safe HTML."""

    drawn: str
    tone: str
    text: SafeString


def knows(kind: str) -> bool:
    """Whether there is a sentence for a kind."""
    return kind in SENTENCES


def tell(event: Event) -> Told:
    """The event's sentence, to be put on a page."""
    drawn, tone, sentence = which(event.kind, event.data)
    if not sentence:
        return Told("circle-dot", "", format_html("<b>{}</b>", visible(event.kind)))
    pieces = {name: visible(value) for name, value in _pieces(event).items()}
    pieces["who"] = format_html("<b>{}</b>", pieces["who"])
    return Told(drawn, tone, mark_safe(str(sentence) % pieces))  # noqa: S308 (every piece is escaped)


def plain(event: Event) -> str:
    """The event's sentence as plain text, for files."""
    _drawn, _tone, sentence = which(event.kind, event.data)
    return str(sentence) % _pieces(event) if sentence else event.kind


UNNAMED = {
    "worker": gettext_lazy("A worker"),
    "agent": gettext_lazy("An agent"),
    "clock": gettext_lazy("The clock"),
    "command": gettext_lazy("A command"),
    "trigger": gettext_lazy("Another system"),
    "nobody": gettext_lazy("Somebody"),
}


def who(event: Event) -> str:
    """Who acted, by name; somebody whose name was erased keeps their number."""
    if name := event.about.get("actor"):
        return str(name)
    if event.actor_kind in UNNAMED:
        return str(UNNAMED[event.actor_kind])
    return _("Person %(id)s") % {"id": event.actor_id}


def _pieces(event: Event) -> dict[str, str]:
    """Everything that a sentence may name."""
    body, about = event.data, event.about
    run = _("run %(id)s") % {"id": event.run_id} if event.run_id else ""
    return {
        "who": who(event),
        "title": str(about.get("title") or run or _("something whose title was erased")),
        "run": run or _("a run"),
        "Run": _("Run %(id)s") % {"id": event.run_id or ""},
        "step": str(body.get("step", "")),
        "workflow": str(body.get("workflow", "")),
        "version": str(body.get("version", "")),
        "group": str(body.get("group", "")),
        "outcome": str(body.get("outcome", "") or _("no outcome")),
        "trigger": str(body.get("trigger", "")),
        "token": str(body.get("token", "")),
        "tool": str(body.get("tool", "")),
        "name": str(about.get("name") or about.get("login") or _("somebody whose name was erased")),
        "manager": str(about.get("manager") or _("somebody whose name was erased")),
        "deputy": str(about.get("deputy") or _("somebody whose name was erased")),
        "deputised": str(about.get("stands_for") or _("somebody whose name was erased")),
        "from_day": str(body.get("from_day", "")),
        "to_day": str(body.get("to_day", "")),
        "holder": _holder(body, about),
        "permission": _permission(body),
        "key": str(body.get("key", "")),
        "was": _value(body.get("was")),
        "value": _value(body.get("value")),
        "because": _(": %(reason)s") % {"reason": about["reason"]} if about.get("reason") else "",
        "lane": _lane(str(body.get("lane", ""))),
        "at_once": str(body.get("at_once", "")),
        "called": str(body.get("event") or body.get("name") or ""),
        "form": str(body.get("form", "")).upper(),
        "upto": str(body.get("up_to", "")),
        "rows": str(body.get("rows", "")),
        "why": _(": %(reason)s") % {"reason": body["why"]} if body.get("why") else "",
        "until": str(body.get("until", "")),
        "number": str(body.get("number", "")),
        "class_now": str(body.get("class_now", "")),
    }


def _holder(body: dict[str, Any], about: dict[str, Any]) -> str:
    to = held if isinstance(held := body.get("to"), dict) else {}
    return str(to.get("name") or about.get("to") or _("somebody whose name was erased"))


def _permission(body: dict[str, Any]) -> str:
    told = str(PERMISSIONS.get(body.get("permission", ""), body.get("permission", "")))
    return f"{told}: {body['workflow']}" if "workflow" in body else told


def _lane(lane: str) -> str:
    kind, _colon, name = lane.partition(":")
    return (_("the model %(name)s") if kind == "model" else _("the tool %(name)s")) % {"name": name}


def _value(value: Any) -> str:
    match value:
        case True:
            return _("on")
        case False:
            return _("off")
        case None:
            return _("nothing chosen")
        case _:
            return str(value)
