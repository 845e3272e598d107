"""Waivers with an end, as they stand in a version: a step goes without a review until that day."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone

from audit.canonical import digest
from audit.clock_time import now
from orchestration import callables
from orchestration.models import Version
from orchestration.plans import plan_by


class Waiver(NamedTuple):
    """Why a step goes without a review, and the last day on which it may."""

    reason: str
    until: date

    @property
    def content_hash(self) -> str:
        """What a second person signs."""
        return digest({"reason": self.reason, "until": self.until.isoformat()})

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.until


class Ended(NamedTuple):
    """A waiver whose last day has passed, and the name of its step."""

    step: str
    waiver: Waiver


def places(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Where a step may hold a waiver, by the key under which it is signed: its own review, and that of its calls."""
    key, review, calls = str(spec["key"]), spec.get("review"), spec.get("call_review")
    found = {key: review if isinstance(review, dict) else {}}
    if isinstance(calls, dict):
        found[callables.key_of(key, "calls")] = calls
    return found


def read(review: dict[str, Any]) -> Waiver | None:
    """The waiver in the review section of a step, if there is one with an end."""
    waiver = review.get("waiver")
    if not isinstance(waiver, dict):
        return None
    try:
        return Waiver(str(waiver["reason"]), date.fromisoformat(str(waiver["until"])))
    except (KeyError, ValueError):
        return None


def today(at: datetime | None = None) -> date:
    """The day, where the installation stands."""
    return timezone.localdate(at or now(), timezone.get_default_timezone())


def expired(version: Version, at: datetime | None = None) -> list[Ended]:
    """The waivers of a version that have ended. No query for a version that has none, or where the time is given."""
    dated = _dated(version.pk, version.hash)
    if not dated:
        return []
    day = today(at)
    return [ended for ended in dated if ended.waiver.is_over(day)]


@lru_cache(maxsize=512)
def _dated(version_id: int, fingerprint: str) -> tuple[Ended, ...]:
    """Every waiver with an end, as it would be told once it has ended; found once a process, as the plan is."""
    steps = plan_by(version_id, fingerprint).steps.values()
    return tuple(Ended(step.name, waiver) for step in steps if (waiver := read(step.review)))
