"""What an agent may do, in plain sentences: what it calls, whom it asks, who works for it, and how far it goes."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration import tools
from orchestration.explain.groups import called
from orchestration.explain.words import leaves, listed

type Spec = dict[str, Any]


def said(spec: Spec) -> str:
    """All of it, for the step itself."""
    told = [_may(spec), *_limits(spec.get("limits", {})), *(_works(one) for one in spec.get("workers", []))]
    if "asks" in spec:
        told.append(asks(spec))
    return " ".join([*told, *_unwatched(spec)])


def under(spec: Spec) -> str:
    """The same in a few words, for a node of a graph: what it calls, and on a line of its own whom it asks."""
    parts = []
    if count := len(spec.get("tools", [])):
        parts.append(ngettext("%d tool", "%d tools", count) % count)
    if count := len(spec.get("workers", [])):
        parts.append(ngettext("%d worker", "%d workers", count) % count)
    asked = (_("talks with people") if spec.get("talks") else _("asks people")) if "asks" in spec else ""
    return "\n".join(filter(None, [", ".join(parts), asked])) or _("agent")


def asks(spec: Spec) -> str:
    """Whom an agent may ask, and when it does."""
    group = called(str(spec["asks"].get("group") or "")) or _("people to be named")
    if spec.get("talks"):
        return _("What it says without a call goes to %(group)s, until they end the talk.") % {"group": group}
    return _("It may ask %(group)s, and waits for the answer.") % {"group": group}


def writes(spec: Spec) -> list[str]:
    """The tools that change something, its own and those of its workers; of one that is gone, nobody knows."""
    names = [name for one in _all(spec) for name in one.get("tools", [])]
    return [name for name in dict.fromkeys(names) if (tool := tools.TOOLS.get(name)) is None or tool.effect != "read"]


def _all(spec: Spec) -> Iterator[Spec]:
    yield spec
    for worker in spec.get("workers", []):
        yield from _all(worker)


def _may(spec: Spec) -> str:
    named, turns = spec.get("tools", []), spec.get("limits", {}).get("turns")
    told = {"tools": listed(named), "turns": turns}
    if not named:
        may = _("An AI agent does it, without tools.")
    elif turns is None:
        may = _("An AI agent does it, in as many turns as it takes; it may call %(tools)s.") % told
    else:
        may = _("An AI agent does it, in %(turns)d turns at most; it may call %(tools)s.") % told
    outside = any(leaves(name) for one in _all(spec) for name in one.get("tools", []))
    return f"{may} {_('What it calls may leave the house.')}" if outside else may


def _limits(limits: Spec) -> Iterator[str]:
    """How far it goes, beside its turns."""
    told = []
    if count := limits.get("calls"):
        told.append(ngettext("%d call", "%d calls", count) % count)
    if count := limits.get("tokens"):
        told.append(ngettext("%d token", "%d tokens", count) % count)
    if cost := limits.get("cost"):
        told.append(_("%s US dollars") % cost)
    if minutes := limits.get("minutes"):
        told.append(_("%g minutes of work") % minutes)
    if told:
        yield _("At the most it takes %s.") % listed(told)
    if repeats := limits.get("repeats"):
        yield _("The same call %d times over stops it.") % repeats


def _works(worker: Spec) -> str:
    told: Spec = {"name": worker["name"], "tools": listed(worker.get("tools", []))}
    turns = worker.get("limits", {}).get("turns")
    if not worker.get("tools"):
        may = _("It may give work to “%(name)s”, which has no tools") % told
    else:
        may = _("It may give work to “%(name)s”, which may call %(tools)s") % told
    may = f"{may}, {ngettext('in %d turn', 'in %d turns', turns) % turns}." if turns else f"{may}."
    helpers = [f"“{one['name']}”" for one in worker.get("workers", [])]
    further = [_("That one may give work to %s.") % listed(helpers)] if helpers else []
    return " ".join([may, *further])


def _unwatched(spec: Spec) -> Iterator[str]:
    """That nobody decides on what it changes, and why."""
    review = spec.get("call_review", {})
    if review.get("when") == "before" or not (named := writes(spec)):
        return
    waiver = review.get("waiver")
    reason = str(waiver.get("reason", "")) if isinstance(waiver, dict) else str(waiver or "")
    told = {"tools": listed(named), "reason": reason.rstrip(".")}
    if reason:
        yield _("Nobody decides on its calls of %(tools)s: %(reason)s.") % told
    else:
        yield _("Nobody decides on its calls of %(tools)s.") % told
