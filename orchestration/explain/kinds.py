"""What a step of each kind does, as a plain sentence made from its part of the document."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration.explain import acting
from orchestration.explain.groups import called
from orchestration.explain.words import leaves, listed
from orchestration.models import Step

AT_ONCE = 100  # items of a map, where its step does not say

type Spec = dict[str, Any]


def said(step: Step, *, approved: bool = False) -> str:
    """What the step does, and who answers for it. `approved` says whether a person lets it act."""
    told = [_sentence(step.purpose)]
    match step.kind:
        case "model":
            told.append(_("AI does it."))
        case "agent":
            told += [*_named(step.spec), acting.said(step.spec)]
        case "tool":
            told += _leaving(step.spec["tool"], approved)
        case "decision":
            told.append(_decision(step.spec["branches"]))
        case "parallel":
            told.append(_parallel(step.spec))
        case "map":
            told.append(_map(step.spec))
        case "repeat":
            told.append(_repeat(step.spec))
        case "workflow":
            told.append(_workflow(step.spec))
        case "wait":
            told.append(_wait(step.spec))
    return " ".join([*told, _answers(step)])


def owner(step: Step) -> str:
    """Who answers for a step, by name."""
    return str(step.owner) if step.owner else called(step.owner_group.name) if step.owner_group else ""


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _answers(step: Step) -> str:
    told = {"owner": owner(step)}
    return _("%(owner)s answer for it.") % told if step.owner is None else _("%(owner)s answers for it.") % told


def released(steps: Iterable[Step]) -> set[str]:
    """The keys of the steps that a person lets act: by a review point before them, or at a gate."""
    keys = {key for step in steps for key in step.spec.get("releases", [])}
    return keys | {step.key for step in steps if step.kind != "person" and step.review.get("when") == "before"}


def _leaving(name: str, approved: bool) -> Iterator[str]:
    if leaves(name):
        yield (
            _("This leaves the house, exactly as it was approved.")
            if approved
            else _("This leaves the house without anybody's approval.")
        )


def _named(spec: Spec) -> Iterator[str]:
    """Which agent it is, where it has a name."""
    if "agent" in spec:
        name, _at, number = spec["agent"].partition("@")
        told = {"name": name, "number": number}
        yield (_("The agent “%(name)s”, version %(number)s:") if number else _("The agent “%(name)s”:")) % told


def _decision(branches: list[Spec]) -> str:
    *conditional, last = branches
    ways = [
        _("if %(condition)s, with “%(name)s”") % {"condition": b.get("if", "…"), "name": b["name"]} for b in conditional
    ]
    otherwise = _("otherwise with “%s”") % last["name"] if ways else _("with “%s”") % last["name"]
    return _("It goes on: %s.") % "; ".join([*ways, otherwise])


def _parallel(spec: Spec) -> str:
    names = listed(f"“{branch['name']}”" for branch in spec["branches"])
    begun = _("%s begin at the same time.") % names
    return " ".join([begun, _joined(spec.get("join", "all")), _others(spec)])


def _joined(join: str | Spec) -> str:
    if isinstance(join, dict):
        count = join["quorum"]
        done = ngettext("It goes on when %d of them is done.", "It goes on when %d of them are done.", count)
        return str(done % count)
    return _("It goes on when the first is done.") if join in {"any", "first"} else _("It goes on when all are done.")


def _others(spec: Spec) -> str:
    if spec.get("others", "cancel") == "finish":
        return _("Those that it no longer waits for finish their work.")
    return _("Those that it no longer waits for are cancelled.")


def _map(spec: Spec) -> str:
    told = {"over": spec.get("over", "…"), "count": spec.get("at_once", AT_ONCE), "most": spec.get("most_failures")}
    over = _("For each of %(over)s it does the steps inside it, up to %(count)d at once.") % told
    if spec.get("on_failure", "stop") == "stop":
        return f"{over} {_('The first that fails stops it.')}"
    if told["most"] is None:
        return f"{over} {_('It goes on whichever of them fail.')}"
    return f"{over} {_('It goes on as long as no more than %(most)d fail.') % told}"


def _repeat(spec: Spec) -> str:
    told = {"until": spec.get("until", "…"), "rounds": spec.get("rounds", "…")}
    over = _("It does the steps inside it again until %(until)s, at most %(rounds)s times.") % told
    if spec.get("otherwise") == "fail":
        return f"{over} {_('If that never holds, it has failed.')}"
    return f"{over} {_('If that never holds, it goes on with what the last round came to.')}"


def _workflow(spec: Spec) -> str:
    told = {"name": spec["workflow"], "number": spec.get("version")}
    if told["number"] is None:  # a draft, which takes the current one when it is published
        return _("It starts a run of “%(name)s”, and goes on with what that comes to.") % told
    return _("It starts a run of “%(name)s”, version %(number)d, and goes on with what that comes to.") % told


def _wait(spec: Spec) -> str:
    if "for_seconds" in spec:
        return _("It waits for %s seconds.") % str(spec["for_seconds"])
    if "until" in spec:
        return _("It waits until %s.") % str(spec["until"])
    return _event(spec) if "event" in spec else _("Nothing says yet what it waits for.")


def _event(spec: Spec) -> str:
    told = {"event": spec["event"], "match": spec.get("match"), "seconds": spec.get("seconds", "…")}
    if told["match"] is None:
        begun = _("It waits for the event “%(event)s”") % told
    else:
        begun = _("It waits for an event “%(event)s” for which %(match)s") % told
    if spec.get("on_timeout", "fail") == "go_on":
        return f"{begun} {_('for at most %(seconds)s seconds; then it goes on without it.') % told}"
    return f"{begun} {_('for at most %(seconds)s seconds; then it has failed.') % told}"
