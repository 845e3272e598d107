"""How often a step's success metrics were met lately."""

from dataclasses import dataclass

from orchestration.metrics import AT_ONCE
from orchestration.models import Step, StepRun
from orchestration.states import StepStatus

LATELY = 200  # step runs


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric: its target, how often it was met, of how many step runs that is known, and whether it blocks."""

    name: str
    expression: str
    target: float | None
    met: int
    known: int
    later: bool = False
    blocking: bool = False

    @property
    def share(self) -> float | None:
        """The share that met it; None as long as nothing was measured."""
        return self.met / self.known if self.known else None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where there is no target or nothing was measured."""
        return None if self.target is None or self.share is None else self.share >= self.target


def lately(step: Step) -> list[Measured]:
    """The metrics of a step over its last 200 runs that are done: one query."""
    done = StepRun.objects.standing().filter(step=step, status=StepStatus.DONE).order_by("-id")
    rows = list(done.values_list("metrics", flat=True)[:LATELY])
    return [_measured(metric, rows) for metric in step.spec.get("metrics", [])]


def _measured(metric: dict[str, object], rows: list[list[dict[str, object]]]) -> Measured:
    name, target = str(metric["name"]), metric.get("target")
    said = [entry["met"] is True for row in rows for entry in row if entry["name"] == name and entry["met"] is not None]
    return Measured(
        name,
        str(metric.get("expression", "")),
        float(target) if isinstance(target, int | float) else None,
        sum(said),
        len(said),
        metric.get("kind", "cel") not in AT_ONCE,
        bool(metric.get("blocking")),
    )
