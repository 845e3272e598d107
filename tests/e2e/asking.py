"""An item that asks a form, has own outcomes and can be sent back: for the tests in a browser."""

from typing import Any

from reviews.models import Review
from tests.cast import Cast
from tests.flow import drawn
from tests.processes import until

PEOPLE: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": {"type": "string"}, "share": {"type": "integer"}}},
}
FORM: list[drawn.Spec] = [
    {
        "name": "kind",
        "label": "What it is about",
        "type": "choice",
        "required": True,
        "choices": [{"value": "refund", "label": "A refund"}, {"value": "other", "label": "Something else"}],
    },
    {
        "name": "amount",
        "label": "Amount",
        "type": "money",
        "currency": "EUR",
        "required": True,
        "shown_when": "form.kind == 'refund'",
        "max": 500,
    },
    {"name": "by", "label": "To be paid by", "type": "date", "shown_when": "form.kind == 'refund'"},
    {"name": "topics", "label": "Topics", "type": "several", "choices": ["card", "transfer", "fee"]},
    {
        "name": "lines",
        "label": "Bookings",
        "type": "table",
        "help": "One line for each booking that is affected.",
        "columns": [
            {"name": "item", "label": "Booking", "type": "text", "required": True},
            {"name": "count", "label": "Days", "type": "number"},
        ],
    },
    {"name": "proof", "label": "Proof", "type": "file", "accept": [".txt", ".pdf"], "max_size": 100_000},
]
OUTCOMES: list[drawn.Spec] = [
    {"name": "escalate", "title": "Escalate", "counts_as": "approved", "to": "last", "shortcut": "x"}
]


def waiting(cast: Cast, slug: str = "asking") -> Review:
    """A new item of that kind."""
    output = {"type": "object", "properties": {"text": {"type": "string"}, "people": PEOPLE}}
    text = "'Dear Ada,\\n\\nwe have looked at your booking. The fee is taken back. You hear from us.'"
    step = drawn.step(
        "look",
        "person",
        name="Look at the claim",
        input={"text": text, "people": "[{'name': 'Ada', 'share': 60}, {'name': 'Bob', 'share': 40}]"},
        output=output,
        review={**drawn.REVIEW, "form": FORM, "outcomes": OUTCOMES, "back": {"to": ["first"], "most": 2}},
    )
    run = drawn.start(cast, drawn.step("first"), step, drawn.step("between"), drawn.step("last"), slug=slug)
    until(lambda: Review.objects.filter(run=run).exists(), "the item")
    return Review.objects.get(run=run)
