"""Fields that the forms of rules and of test cases have in common, and where a problem of either is told."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from orchestration.policies.shape import LONGEST_NAME, Problem

type Spec = dict[str, Any]
type Choices = list[tuple[str, Any]]

LONGEST_NAMES, LONGEST_INPUT = 2000, 20_000
MOST_CHOICES = 500
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
MONO = {**PLAIN, "class": "mono"}
IS, NOT = "is", "not"
NAMED = ("region", "model", "tool", "groups")
YES_NO: Choices = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
HOLDS: Choices = [
    ("", gettext_lazy("may hold or not")),
    ("yes", gettext_lazy("holds")),
    ("no", gettext_lazy("does not hold")),
]
UNKNOWN = "-unknown"
NOT_KNOWN = ("region", "amount", "groups", "input")
# Where a problem of the rule is told, when its field has another name in the form.
PLACES = {
    "matches": "holds",
    "points": "points",
    "if": "condition",
    "key": "title",
    "match": "",
    "then": "",
    "scope": "",
}


def text(label: str, *, longest: int = LONGEST_NAME, hint: str = "", mono: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs=MONO if mono else PLAIN)
    return forms.CharField(max_length=longest, required=False, label=label, help_text=hint, widget=widget)


def choice(label: str, options: Choices, *, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(choices=options, required=False, label=label, help_text=hint)


def several(label: str, options: Choices) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=options, required=False, label=label, widget=forms.CheckboxSelectMultiple)


def whole(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=most, required=False, label=label)


def place(problem: Problem, fields: Mapping[str, forms.Field]) -> str | None:
    for part in reversed([str(part) for part in problem.path]):
        name = PLACES.get(part, part)
        if name in fields:
            return name
    return None


def split(text: str) -> list[str]:
    """Names that stand in a row, with commas."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
