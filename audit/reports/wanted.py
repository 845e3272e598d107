"""Which decisions a reader wants to see: read from an address, written back into one, and said in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from audit.reports.periods import Period
from audit.reports.verdicts import APPROVED, DECIDED, LAPSED, VERDICTS

HASTY = 5  # seconds: an approval quicker than this was hardly read
EDGES = (0, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)  # seconds to a decision

CONDITIONS = {
    "workflow": "workflow_id = %(workflow)s",
    "verdict": "verdict = ANY(%(verdicts)s)",
    "late": "late",
    "hasty": "hasty",
    "reviewer": "actor_id = %(reviewer)s",
    "score": "tenth = %(score)s",
    "wait": "bin = %(wait)s",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A period and what narrows it. `score` is a tenth of confidence, `wait` a bar of the times to a decision."""

    period: Period
    workflow: int | None = None
    verdict: str = ""
    late: bool = False
    hasty: bool = False
    reviewer: str = ""
    score: int | None = None
    wait: int | None = None

    @classmethod
    def read(cls, given: Mapping[str, str], moment: datetime) -> "Wanted":
        """What an address asks for; what it says wrongly is passed over."""
        return cls(
            Period.read(given, moment),
            workflow=_whole(given.get("workflow", ""), 2**62),
            verdict=given["verdict"] if given.get("verdict") in (*VERDICTS, APPROVED) else "",
            late=given.get("late") == "1",
            hasty=given.get("hasty") == "1",
            reviewer=str(_whole(given.get("reviewer", ""), 2**62) or ""),
            score=_whole(given.get("score", ""), 9),
            wait=_whole(given.get("wait", ""), len(EDGES)),
        )

    @property
    def narrowed(self) -> dict[str, Any]:
        """What narrows the period, by the names used in addresses."""
        found = {name: getattr(self, name) for name in CONDITIONS}
        return {name: value for name, value in found.items() if value not in ("", None, False)}

    def query(self, period: Period | None = None, /, **changes: Any) -> str:
        """An address's query string, with something changed; None takes a filter away."""
        told = {**(period or self.period).address, **self.narrowed, **changes}
        return urlencode(_plain({name: value for name, value in told.items() if value is not None}))

    def elsewhen(self, name: str) -> str:
        """The query string for another named period, with the same filters."""
        return urlencode({"period": name, **_plain(self.narrowed)})

    def where(self) -> str:
        """The conditions, over the columns of `decided`."""
        return " AND ".join(["true", *(CONDITIONS[name] for name in self.narrowed)])

    def values(self) -> dict[str, Any]:
        """The values of those conditions. Lapses are wanted only where they are asked for by name."""
        verdicts = ["written", "edited"] if self.verdict == APPROVED else [self.verdict]
        kinds = list(LAPSED if self.verdict == "lapsed" else DECIDED)
        return {**self.narrowed, "verdicts": verdicts, "kinds": kinds, "hasty_seconds": HASTY, "edges": list(EDGES)}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: "1" if value is True else value for name, value in told.items()}


def _whole(text: str, most: int) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return number if number is not None and number <= most else None
