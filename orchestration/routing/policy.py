"""What a step asks of its model: one by its name, or any that fits its `routing` section."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ANY = "any"  # stands where a model's name would: whichever fits
QUALITY, COST, SPEED = "quality", "cost", "speed"
PARTS = (QUALITY, COST, SPEED)
USUAL = (60.0, 25.0, 15.0)  # weights, where a step says nothing
OUTPUT = 1024  # tokens that an answer may have, where neither the step nor the model says


@dataclass(frozen=True, slots=True)
class Weights:
    """How much quality, cost and speed count, as shares of 1."""

    quality: float
    cost: float
    speed: float

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Weights":
        """Those of a section; what it leaves out counts nothing. Where it says none at all, the usual ones."""
        given = [float(said.get(part, 0)) for part in PARTS] if said else list(USUAL)
        whole = sum(given) or 1.0
        return cls(*(part / whole for part in given))


@dataclass(frozen=True, slots=True)
class Policy:
    """The `routing` section of a step, with what it leaves out. `most` is US dollars for one call."""

    named: str = ""  # the one model that the step names, or "" where any may do it
    among: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    weights: Weights = Weights(0.6, 0.25, 0.15)
    most: Decimal | None = None
    output: int = 0  # tokens of the answer, or 0 where it is not said

    @classmethod
    def of(cls, spec: dict[str, Any]) -> "Policy":
        """The policy of a step, by its part of the document."""
        said = spec.get("routing", {})
        named = spec.get("model", "")
        return cls(
            "" if named == ANY else named,
            tuple(said.get("among", ())),
            tuple(said.get("tags", ())),
            tuple(said.get("needs", ())),
            tuple(said.get("languages", ())),
            tuple(said.get("regions", ())),
            Weights.of(said.get("weights", {})),
            Decimal(said["most"]) if "most" in said else None,
            int(said.get("output_tokens", 0)),
        )


def named(spec: dict[str, Any]) -> tuple[str, ...]:
    """The models that a step names itself: its one model, or those among which it is routed."""
    policy = Policy.of(spec)
    return (policy.named,) if policy.named else policy.among
