"""Whether a failed step is tried again, and after how long."""

import random
from datetime import timedelta

from orchestration.models import StepRun
from orchestration.outcomes import Failed

TRIES = 3  # in all, where the step's limits do not say
FIRST_WAIT = 1.0  # seconds; doubled each time, with up to a quarter more or less


def tries_allowed(step_run: StepRun) -> int:
    """How often the step may be tried in all."""
    return int(step_run.step.spec.get("limits", {}).get("tries", TRIES))


def wait_before_next(step_run: StepRun, failure: Failed) -> timedelta | None:
    """How long to wait before another try, or None when there is none."""
    if not failure.retry or step_run.fence >= tries_allowed(step_run):
        return None
    seconds = min(60.0, FIRST_WAIT * 2 ** (step_run.fence - 1))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311  (jitter, not a secret)
