"""A step as it is held, for the tab that shows it raw."""

from typing import Any

from orchestration import contents
from orchestration.models import Attempt, Step, StepRun
from reviews.runpages.tries import Try


def opened_up(value: Any) -> Any:
    """A value from a row with what is kept beside it; the reference itself where that is lost."""
    try:
        return contents.open_up(value)
    except contents.ContentLost:
        return value


def raw(step: Step, held: StepRun, tried: list[Try]) -> dict[str, Any]:
    """A step as its row and those of its tries hold it."""
    return {
        "step": step.key,
        "status": held.status,
        "fence": held.fence,
        "frame": held.frame,
        "awaits": held.awaits,
        "parts": [held.parts, held.parts_begun, held.parts_done, held.parts_failed],
        "question": opened_up(held.question),
        "answer": opened_up(held.answer),
        "output": opened_up(held.output),
        "error": held.error,
        "metrics": held.metrics,
        "tries": [_raw_try(one.attempt) for one in tried],
    }


def _raw_try(attempt: Attempt) -> dict[str, Any]:
    return {
        "fence": attempt.fence,
        "worker": attempt.worker,
        "started_at": attempt.started_at.isoformat(),
        "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
        "result": attempt.result,
        "error": attempt.error,
        "model": attempt.model,
        "confidence": attempt.confidence,
        "confidence_source": attempt.confidence_source,
        "tokens_in": attempt.tokens_in,
        "tokens_out": attempt.tokens_out,
        "cost": str(attempt.cost),
    }
