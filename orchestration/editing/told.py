"""What changed in an agent, in plain sentences: what it calls, whom it asks, who works for it and who decides."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents import naming
from orchestration.documents.outline import Spec
from orchestration.explain import whom
from orchestration.explain.groups import called
from orchestration.explain.words import listed

LIMITS: dict[str, str | Promise] = {
    "turns": gettext_lazy("turns"),
    "calls": gettext_lazy("calls"),
    "fan_out": gettext_lazy("calls of one turn"),
    "repeats": gettext_lazy("equal calls"),
    "tokens": gettext_lazy("tokens"),
    "cost": gettext_lazy("US dollars"),
    "minutes": gettext_lazy("minutes of work"),
    "seconds": gettext_lazy("seconds of a try"),
    "total_seconds": gettext_lazy("seconds in all"),
    "tries": gettext_lazy("tries"),
}
IN_WORDS = {"key", "tools", "workers", "limits"}  # parts of a worker that have a sentence of their own


def sentences(before: Spec, after: Spec) -> Iterator[str]:
    """Of an agent that stands in both documents; nothing for what did not change."""
    yield from _tools(before, after)
    yield from _workers(before.get("workers", []), after.get("workers", []))
    yield from _calls(before.get("call_review", {}), after.get("call_review", {}))
    yield from _asks(before, after)
    yield from _limits(before.get("limits", {}), after.get("limits", {}))


def _tools(before: Spec, after: Spec) -> Iterator[str]:
    old, new = before.get("tools", []), after.get("tools", [])
    if more := [name for name in new if name not in old]:
        yield _("It may call %s as well.") % listed(more)
    if gone := [name for name in old if name not in new]:
        yield _("It may not call %s any more.") % listed(gone)


def _workers(before: Sequence[Spec], after: Sequence[Spec]) -> Iterator[str]:
    old, new = ({str(one["key"]): one for one in each} for each in (before, after))
    for key, worker in new.items():
        if key in old:
            yield from _worker(old[key], worker)
        elif worker["tools"]:
            told = {"name": worker["name"], "tools": listed(worker["tools"])}
            yield _("It may give work to “%(name)s”, which may call %(tools)s.") % told
        else:
            yield _("It may give work to “%s”, which has no tools.") % worker["name"]
    for key, worker in old.items():
        if key not in new:
            yield _("It may not give work to “%s” any more.") % worker["name"]


def _worker(before: Spec, after: Spec) -> Iterator[str]:
    inside = [*_tools(before, after), *_workers(before.get("workers", []), after.get("workers", []))]
    inside += _limits(before.get("limits", {}), after.get("limits", {}))
    names = dict.fromkeys([*after, *before])
    if others := [name for name in names if name not in IN_WORDS and before.get(name) != after.get(name)]:
        inside.append(_("Changed: %s.") % listed(others))
    for sentence in inside:
        yield _("The worker “%(name)s”: %(sentence)s") % {"name": after["name"], "sentence": sentence}


def _calls(before: Spec, after: Spec) -> Iterator[str]:
    """Who decides on its calls."""
    if before == after:
        return
    old, new = _decides(before), _decides(after)
    if new and new != old:
        yield _("%s decide on its calls that change something.") % listed(new)
    elif new:
        yield _("The same groups decide on its calls; what they are shown or told has changed.")
    elif old:
        yield _("Nobody decides on its calls any more.")
    if (waiver := after.get("waiver")) is not None and waiver != before.get("waiver"):
        reason = waiver.get("reason", "") if isinstance(waiver, dict) else waiver
        yield _("That is waived: %s") % reason


def _decides(review: Spec) -> list[str]:
    if "when" not in review:
        return []
    return [whom.said(entry) for _path, entry in naming.entries(review) if whom.names(entry)]


def _asks(before: Spec, after: Spec) -> Iterator[str]:
    old, new = ((one.get("asks") or {}).get("group") for one in (before, after))
    if new and new != old:
        yield _("It may ask %s.") % called(str(new))
    elif old and not new:
        yield _("It may ask nobody any more.")
    elif before.get("asks") != after.get("asks"):
        yield _("It asks the same people; what they are told, or how soon they answer, has changed.")
    if bool(before.get("talks")) != bool(after.get("talks")):
        yield (
            _("What it says without a call goes to them, until they end the talk.")
            if after.get("talks")
            else _("What it says without a call is its answer; it talks no longer.")
        )


def _limits(before: Spec, after: Spec) -> Iterator[str]:
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        told: dict[str, Any] = {"what": LIMITS.get(name, name), "old": old, "new": new}
        if old == new:
            continue
        if name == "repeats" and new is not None:
            yield _("The same call %d times over stops it.") % new
            continue
        if old is None:
            yield _("At the most %(new)s %(what)s; there was no such limit.") % told
        elif new is None:
            yield _("No limit on %(what)s any more; it was %(old)s.") % told
        else:
            yield _("At the most %(new)s %(what)s, not %(old)s.") % told
