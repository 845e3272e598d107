"""What was estimated of the call that answered, and what it came to."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from orchestration.models import RoutingDecision
from orchestration.routing.asked import Figure
from orchestration.routing.replaying import Replay
from orchestration.routing.scores import expected


@dataclass(frozen=True, slots=True)
class Compared:
    """What was estimated, and what it came to."""

    what: str
    kind: str
    estimate: float | None
    actual: float | None

    @property
    def off(self) -> float | None:
        """By which share the actual is above the estimate."""
        if not self.estimate or self.actual is None:
            return None
        return self.actual / self.estimate - 1

    @property
    def scale(self) -> float:
        """What the whole width of its bar stands for."""
        return 1.5 * max(self.estimate or 0.0, self.actual or 0.0)

    @property
    def bar(self) -> float:
        """How far its bar reaches."""
        return share(self.actual or 0.0, self.scale)

    @property
    def tick(self) -> float | None:
        """Where the estimate stands on it."""
        return None if self.estimate is None else share(self.estimate, self.scale)


def compared(decision: RoutingDecision, again: Replay | None) -> list[Compared]:
    """Cost, time and tokens of the call that answered, beside what was expected of its model."""
    answered = next(
        (call for call in decision.calls if call["model"] == decision.answered and "code" not in call), None
    )
    if answered is None or again is None or decision.answered not in again.snapshot.by_name:
        return []
    model = again.snapshot.by_name[decision.answered]
    figure = again.seen.figures.get(model.name, Figure())
    wrote = expected(model, again.asked, figure)
    cost = model.price(again.asked.tokens_in, wrote)
    return [
        Compared(_("Cost"), "money", float(cost) if cost is not None else None, float(answered.get("cost") or 0)),
        Compared(_("Time"), "seconds", figure.p50, answered.get("ms", 0) / 1000),
        Compared(_("Read"), "tokens", again.asked.tokens_in, answered.get("in", 0)),
        Compared(_("Wrote"), "tokens", wrote, answered.get("out", 0)),
    ]


def share(part: float, whole: float) -> float:
    """A part of a whole, where there is one."""
    return part / whole if whole else 0.0
