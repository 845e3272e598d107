"""Dry runs and the editor know forms, own outcomes and ways back."""

from typing import Any

import pytest
from django.http import QueryDict

from orchestration import documents, dry
from orchestration.documents import BadDocument
from orchestration.dry import script
from orchestration.editing.widgets import answers
from orchestration.editing.widgets.widget import Choices
from tests.cast import Cast
from tests.flow import drawn
from tests.reviews.asking.drawn import FORM, OUTCOMES, asking

STEPS = (
    drawn.step("first"),
    asking(form=FORM[:2], outcomes=OUTCOMES, back={"to": ["first"]}),
    drawn.step("between"),
    drawn.step("last"),
)


def passed(cast: Cast, **decisions: Any) -> tuple[str, list[str]]:
    """How a dry run ends with these decisions, and the steps that it came to."""
    said = script.of_case({"decisions": decisions})
    course = dry.run(drawn.source(*STEPS), {}, starter=cast.adam, script=said)
    return course.status, [one.step for one in course.steps]


def test_a_dry_run_answers_a_form_and_takes_an_outcome(cast: Cast) -> None:
    form = {"kind": "refund", "amount": "5.00"}
    came = passed(cast, say={"verdict": "approved", "outcome": "escalate", "form": form})
    assert came == ("done", ["first", "say", "last"])


def test_a_dry_run_stops_where_a_form_would_be_filled_in(cast: Cast) -> None:
    assert passed(cast)[0] == "stopped"


def test_a_dry_run_sends_back_once(cast: Cast) -> None:
    steps = [drawn.step("first"), asking(back={"to": ["first"]})]
    said = script.of_case({"decisions": {"say": {"verdict": "sent_back", "to": "first", "note": "Again."}}})
    course = dry.run(drawn.source(*steps), {}, starter=cast.adam, script=said)
    assert course.status == "done"
    assert [one.step for one in course.steps].count("first") == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"verdict": "approved", "outcome": "nothing"}, "no outcome there"),
        ({"verdict": "rejected", "outcome": "escalate"}, "counts as approved"),
        ({"verdict": "approved", "form": {"strange": 1}}, "not asked there"),
        ({"verdict": "sent_back", "to": "last"}, "not allowed there"),
        ({"verdict": "approved", "to": "first"}, "and does not"),
    ],
)
def test_a_case_that_answers_otherwise_than_asked_is_told(cast: Cast, said: dict[str, Any], told: str) -> None:
    case = {"name": "one", "input": {}, "expect": {"status": "done"}, "decisions": {"say": said}}
    with pytest.raises(BadDocument) as caught:
        documents.read(drawn.source(*STEPS, tests=[case]))
    assert told in str(caught.value)


def test_the_editor_gives_back_what_it_shows() -> None:
    section = {
        "form": [{**FORM[0], "choices": ["refund", {"value": "other", "label": "Else"}]}, *FORM[1:]],
        "outcomes": OUTCOMES,
        "back": {"model": True, "to": ["first"], "most": 2},
    }
    shown = answers.show(section, Choices())
    sent = QueryDict(mutable=True)
    sent["review.asks"] = "1"
    for one in shown["form"]:
        for part in (*answers.FIELDS, *answers.LIMITS, *answers.MORE):
            value = "yes" if part == "required" and one.get(part) else one.get(part, "")
            sent.appendlist(f"review.field.{part}", str(value or ""))
    for one in shown["outcomes"]:
        for part in answers.OUTCOMES:
            value = one.get("reason", "") if part == "needs_reason" else one.get(part, "")
            sent.appendlist(f"review.outcome.{part}", str(value))
    sent["review.back.model"], sent["review.back.to"], sent["review.back.most"] = "1", shown["to"], "2"
    assert answers.read("review", sent, section) == section
