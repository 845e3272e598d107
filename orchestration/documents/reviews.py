"""What says whether a step's review section can be followed: whoever holds the reviews registers it here."""

from collections.abc import Callable, Iterator
from typing import Any

from orchestration.documents.naming import SECTIONS
from orchestration.documents.outline import Spec, walk
from orchestration.documents.problems import Problem

type Filling = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], tuple[dict[str, Any], str]]
type Calendars = Callable[[], list[tuple[str, str]]]
type ReviewCheck = Callable[[dict[str, Any], dict[str, Any]], list[str]]  # (review section, step) -> problems

# Which keys of a field in the form of a review mean something for fields of which type.
MEANT = {
    "choices": {"choice", "several"},
    "columns": {"table"},
    "unit": {"number"},
    "currency": {"money"},
    "accept": {"file"},
    "max_size": {"file"},
    "min": {"text", "number", "money", "several", "table"},
    "max": {"text", "number", "money", "several", "table"},
    "prefill": {"text", "number", "money", "date", "choice", "several", "table"},
}

_checks: list[ReviewCheck] = []
_shapes: list[dict[str, Any]] = []
_fillings: list[Filling] = []
_calendars: list[Calendars] = []


def checks_reviews(check: ReviewCheck) -> ReviewCheck:
    """Register a check of the review section."""
    _checks.append(check)
    return check


def describe(shape: dict[str, Any]) -> None:
    """Say what a review section may hold, as a JSON schema, for those who write documents."""
    _shapes.append(shape)


def shapes() -> list[dict[str, Any]]:
    """The described shapes."""
    return list(_shapes)


def fills_forms(fill: Filling) -> Filling:
    """Register what fills in the form of a review section: (section, answers, scope) -> (answers, what is wrong)."""
    _fillings.append(fill)
    return fill


def filled(review: dict[str, Any], answers: dict[str, Any], scope: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The form of a review with these answers and what is prefilled; and what is wrong with it, or ""."""
    for fill in _fillings:
        return fill(review, answers, scope)
    return answers, ""


def lists_calendars(known: Calendars) -> Calendars:
    """Register what lists the calendars that a review section may name: each by its key and what it is called."""
    _calendars.append(known)
    return known


def calendars() -> list[tuple[str, str]]:
    """All of them."""
    return [one for known in _calendars for one in known()]


def problems(document: Spec) -> Iterator[Problem]:
    """What is wrong with the review sections of a document."""
    for placed in walk(document):
        for section in SECTIONS:
            review = placed.spec.get(section, {})
            for check in _checks if review else ():  # that it is lacking is told elsewhere
                for told in check(review, placed.spec):
                    yield Problem(told, (*placed.path, section), placed.key, section)
