"""What readiness comes to: findings, how many of how many hold, and the door that only what is ready goes through."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from orchestration.documents.problems import Path

BLOCKS, WARNS = "blocks", "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing. `line` counts from 1; `step` is the key of the step, or "" for the whole."""

    rule: str
    level: str
    what: str
    mend: str = ""
    step: str = ""
    path: Path = ()
    line: int = 1

    @property
    def key(self) -> str:
        """The name under which a warning is acknowledged."""
        return f"{self.rule}:{self.step}" if self.step else self.rule

    @property
    def blocks(self) -> bool:
        """Whether nothing is published while it stands; a warning may be acknowledged."""
        return self.level == BLOCKS

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.step}:" if self.step else "", self.what, self.mend]))


class Count(NamedTuple):
    """How a rule stands: what it asks, how many things it looked at, and for how many of them it holds."""

    said: str
    level: str
    held: int
    of: int

    @property
    def holds(self) -> bool:
        """Whether it holds for all."""
        return self.held == self.of


@dataclass(frozen=True, slots=True)
class Report:
    """What a definition lacks. `counts` has each rule that had something to look at, by its name."""

    findings: list[Finding]
    counts: Mapping[str, Count] = field(default_factory=dict)

    @property
    def blocking(self) -> list[Finding]:
        """What keeps it from being published."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def warnings(self) -> list[Finding]:
        """What somebody must acknowledge by name."""
        return [finding for finding in self.findings if not finding.blocks]

    @property
    def passed(self) -> list[Count]:
        """The rules that hold, in their order."""
        return [count for count in self.counts.values() if count.holds]

    def as_json(self, acknowledged: Collection[str] = ()) -> dict[str, Any]:
        """What is kept with a version, and stands in the ledger."""
        return {
            "findings": [{**asdict(one), "path": list(one.path), "key": one.key} for one in self.findings],
            "counts": {name: [count.held, count.of] for name, count in self.counts.items()},
            "acknowledged": sorted({one.key for one in self.warnings} & set(acknowledged)),
        }


class NotReady(ValueError):
    """The definition is not ready to be published. `findings` says why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(" ".join(map(str, findings)))
        self.findings = findings


def refuse_unless_ready(report: Report, acknowledged: Collection[str]) -> None:
    """Raise `NotReady` while something blocks, or a warning is not acknowledged by its key."""
    if found := [*report.blocking, *(one for one in report.warnings if one.key not in acknowledged)]:
        raise NotReady(found)
