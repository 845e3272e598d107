"""The sample's workflow document: that it can be published, and what its expressions come to."""

from typing import Any

import pytest
import yaml

from deploy.sample import train
from orchestration import documents, starts, templates
from orchestration.documents import reviews
from orchestration.expressions import evaluate
from reviews import points

SOURCE = (templates.FOLDER / "answer_a_customer.yaml").read_text("utf-8")
DOCUMENT = documents.read(SOURCE)
STEPS: dict[str, dict[str, Any]] = {step["key"]: step for step in DOCUMENT["steps"]}
ANSWERS: dict[str, dict[str, str]] = yaml.safe_load((train.DATA / "answers.yaml").read_text("utf-8"))["answers"]
GIVEN = {"question": "Where is my card?", "customer_name": "Zoë Fraser", "customer": "zoe.fraser@example.com"}


def scope(label: str = "card_arrival", confidence: float = 0.95, **send: Any) -> dict[str, Any]:
    triage = {"label": label, "confidence": confidence, "runners_up": []}
    draft = {"subject": "Your card", "body": "It is on its way. " * 20, "scripted": True}
    return {"input": GIVEN, "steps": {"triage": triage, "draft": draft, "send": send}}


def test_its_review_sections_can_be_followed() -> None:
    assert list(reviews.problems(DOCUMENT)) == []


def test_every_step_says_all_that_readiness_asks() -> None:
    for step in STEPS.values():
        assert all(step[part] for part in ("purpose", "owner", "permission", "metrics", "limits", "data"))


def test_its_form_takes_a_question() -> None:
    assert starts.problems(DOCUMENT["input"], GIVEN) == []
    assert [field for field, _ in starts.problems(DOCUMENT["input"], {**GIVEN, "customer": "nowhere"})] == ["customer"]


@pytest.mark.parametrize("label", sorted(ANSWERS))
def test_a_question_is_ranked_by_the_risk_of_its_label(label: str) -> None:
    wanted = {"urgent": (0, 15), "normal": (1, 60), "harmless": (2, 480)}[ANSWERS[label]["risk"]]
    asked = points.ask(STEPS["send"]["review"], scope(label))
    assert (asked.priority, asked.due_minutes) == wanted


@pytest.mark.parametrize(("confidence", "priority"), [(0.9, 2), (1, 2), (0.89, 1)])
def test_a_harmless_question_waits_only_when_triage_is_sure(confidence: float, priority: int) -> None:
    assert points.ask(STEPS["send"]["review"], scope("age_limit", confidence)).priority == priority


def test_an_urgent_question_comes_first_however_unsure_triage_is() -> None:
    assert points.ask(STEPS["send"]["review"], scope("card_swallowed", 0.2)).priority == 0


def test_its_review_shows_who_asks_what_and_how_sure_triage_is() -> None:
    asked = points.ask(STEPS["send"]["review"], scope())
    assert (asked.title, asked.summary) == ("Zoë Fraser: Your card", "Where is my card?")
    assert (asked.confidence, asked.undo_seconds) == (0.95, 5)
    assert asked.evidence["label"] == "card_arrival"


@pytest.mark.parametrize(
    ("verdict", "edited", "label", "success"),
    [
        ("approved", False, "sent as written", True),
        ("approved", True, "sent with edits", False),
        ("rejected", False, "not sent", False),
    ],
)
def test_its_outcome_follows_the_decision(verdict: str, edited: bool, label: str, success: bool) -> None:
    known = scope(verdict=verdict, edited=edited)
    outcome = STEPS["outcome"]
    assert (evaluate(outcome["label"], known), evaluate(outcome["success"], known)) == (label, success)


@pytest.mark.parametrize("key", sorted(STEPS))
def test_each_metric_can_be_worked_out(key: str) -> None:
    known = scope(verdict="approved", edited=False)
    output = known["steps"].get(key, {})
    assert [evaluate(m["expression"], {**known, "output": output}) for m in STEPS[key]["metrics"]] == [True]
