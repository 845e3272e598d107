"""What a move would come to for one run: sentences, and what is to be done."""

from dataclasses import dataclass, field
from typing import Any

from orchestration.models import Run, Version


@dataclass
class Preview:
    """One run and what would become of it. `refused` says why it cannot be moved; then nothing else is done.

    `carries` and `stale` are keys of steps whose approval or question holds, or does not; `anew` are the step runs
    that begin again.
    """

    run: Run
    to: Version
    stays: list[str] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    follows: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    carries: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)
    seen: str = ""

    @property
    def may_move(self) -> bool:
        """Whether it can be done as things stand."""
        return not self.refused

    @property
    def sentences(self) -> list[str]:
        """Everything that is told of it."""
        return [*self.refused, *self.here, *self.stays, *self.follows]

    def refuse(self, told: str, named: dict[str, Any]) -> None:
        """Say once why it cannot be moved."""
        if (sentence := told % named) not in self.refused:
            self.refused.append(sentence)
