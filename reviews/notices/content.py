"""Whether a message may say what a review is about."""

from collections.abc import Mapping

from orchestration.routing import classes, detectors
from orchestration.states import DataClass
from reviews import points
from reviews.models import Review

MAY_LEAVE = frozenset({DataClass.PUBLIC, DataClass.INTERNAL})


def may_hold_content(review: Review, words: Mapping[str, str] | None = None) -> bool:
    """Whether a message may hold its title: the workflow says so, and nothing more sensitive than internal is in it."""
    if not points.section(review.step_run).get("notices", {}).get("content"):
        return False
    step_run = review.step_run
    declared = step_run.data_class or step_run.step.spec.get("data") or DataClass.INTERNAL
    found = detectors.kinds({"content": review.content, "title": review.title, "words": dict(words or {})})
    return classes.highest([declared, *found.values()]) in MAY_LEAVE
