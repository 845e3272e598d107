"""Runs whose review asks a form, has own outcomes, or can be sent back."""

from typing import Any

from audit.models import User
from reviews import decisions
from reviews.decisions import Answers
from reviews.models import Decision, Review
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.flow.drawn import Spec

FORM: list[Spec] = [
    {"name": "kind", "label": "What it is", "type": "choice", "choices": ["refund", "other"], "required": True},
    {
        "name": "amount",
        "label": "Amount",
        "type": "money",
        "currency": "EUR",
        "required": True,
        "shown_when": "form.kind == 'refund'",
        "max": 500,
    },
    {"name": "note", "label": "Note", "type": "text", "prefill": "act.arguments.word"},
    {
        "name": "lines",
        "label": "Lines",
        "type": "table",
        "columns": [
            {"name": "item", "label": "Item", "type": "text", "required": True},
            {"name": "count", "label": "Count", "type": "number"},
        ],
    },
    {"name": "proof", "label": "Proof", "type": "file", "accept": [".txt"], "max_size": 1000},
]
OUTCOMES: list[Spec] = [
    {"name": "escalate", "title": "Escalate", "counts_as": "approved", "to": "last", "shortcut": "x"},
    {"name": "wrong_desk", "title": "Wrong desk", "counts_as": "rejected", "to": "last", "needs_reason": False},
]


def asking(**review: Any) -> Spec:
    """A step that says a word, once somebody has answered."""
    return drawn.step("say", review={**drawn.REVIEW, **review})


def waiting(cast: Cast, *steps: Spec, **more: Any) -> Review:
    """A run of these steps, carried to its question."""
    drawn.start(cast, *steps, **more)
    carry_out_all()
    return Review.objects.open().get()


def decide(review: Review, by: User, verdict: str = "approved", reason: str = "", **more: Any) -> Decision:
    """Decide on the review as it stands now; what is no part of a plain decision goes into the answers."""
    now = Review.objects.get(pk=review.pk)
    answers = Answers(**{name: more.pop(name) for name in ("outcome", "form", "came", "to") if name in more})
    shown = {"version": now.version, "shown_hash": now.content_hash, "reason": reason, "answers": answers}
    return decisions.decide(review.pk, by=by, verdict=verdict, **{**shown, **more})
