"""What a model wrote, read as JSON that can be kept: one object, or a sentence that says why it is none."""

import json
import math
from dataclasses import replace
from typing import Any

from audit.canonical import clean
from orchestration import call
from orchestration.call import CallFailed
from orchestration.executors.task import Task
from orchestration.expressions import BadExpression, evaluate
from orchestration.outcomes import Done, Failed, Outcome, Spent
from orchestration.starts import problems
from orchestration.states import ConfidenceSource

TOLD = 5  # problems that a model is told of at once
DEEPEST = 100  # lists and objects in one another
LARGEST = 2**53 - 1  # a whole number that every reader of JSON keeps as it is


class NoAnswer(ValueError):
    """The text is no JSON object that can be kept."""


def read(text: str) -> dict[str, Any]:
    """The JSON object in `text`, cleaned, and marked where there was something to clean. Or `NoAnswer`."""
    try:
        value = json.loads(
            _unfenced(text),
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_fraction,
            object_pairs_hook=_once,
        )
    except NoAnswer:
        raise
    except (ValueError, RecursionError) as error:
        raise NoAnswer("is not JSON") from error
    if not isinstance(value, dict):
        raise NoAnswer("is no JSON object")
    if _is_deep(value):
        raise NoAnswer(f"is nested more than {DEEPEST} deep")
    cleaned, dirty = clean(value)
    return {**cleaned, "cleaned": True} if dirty else cleaned


def outcome(task: Task, text: str, spent: Spent) -> Done | Failed:
    """What the model's last word comes to. That it fits the step's schema is checked by whoever finishes the step."""
    try:
        output = read(text)
    except NoAnswer as error:
        return Failed(f"The answer {error}.", retry=True, spent=spent, code="answer")
    return Done(output, with_confidence(task, output, spent))


def misfit(outcome: Outcome, schema: dict[str, Any] | None) -> str:
    """What is wrong with an answer, in sentences for the model that gave it; "" where it fits."""
    match outcome:
        case Failed(error, code="answer"):
            return error
        case Done(output) if schema:
            told = [f"{where} {what}".strip() for where, what in problems(schema, output)[:TOLD]]
            return " ".join(["The answer does not fit.", *told]) if told else ""
    return ""


def failed(error: CallFailed, spent: Spent) -> Failed:
    """A call that gave no answer, as an outcome."""
    told = Failed(str(error), retry=error.retry, spent=spent, code=error.code, after=error.after)
    return told if error.counted else replace(told, counted=False)


def with_confidence(task: Task, output: dict[str, Any], spent: Spent) -> Spent:
    """What was spent, with the confidence of the answer: the classifier's, else that of its log-probabilities, else
    what the model states of itself, by the step's expression or in a field `confidence`.
    """
    ours = call.is_built_in(_route_of(spent))
    if spent.confidence is not None and not ours:
        return spent
    stated = _stated(task, output)
    if stated is None or not math.isfinite(stated):
        return spent
    source = ConfidenceSource.CLASSIFIER if ours else ConfidenceSource.STATED
    return replace(spent, confidence=stated, confidence_source=source)


def _stated(task: Task, output: dict[str, Any]) -> float | None:
    if text := task.step.spec.get("confidence"):
        try:
            return float(evaluate(text, {**task.scope, "output": output}))
        except (BadExpression, TypeError, ValueError, OverflowError):
            return None
    said = output.get("confidence")
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 1 else None


def _route_of(spent: Spent) -> str:
    """What the model that answered is called by litellm."""
    known = spent.routing.snapshot.by_name.get(spent.model) if spent.routing is not None else None
    return known.route if known is not None else spent.model


def _unfenced(text: str) -> str:
    """Models like to wrap JSON in a code fence."""
    stripped = text.strip()
    if stripped.startswith("```"):
        stripped = stripped.split("\n", 1)[-1].rsplit("```", 1)[0]
    return stripped


def _no_constant(name: str) -> float:
    raise NoAnswer(f"holds {name}, which is no number of JSON")


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST:
        raise NoAnswer("holds a number that is too large to be kept; it should be written as a text")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NoAnswer("holds a number that is too large to be kept; it should be written as a text")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice: readers differ in which of the two counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise NoAnswer("says something twice: a key stands two times in one object")
    return made


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = [one for part in level if isinstance(part, dict | list) for one in _parts(part)]
        if not inner:
            return False
        level = inner
    return True


def _parts(part: dict[str, Any] | list[Any]) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else part
