"""Whether a failed step is tried again, and after how long. Pure: it asks no database and changes nothing."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orchestration.models import StepRun
from orchestration.outcomes import Failed

ALL = ("timeout", "busy", "connection", "server", "answer", "tool", "broken")
TRIES = 3  # in all
FIRST, FACTOR, LONGEST, JITTER = 1.0, 2.0, 60.0, 0.25  # seconds, times, seconds, share of a wait
TURN = 5.0  # seconds at the most until a step is looked at again that nobody could be asked to do


@dataclass(frozen=True, slots=True)
class Policy:
    """A step's `retry`, with what its document does not say. `total` is the seconds that all tries have, if any."""

    tries: int = TRIES
    on: tuple[str, ...] = ALL
    first: float = FIRST
    factor: float = FACTOR
    longest: float = LONGEST
    jitter: float = JITTER
    total: float | None = None

    @classmethod
    def of(cls, spec: dict[str, Any]) -> "Policy":
        """The policy in a step's part of the document."""
        said, limits = spec.get("retry", {}), spec.get("limits", {})
        return cls(
            int(said.get("tries", limits.get("tries", TRIES))),
            tuple(said.get("on", ALL)),
            float(said.get("first_seconds", FIRST)),
            float(said.get("factor", FACTOR)),
            float(said.get("longest_seconds", max(LONGEST, said.get("first_seconds", 0)))),
            float(said.get("jitter", JITTER)),
            limits.get("total_seconds"),
        )

    def backoff(self, made: int, after: float = 0.0) -> float:
        """Seconds to wait once `made` tries were made: never less than `after`, never more than the longest wait.

        The jitter takes away from a wait of ours, and adds to one that the provider asked for: it keeps those who
        failed together from coming back together.
        """
        wait = min(self.first * self.factor ** (made - 1), self.longest)
        wait *= 1 - self.jitter * random.random()  # noqa: S311  (no secret)
        if wait >= after:
            return wait
        return min(after * (1 + self.jitter * random.random()), max(self.longest, after))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Verdict:
    """How long to wait before another try; or no more tries, with a sentence that says why."""

    wait: timedelta | None
    why: str = ""


def judge(step_run: StepRun, failure: Failed, *, now: datetime | None = None) -> Verdict:
    """What follows from a failure. `step_run.tries` are those that ended before this one.

    A failure says by `retry` whether another try can help at all; the policy says by its code whether it is wanted.
    """
    policy, made = Policy.of(step_run.step.spec), step_run.tries + 1
    if not failure.retry:
        return Verdict(None, "Another try would not help.")
    if not failure.counted:
        return _in_time(policy, step_run, _turn(step_run, failure), now)
    if failure.code and failure.code not in policy.on:
        return Verdict(None, f"Failures of this kind ({failure.code}) are not tried again.")
    if made >= policy.tries:
        return Verdict(None, f"It was tried {made} times.")
    after = failure.after or 0.0
    if after > policy.longest:
        return Verdict(
            None, f"The provider asks to wait {after:.0f} s; this step waits {policy.longest:.0f} s at the most."
        )
    return _in_time(policy, step_run, policy.backoff(made, after), now, after)


def _in_time(policy: Policy, step_run: StepRun, wait: float, now: datetime | None, after: float = 0.0) -> Verdict:
    if policy.total is not None and now is not None:
        left = policy.total - (now - step_run.ready_at).total_seconds()
        if wait > left:
            told = f"The provider asks to wait {after:.0f} s. " if after > left else ""
            return Verdict(None, f"{told}Its time in all ({policy.total:.0f} s) would be over.")
    return Verdict(timedelta(seconds=wait))


def _turn(step_run: StepRun, failure: Failed) -> float:
    """Seconds until a step is looked at again: longer each time, and never the same for those who came together."""
    times = max(0, step_run.fence - step_run.tries - 1)
    wait = min((failure.after or FIRST) * 1.5 ** min(times, 10), TURN)
    return wait * (1 + JITTER * random.random())  # noqa: S311  (no secret)
