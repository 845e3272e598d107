"""The calls of one turn of an agent. Those that only read begin at once. Those that change something act one after the
other, in the model's order, and none of them while one of the turn waits for a person.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from orchestration import tools
from orchestration.models import Step, StepRun
from orchestration.plans import plan_of
from orchestration.states import STEP_TERMINAL, Awaits, StepStatus


class Call(NamedTuple):
    """How a call of the turn stands."""

    pk: int
    part: int
    step_id: int
    status: str
    awaits: str
    acting: bool
    given: dict[str, Any]

    @property
    def is_asked(self) -> bool:
        """Whether it waits for a person: an approval, an answer, or what happened."""
        return self.status == StepStatus.WAITING and self.awaits in {Awaits.PERSON, Awaits.OUTCOME}

    @property
    def stands_back(self) -> bool:
        """Whether it lets others of its turn go first."""
        return self.status == StepStatus.WAITING and self.awaits == Awaits.OTHERS

    @property
    def is_looked_at(self) -> bool:
        """Whether it is known if it must wait for a person."""
        ended, waits = self.status in STEP_TERMINAL, self.status == StepStatus.WAITING
        return ended or waits or (self.status == StepStatus.RUNNING and self.acting)


def changes(step: Step) -> bool:
    """Whether a call of this step changes something."""
    if step.kind != "tool":
        return False
    tool = tools.TOOLS.get(step.spec["tool"])
    return tool is None or tool.effect != "read"


def must_wait(held: StepRun) -> bool:
    """Whether a call that changes something must let others of its turn go first."""
    if held.given is None or held.undoes_id is not None or not changes(held.step):
        return False
    turn = [call for call in _turn_of(held) if call.pk != held.pk]
    before = [call for call in turn if call.part < held.part and changes(_step(held, call))]
    return _holds_back(turn) or any(call.status not in STEP_TERMINAL for call in before)


def next_of(agents: Iterable[StepRun]) -> list[int]:
    """Of the calls that let others go first, those that may act now: one of an agent at the most. One query."""
    around = {agent.pk: agent for agent in agents}
    if not around:
        return []
    found: dict[int, list[Call]] = {}
    for parent, *columns in _rows(around):
        found.setdefault(parent, []).append(Call(*columns))
    chosen = (_next(around[pk], _last_turn(calls)) for pk, calls in found.items())
    return [pk for pk in chosen if pk is not None]


def _next(agent: StepRun, turn: Sequence[Call]) -> int | None:
    """The first that stands back, unless one of the turn waits for a person or is still to be looked at."""
    if _holds_back(turn):
        return None
    left = [call for call in turn if changes(_step(agent, call)) and call.status not in STEP_TERMINAL]
    first = min(left, key=lambda call: call.part, default=None)
    return first.pk if first is not None and first.stands_back else None


def _holds_back(turn: Sequence[Call]) -> bool:
    return any(call.is_asked or not call.is_looked_at for call in turn)


def _step(held: StepRun, call: Call) -> Step:
    return plan_of(held.run.version).steps[call.step_id]


def _turn_of(held: StepRun) -> list[Call]:
    assert held.parent_id is not None
    assert held.given is not None
    calls = [Call(*columns) for _, *columns in _rows([held.parent_id])]
    return [call for call in calls if call.given["turn"] == held.given["turn"]]


def _last_turn(calls: Sequence[Call]) -> list[Call]:
    last = max(call.given["turn"] for call in calls)
    return [call for call in calls if call.given["turn"] == last]


def _rows(parents: Collection[int]) -> Iterable[tuple[Any, ...]]:
    calls = StepRun.objects.filter(parent__in=parents, given__isnull=False, undoes=None).order_by("part")
    return calls.values_list("parent", "pk", "part", "step", "status", "awaits", "acting", "given")
