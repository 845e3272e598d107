"""Who called whom in a run, and with what: its actors and the calls between them, read from rows.

Steps that were done many times are one actor, and calls between the same two are one call with a count: a fixed number
of queries, however many rounds, items or turns there were.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from orchestration import callables
from orchestration.contents import open_all
from orchestration.documents.reach import texts
from orchestration.explain import graph
from orchestration.explain.groups import called
from orchestration.expressions import BadExpression
from orchestration.handing import handed_to
from orchestration.models import Run, Step, StepRun
from orchestration.models.definitions import StepRole
from orchestration.plans import CONTAINERS, REPEAT
from orchestration.references import steps_read
from orchestration.states import STEP_LIVE, StepStatus
from reviews.models import Review

STARTER = graph.BEGIN
NO_ACTORS = (*CONTAINERS, "wait", "outcome")
MOST = 80  # actors that are drawn
LINKS = 5  # items of a call that are linked
GIVES, CALLS, ASKS, HANDS, SENDS = "gives", "calls", "asks", "hands", "sends"
LAST = re.compile(r"(?<![.\w])last\.(\w+)")
OUTPUTS = re.compile(r"\bsteps\.\w+\.outputs\.(\w+)")

type Counted = dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that did a part of the run. `step` is the key of the step to look at."""

    key: str
    name: str
    kind: str  # of its step; or person
    step: str
    times: int = 1
    state: str = "done"
    under: str = ""


@dataclass
class Call:
    """What one actor gave another: what it was for, the names of what went along, and how often."""

    by: str
    to: str
    what: str
    times: int = 1
    names: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # words and address


@dataclass(frozen=True, slots=True)
class Calls:
    """The whole picture as data. `more` counts actors that are left out."""

    actors: Sequence[Actor]
    calls: Sequence[Call]
    more: int = 0

    @property
    def names(self) -> dict[str, str]:
        """The actors' names by their keys."""
        return {actor.key: actor.name for actor in self.actors}


def find(run: Run) -> Calls:
    """Who called whom in a run: five queries."""
    steps = {step.pk: step for step in run.version.steps.all()}
    counted = _counted(run)
    found = _Found(run, steps, counted, _handed(run, steps))
    actors = [found.starter(), *(found.actor(step) for step in found.acting)]
    people, asked = _asked(run, steps)
    kept = [*actors, *people][:MOST]
    keys = {actor.key for actor in kept}
    calls = [call for call in [*found.calls(), *asked] if call.by in keys and call.to in keys]
    _link(run, calls, steps)
    return Calls(kept, calls, len(actors) + len(people) - len(kept))


def _counted(run: Run) -> Counted:
    """How often each step was done, and how it stands."""
    rows = StepRun.objects.standing().filter(run=run, undoes=None).order_by().values("step")
    said = {
        "times": Count("pk"),
        "last": Max("pk"),
        "live": Count("pk", Q(status__in=STEP_LIVE)),
        "failed": Count("pk", Q(status=StepStatus.FAILED)),
    }
    return {row["step"]: dict(row) for row in rows.annotate(**said)}


def _handed(run: Run, steps: Mapping[int, Step]) -> list[tuple[Step, str]]:
    """The agents that handed over, each with the key of the step to which."""
    may = [pk for pk, step in steps.items() if "hands_over" in step.spec]
    if not may:
        return []
    done = StepRun.objects.standing().filter(run=run, step__in=may, status=StepStatus.DONE).order_by("pk")[:MOST]
    rows = list(done.values_list("step", "output"))
    outputs = open_all([output for _, output in rows])
    pairs = [(steps[pk], handed_to(steps[pk].spec, output)) for (pk, _), output in zip(rows, outputs, strict=True)]
    return [(step, to) for step, to in pairs if to]


def _asked(run: Run, steps: Mapping[int, Step]) -> tuple[list[Actor], list[Call]]:
    """The people who were asked about what a step does, and that they were. A person's own step is an actor itself."""
    rows = Review.objects.deciding().filter(run=run).exclude(step_run__step__kind="person").order_by()
    found = rows.values("step_run__step", "group__name").annotate(times=Count("pk"), open=Count("pk", Q(status="open")))
    people: dict[str, Actor] = {}
    calls = []
    for row in found.order_by("step_run__step__position", "group__name")[:MOST]:
        step = steps.get(row["step_run__step"])
        if step is None:
            continue
        key, name = f"people-{slugify(row['group__name'])}", called(row["group__name"])
        people.setdefault(key, Actor(key, name, "person", step.key, state="wait" if row["open"] else "done"))
        calls.append(Call(step.key, key, ASKS, row["times"], [_("approval")]))
    return list(people.values()), calls


class _Found:
    """What a run's rows say, step by step."""

    def __init__(
        self, run: Run, steps: Mapping[int, Step], counted: Counted, handed: Sequence[tuple[Step, str]]
    ) -> None:
        self.run, self.steps, self.counted, self.handed = run, steps, counted, handed
        self.by_key = {step.key: step for step in steps.values()}
        done = (steps[pk] for pk in counted if pk in steps)
        self.acting = sorted((step for step in done if step.kind not in NO_ACTORS), key=lambda step: step.position)

    def starter(self) -> Actor:
        """Who or what started the run."""
        run = self.run
        if run.trigger_id and run.trigger is not None:
            return Actor(STARTER, run.trigger.name, "trigger", STARTER)
        name = _("Another run") if run.parent_id else str(run.started_by)
        return Actor(STARTER, name, "workflow" if run.parent_id else "person", STARTER)

    def actor(self, step: Step) -> Actor:
        """A step as an actor, with how often it was done."""
        row = self.counted[step.pk]
        state = "now" if row["live"] else "fail" if row["failed"] == row["times"] else "done"
        return Actor(step.key, self._name(step), step.kind, self._shown(step), row["times"], state, self._under(step))

    def _name(self, step: Step) -> str:
        return str(step.spec["tool"]) if step.role == StepRole.CALL and step.kind == "tool" else step.name

    def _under(self, step: Step) -> str:
        times = self.counted[step.pk]["times"]
        what = str(step.spec.get("model", "")) or str(step.spec.get("tool", ""))
        return f"× {times}" if times > 1 else what if what != self._name(step) else ""

    def _shown(self, step: Step) -> str:
        """The key of the step to look at: of a call, the outermost agent that called."""
        return _outermost(step, self.steps).key

    def calls(self) -> Iterator[Call]:
        """All of them but those to people who approve."""
        found: dict[tuple[str, str, str], Call] = {}
        for call in self._each():
            known = found.setdefault((call.by, call.to, call.what), call)
            if known is not call:
                known.names += [name for name in call.names if name not in known.names]
                known.times = max(known.times, call.times)
        order = {step.key: place for place, step in enumerate(self.acting)}
        reached = {call.to for call in found.values() if order[call.by] < order[call.to]}
        for step in self.acting:
            if step.key not in reached:
                yield Call(STARTER, step.key, GIVES, names=sorted(_of_input(step)))
        yield from found.values()

    def _each(self) -> Iterator[Call]:
        for step in self.acting:
            if step.role == StepRole.CALL:
                yield self._called(step)
                continue
            yield from self._given(step)
            if step.kind == "decision":
                yield from self._sent(step)
        for agent, to in self.handed:
            for step in self._actors(to):
                yield Call(agent.key, step.key, HANDS, names=_kept(agent, to))

    def _called(self, step: Step) -> Call:
        by = self.steps[step.parent_id or 0]
        what = ASKS if step.kind == "person" else CALLS
        names = {"person": [_("question")], callables.AGENT: [_("task")]}.get(step.kind, [_("arguments")])
        return Call(by.key, step.key, what, self.counted[step.pk]["times"], names)

    def _given(self, step: Step) -> Iterator[Call]:
        """What it read of others."""
        times = self.counted[step.pk]["times"]
        for name, key, before in _read(step):
            for by in self._actors(key):
                count = min(times, self.counted[by.pk]["times"]) - (self._begun_around(step) if before else 0)
                if by.pk != step.pk and count > 0:
                    yield Call(by.key, step.key, GIVES, count, [name])

    def _begun_around(self, step: Step) -> int:
        """How often the repeat around a step began: in a first round nothing is read of the one before."""
        around = self.steps.get(step.parent_id or 0)
        while around is not None and around.kind != REPEAT:
            around = self.steps.get(around.parent_id or 0)
        return int(self.counted[around.pk]["times"]) if around is not None and around.pk in self.counted else 0

    def _sent(self, decision: Step) -> Iterator[Call]:
        """The branch that it chose: to the first that did something in it."""
        inside = [step for step in self.acting if step.parent_id == decision.pk]
        first = {step.branch: step for step in reversed(inside)}
        branches = decision.spec.get("branches", [])
        for branch, step in sorted(first.items()):
            name = branches[branch]["name"] if branch < len(branches) else ""
            yield Call(decision.key, step.key, SENDS, self.counted[step.pk]["times"], [name])

    def _actors(self, key: str) -> list[Step]:
        """The step of that key where it did something; what did something inside it, where it only holds others."""
        step = self.by_key.get(key)
        if step is None:
            return []
        if step.kind in NO_ACTORS:
            inner = [one for one in self.acting if one.parent_id == step.pk and one.role == StepRole.STEP]
            judging = _keys(str(step.spec.get("until", ""))) if step.kind == REPEAT else frozenset()
            return [one for one in inner if one.key in judging] or inner
        return [step] if step.pk in self.counted else []


def _read(step: Step) -> Iterator[tuple[str, str, bool]]:
    """Under which name a step read what came of which other, and whether that was in the round before."""
    for text in texts(step.spec):
        if text.path[0] not in {"input", "branches", "review", "over"} or text.path[-1] == "confidence":
            continue
        name = str(text.path[-1]) if text.path[0] == "input" or "evidence" in text.path else ""
        inner = OUTPUTS.findall(text.text)
        yield from ((name, key, False) for key in sorted(inner or _keys(text.text)))
        yield from ((name, key, True) for key in sorted(set(LAST.findall(text.text))))


def _keys(text: str) -> frozenset[str]:
    """The steps that an expression reads; none where it is no expression."""
    try:
        return frozenset(steps_read(text)) if text else frozenset()
    except BadExpression:
        return frozenset()


def _of_input(step: Step) -> set[str]:
    """The names under which it read what the run was started with."""
    told = step.spec.get("input", {})
    return {name for name, text in told.items() if re.search(r"(?<![.\w])input\b", text)}


def _kept(agent: Step, to: str) -> list[str]:
    way: dict[str, Any] = next((one for one in agent.spec["hands_over"] if one["to"] == to), {})
    return sorted(way.get("keeps", {})) or [_("the reason")]


def _outermost(step: Step, steps: Mapping[int, Step]) -> Step:
    """The agent that stands in the document, of whose calls, or of those of its workers, a step is one."""
    while step.role == StepRole.CALL and step.parent_id is not None and step.parent_id in steps:
        step = steps[step.parent_id]
    return step


def _link(run: Run, calls: Sequence[Call], steps: Mapping[int, Step]) -> None:
    """To where what was handed can be read: one query for the rounds and items of all."""
    by_key = {step.key: step for step in steps.values()}
    wanted = {by_key[call.to].pk for call in calls if call.to in by_key and by_key[call.to].role == StepRole.STEP}
    inner = StepRun.objects.standing().filter(run=run, step__in=wanted).exclude(frame="").exclude(frame__contains=":")
    frames: dict[int, list[str]] = {}
    for pk, frame in inner.order_by("-pk").values_list("step", "frame")[: MOST * LINKS]:
        frames.setdefault(pk, []).append(frame)
    for call in calls:
        call.names = [name for name in call.names if name]
        step = by_key.get(call.to) or by_key[call.by]
        if call.what in {CALLS, ASKS} and step.role == StepRole.CALL:
            call.links.append((_("Talk"), urlencode({"step": _outermost(step, steps).key, "tab": "talk"})))
            continue
        tab = "output" if call.what == ASKS else "input"
        if step.pk not in frames:
            call.links.append((step.name, urlencode({"step": step.key, "tab": tab})))
        for frame in reversed(frames.get(step.pk, [])[:LINKS]):
            number = int(re.split(r"[.~]", frame)[-1])
            said = _("round %d") % (number + 1) if "~" in frame.split("/")[-1] else _("item %d") % number
            call.links.append((said, urlencode({"step": step.key, "item": frame, "tab": tab})))
