"""Answers below the page: a form and own outcomes are held to what is asked, recorded, and read by later steps."""

from typing import Any

import pytest

from audit.models import Event
from orchestration.documents import BadDocument
from orchestration.models import Run, StepRun
from orchestration.readiness.findings import NotReady
from reviews import decisions
from reviews.models import Decision, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.reviews.asking.drawn import FORM, OUTCOMES, asking, decide, waiting

GIVEN = {"kind": "refund", "amount": "12.50", "note": "yes", "lines": [{"item": "a cup", "count": 2}]}
LATER = drawn.step("last", input={"word": "steps.say.form.amount"})


def test_a_form_is_answered_recorded_and_read_later(cast: Cast) -> None:
    review = waiting(cast, asking(form=FORM), LATER)
    decision = decide(review, cast.rita, form=GIVEN)
    carry_out_all()
    run = Run.objects.get()
    assert run.status == "done"
    assert drawn.output(run, "say") == {"word": "say", "verdict": "approved", "edited": False, "form": GIVEN}
    assert drawn.output(run, "last")["word"] == "12.50"
    assert decision.content["form"] == GIVEN
    assert not decision.edited
    told = Event.objects.get(event_id=decision.receipt)
    assert told.content_hash == decision.content_hash


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, ""),  # what is needed is not left out
        ({"kind": "refund"}, ""),  # nor what is shown by an answer
        ({"kind": "other", "amount": "1.00"}, ""),  # what is hidden is not sent
        ({"kind": "refund", "amount": "501.00"}, "amount"),
        ({"kind": "refund", "amount": 5}, "amount"),
        ({"kind": "elsewhat"}, "kind"),
        ({"kind": "other", "strange": "x"}, ""),
        ({"kind": "other", "lines": [{"count": 1}]}, "lines.0"),
        (
            {"kind": "other", "proof": {"$file": "0" * 64, "name": "a.txt", "media_type": "text/plain", "size": 3}},
            "proof",
        ),
    ],
)
def test_a_form_that_does_not_fit_decides_nothing(cast: Cast, form: dict[str, Any], field: str) -> None:
    review = waiting(cast, asking(form=FORM))
    with pytest.raises(decisions.BadForm) as caught:
        decide(review, cast.rita, form=form)
    assert field in [at for at, _ in caught.value.problems]
    assert Review.objects.get().is_open
    assert not Decision.objects.exists()


def test_a_plain_refusal_needs_no_form(cast: Cast) -> None:
    review = waiting(cast, asking(form=FORM))
    decide(review, cast.rita, "rejected", reason="No.")
    carry_out_all()
    assert drawn.output(Run.objects.get(), "say") == {"verdict": "rejected", "edited": False, "form": {}}


def test_two_places_answer_one_form_and_a_change_empties_the_first(cast: Cast) -> None:
    rights = {"see": ["reviewer"], "start": ["admin"], "decide": ["reviewer", "manager"], "manage": ["admin"]}
    review = waiting(cast, asking(form=FORM, then=[{"group": "manager"}]), groups=rights)
    decide(review, cast.rita, form={"kind": "other"})
    now = Review.objects.get()
    assert (now.place, now.content["form"], now.arguments) == (2, {"kind": "other"}, {"word": "say"})
    decide(review, cast.mina, form=GIVEN)
    assert Review.objects.get().place == 1
    decide(review, cast.rita, form=GIVEN)
    carry_out_all()
    assert drawn.output(Run.objects.get(), "say")["form"] == GIVEN


def test_an_own_outcome_leads_on_past_what_stands_between(cast: Cast) -> None:
    review = waiting(cast, asking(outcomes=OUTCOMES), drawn.step("between"), drawn.step("last"))
    decision = decide(review, cast.rita, outcome="escalate")
    carry_out_all()
    run = Run.objects.get()
    assert (run.status, drawn.statuses(run)) == ("done", {"say": "done", "last": "done"})
    assert drawn.output(run, "say")["outcome"] == "escalate"
    assert (decision.outcome, decision.verdict, Review.objects.get().status) == ("escalate", "approved", "approved")


def test_an_outcome_that_counts_as_a_refusal_does_nothing_and_leads_on(cast: Cast) -> None:
    review = waiting(cast, asking(outcomes=OUTCOMES), drawn.step("between"), drawn.step("last"))
    decide(review, cast.rita, "rejected", outcome="wrong_desk")
    carry_out_all()
    run = Run.objects.get()
    assert drawn.output(run, "say") == {"verdict": "rejected", "edited": False, "outcome": "wrong_desk"}
    assert drawn.statuses(run) == {"say": "done", "last": "done"}


def test_whoever_simply_approves_chooses_no_outcome(cast: Cast) -> None:
    review = waiting(cast, asking(outcomes=OUTCOMES), drawn.step("between"), drawn.step("last"))
    decide(review, cast.rita)
    carry_out_all()
    assert drawn.output(Run.objects.get(), "say")["outcome"] == ""
    assert set(drawn.statuses(Run.objects.get())) == {"say", "between", "last"}


@pytest.mark.parametrize(
    ("review", "told"),
    [
        ({"form": [FORM[0], {**FORM[0], "choices": ["a"]}]}, "twice"),
        ({"form": [{"name": "a", "label": "A", "type": "choice"}]}, "what to choose from"),
        ({"form": [{"name": "a", "label": "A", "type": "table"}]}, "columns"),
        ({"form": [{"name": "a", "label": "A", "type": "text", "currency": "EUR"}]}, "does not belong"),
        ({"form": [{"name": "a", "label": "A", "type": "number", "min": 3, "max": 2}]}, "least"),
        ({"form": [{"name": "a", "label": "A", "type": "text", "shown_when": "steps.nowhere.x"}]}, "no step here"),
        ({"outcomes": [{**OUTCOMES[0], "name": "approved"}]}, "there is already"),
        ({"outcomes": [{**OUTCOMES[0], "to": "first"}]}, "does not come later"),
        ({"outcomes": [{**OUTCOMES[0], "to": "nowhere"}]}, "no step here"),
        ({"outcomes": [{**OUTCOMES[0], "shortcut": "a"}]}, "means something already"),
        ({"back": {}}, "where to"),
        ({"back": {"model": True}}, "no model or agent"),
        ({"back": {"to": ["last"]}}, "does not come before it"),
    ],
)
def test_a_document_says_what_is_wrong_with_what_is_asked(cast: Cast, review: dict[str, Any], told: str) -> None:
    with pytest.raises((BadDocument, NotReady)) as caught:
        drawn.publish(cast, drawn.step("first"), asking(**review), drawn.step("last"))
    assert told in str(caught.value)


def test_a_later_step_that_reads_what_nobody_is_asked_is_told(cast: Cast) -> None:
    with pytest.raises(BadDocument, match="nobody is asked"):
        drawn.publish(cast, asking(form=FORM), drawn.step("last", input={"word": "steps.say.form.nothing"}))


def test_a_changed_part_is_kept_with_who_changed_it(cast: Cast) -> None:
    review = waiting(cast, asking())
    decision = decide(review, cast.rita, arguments={"word": "other"})
    assert decision.changes == [{"at": ["arguments", "word"], "before": "say", "after": "other"}]
    assert Event.objects.get(event_id=decision.receipt).data["changed"] == ["arguments.word"]
    assert (StepRun.objects.get().answer or {})["edited"]
