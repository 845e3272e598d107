"""The tries of a step, and how long each took."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestration.models import Attempt


@dataclass(frozen=True, slots=True)
class Try:
    """One try, as the list shows it."""

    attempt: Attempt
    took: timedelta | None
    waited: timedelta | None  # since the try before it


def tries(attempts: list[Attempt], now: datetime) -> list[Try]:
    """The tries of a step, newest first."""
    tried: list[Try] = []
    for before, attempt in zip([None, *attempts], attempts, strict=False):
        waited = attempt.started_at - before.ended_at if before and before.ended_at else None
        failed = before is not None and before.result in {"failed", "lost"}
        tried.append(Try(attempt, (attempt.ended_at or now) - attempt.started_at, waited if failed else None))
    return tried[::-1]
