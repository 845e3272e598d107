"""What comes of a question that nobody answers in time, by the name that a review section gives it as its default."""

from typing import Any

LAPSED = "lapsed"  # a verdict: nobody answered, and the clock let it go on; no approval
STAY, REJECT, GO_ON = "stay", "reject", "go_on"
ALWAYS_THERE = (REJECT, STAY, GO_ON)


def own(review: dict[str, Any]) -> dict[str, str]:
    """The section's own outcomes, and what each counts as."""
    listed = review.get("outcomes")
    found = (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return {str(one.get("name", "")): str(one.get("counts_as", "")) for one in found}


def goes_on(outcome: str, review: dict[str, Any]) -> bool:
    """Whether the step does its act, or its work goes on, by this outcome. What nobody knows of does."""
    return outcome not in (REJECT, STAY) and own(review).get(outcome) != "rejected"
