"""The data class of a call: the highest of what its step declares, what its input carries, and what is found in it."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.routing import detectors
from orchestration.routing.asked import Classed
from orchestration.routing.candidates import CLASSES
from orchestration.routing.patterns.reading import Detector
from orchestration.states import DataClass

LOWEST = DataClass.INTERNAL  # of a step that declares none


def highest(names: Iterable[str]) -> str:
    """The highest of these classes; the lowest there is where there are none."""
    return max(names, key=CLASSES.index, default=CLASSES[0])


def classed(
    declared: str, carried: Mapping[str, str], inputs: Any, more: Iterable[Detector] | None = None, lowered: str = ""
) -> Classed:
    """The class, and every source that makes it that high.

    `carried` are the classes of the steps that the input reads, by their keys. `lowered` is what a person has let it
    fall to, by an act of their own: then what is carried and found counts no more. `more` are other detectors than the
    workspace's own patterns, which count otherwise.
    """
    if lowered:
        return Classed(lowered, ("lowered",))
    said = {"declared": declared or LOWEST}
    said |= {f"carried:{key}": name for key, name in carried.items()}
    said |= {f"found:{kind}": name for kind, name in detectors.kinds(inputs, more).items()}
    top = highest(said.values())
    return Classed(top, tuple(sorted(source for source, name in said.items() if name == top)))
