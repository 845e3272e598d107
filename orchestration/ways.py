"""Ways out of a review beside approving and rejecting: own outcomes, and sending back. Pure.

An own outcome counts as one of the two and has a name; where it says so, the run goes on at a later step of the same
sequence. What is sent back is done again, by the model or from an earlier step on.
"""

from collections.abc import Mapping
from typing import Any

type Spec = dict[str, Any]

SENT_BACK = "sent_back"
OUTCOME, FORM, TO = "outcome", "form", "to"  # in what a step comes to, and in what a person answered
BACK_TO = "back_to"  # in the entry of the ledger about it
ANSWERS = (OUTCOME, FORM)
MODEL = "model"  # in place of a step's key: whoever wrote it


def outcomes(review: Mapping[str, Any]) -> dict[str, Spec]:
    """The own outcomes of a review section, by their names."""
    return {str(one["name"]): one for one in review.get("outcomes", []) if isinstance(one, dict) and "name" in one}


def leads_to(review: Mapping[str, Any], output: Mapping[str, Any] | None) -> str:
    """The key of the step with which a run goes on after an own outcome; "" where it simply goes on."""
    if "outcomes" not in review or output is None:
        return ""
    chosen = outcomes(review).get(str(output.get(OUTCOME, "")))
    return str(chosen.get(TO, "")) if chosen is not None else ""


def led(spec: Mapping[str, Any], output: Mapping[str, Any] | None) -> str:
    """The same by a step's part of a document."""
    review = spec.get("review")
    return leads_to(review, output) if isinstance(review, dict) else ""


def targets(review: Mapping[str, Any]) -> list[str]:
    """The keys of the steps to which own outcomes lead, and to which it may be sent back, as far as a draft says."""
    named = [one.get(TO) for one in outcomes(review).values()]
    back = review.get("back")
    return [str(key) for key in [*named, *((back.get("to") or []) if isinstance(back, dict) else [])] if key]


def answered(answer: Mapping[str, Any]) -> Spec:
    """What a step comes to besides the verdict, by a person's answer: the own outcome, and the form."""
    return {name: answer[name] for name in ANSWERS if name in answer}


def bare(content: Mapping[str, Any], answer: Mapping[str, Any]) -> Spec:
    """The approved content without the outcome and the form, which are no part of what is done."""
    return {name: value for name, value in content.items() if name not in ANSWERS or name not in answer}


def agree(content: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether what an answer says stands in the approved content as well: no outcome stands there as none."""
    return all((content.get(name) or None) == (said or None) for name, said in answered(answer).items())
