"""When a step that others stand in has what it waits for. Pure: it reads its counters and its definition."""

from orchestration.callables import AGENT
from orchestration.models import StepRun
from orchestration.plans import MAP, REPEAT

AT_ONCE = 100  # items of a map in flight, where the step does not say
MET, MISSED = "met", "missed"


def at_once(container: StepRun) -> int:
    """How many parts begin together."""
    if container.step.kind != MAP:
        return container.parts
    return min(container.parts, int(container.step.spec.get("at_once", AT_ONCE)))


def wanted(container: StepRun) -> int:
    """How many branches of a parallel step must be done."""
    match container.step.spec.get("join", "all"):
        case "any" | "first":
            return 1
        case {"quorum": int(number)}:
            return number
        case _:
            return container.parts


def joined(container: StepRun) -> str | None:
    """Whether the step goes on: MET, MISSED (it can no longer come to what it wants), or None: it still waits."""
    failed, done = container.parts_failed, container.parts_done
    if container.step.kind == MAP:
        return _map_joined(container)
    if container.step.kind == REPEAT:  # round after round: what is counted are those that have begun
        return MISSED if failed else MET if done == container.parts else None
    if container.step.kind == AGENT:  # which is told of failures too
        return MET if done + failed == container.parts else None
    if done >= wanted(container):
        return MET
    return MISSED if failed > container.parts - wanted(container) else None


def _map_joined(container: StepRun) -> str | None:
    spec = container.step.spec
    bearable = spec.get("most_failures", container.parts) if spec.get("on_failure", "stop") == "continue" else 0
    if container.parts_failed > bearable:
        return MISSED
    return MET if container.parts_done + container.parts_failed == container.parts else None


def stops_others(container: StepRun) -> bool:
    """Whether what is still in flight inside is cancelled once the step goes on."""
    if container.parts_done + container.parts_failed >= container.parts_begun:
        return False
    return str(container.step.spec.get("others", "cancel")) == "cancel"
