"""The form of a test case: what happens, and what the rules must say."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from orchestration.policies.facts import CLASSES, EFFECTS, RISKS
from orchestration.policies.sentences import DOES, FIELDS, upper
from orchestration.policies.sentences import RISKS as RISKS_SAID
from orchestration.policies.shape import LONGEST_TITLE, Problem
from orchestration.states import DataClass, Effect, Point
from orchestration.views.rule_fields import (
    HOLDS,
    LONGEST_INPUT,
    LONGEST_NAMES,
    MONO,
    NOT_KNOWN,
    UNKNOWN,
    YES_NO,
    Choices,
    Spec,
    choice,
    number,
    place,
    several,
    split,
    text,
)


class CaseForm(forms.Form):
    """What somebody wants a test case to say. What is left empty is harmless, and nothing of its own."""

    def __init__(self, rules: list[Spec], data: Any = None, *, case: Spec | None = None) -> None:
        super().__init__(data, initial=_fields_of_case(case) if case else None)
        name = text(_("Name"), longest=LONGEST_TITLE)
        name.required = True
        usual: Choices = [("", _("harmless")), (UNKNOWN, _("not known"))]
        about = [("", _("all of them together")), *((rule["key"], rule["title"]) for rule in rules)]
        self.fields |= {
            "name": name,
            "point": choice(_("Asked when it is about to"), list(Point.choices)),
            "expect": choice(_("The rules must say"), list(reversed(Effect.choices))),
            "rule": choice(_("It is about"), [*about, ("safe-default", _("the safe default"))]),
            "holds": choice(_("That rule"), list(HOLDS)),
            "data_class": choice(_("Data class"), [*usual, *[(name, DataClass(name).label) for name in CLASSES]]),
            "tool_effect": choice(_("What the tool does"), [*usual, *[(name, DOES[name]) for name in EFFECTS]]),
            "outside": choice(_("Leaves the house"), [*usual, *YES_NO]),
            "untrusted": choice(_("The run has read content from outside"), [*usual, *YES_NO]),
            "risk": choice(_("Risk"), [*usual, *[(name, RISKS_SAID[name]) for name in RISKS]]),
            "amount": forms.DecimalField(required=False, label=_("Amount"), min_value=-(10**12), max_value=10**12),
        }
        for fact in ("workflow", "step", "agent", "model", "region", "tool", "groups", "starter"):
            self.fields[fact] = text(upper(str(FIELDS[fact])), longest=LONGEST_NAMES, mono=True)
        self.fields["groups"].help_text = _("Names, with commas.")
        self.fields |= {
            "unknown": several(_("Not known at all"), [(name, upper(str(FIELDS[name]))) for name in NOT_KNOWN]),
            "input": forms.CharField(
                max_length=LONGEST_INPUT,
                required=False,
                label=_("What it is about (input), as JSON"),
                widget=forms.Textarea(attrs={**MONO, "rows": 3}),
            ),
            "reviewed": forms.BooleanField(required=False, label=_("A person has approved exactly this")),
            "waived": forms.BooleanField(required=False, label=_("A waiver lets the step go without a review")),
        }

    def clean_input(self) -> Any:
        """It is an object, or nothing."""
        text = self.cleaned_data["input"].strip()
        try:
            given = json.loads(text, parse_constant=_refuse_constant) if text else {}
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON.")) from error
        if not isinstance(given, dict):
            raise forms.ValidationError(_("This must be an object: {“name”: “value”}."))
        return given

    @property
    def facts(self) -> list[forms.BoundField]:
        """The fields that say what happens."""
        names = ("data_class", "tool_effect", "outside", "untrusted", "risk", "amount", "workflow", "step", "agent")
        return [self[name] for name in (*names, "model", "region", "tool", "groups", "starter")]

    @property
    def case(self) -> Spec:
        """The test case that was written."""
        given = self.cleaned_data
        texts = ("workflow", "step", "agent", "starter")
        facts: Spec = {name: given[name].strip() for name in texts if given[name].strip()}
        for name in ("model", "region", "tool"):
            if names := split(given[name]):
                facts[name] = names if len(names) > 1 else names[0]
        chosen = {name: given[name] for name in ("data_class", "tool_effect", "outside", "untrusted", "risk")}
        unknown = [*given["unknown"], *(name for name, value in chosen.items() if value == UNKNOWN)]
        facts |= {name: value for name, value in chosen.items() if value and value != UNKNOWN}
        facts |= {name: facts[name] == "yes" for name in ("outside", "untrusted") if name in facts}
        if names := split(given["groups"]):
            facts["groups"] = names
        facts |= {"amount": number(given["amount"])} if given["amount"] is not None else {}
        facts |= {"input": given["input"]} if given["input"] else {}
        facts |= {name: True for name in ("reviewed", "waived") if given[name]}
        facts |= {"unknown": unknown} if unknown else {}
        made: Spec = {"name": given["name"].strip(), "point": given["point"], "facts": facts, "expect": given["expect"]}
        made |= {"rule": given["rule"]} if given["rule"] else {}
        return made | ({"matches": given["holds"] == "yes"} if given["holds"] else {})

    def tell(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for problem in problems:
            self.add_error(place(problem, self.fields), problem.told)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _fields_of_case(case: Spec) -> Spec:
    facts = case["facts"]
    found: Spec = {**case, **facts}
    if "input" in facts:
        found["input"] = json.dumps(facts["input"], indent=2, ensure_ascii=False)
    for name in ("model", "region", "tool", "groups"):
        if isinstance(found.get(name), list):
            found[name] = ", ".join(found[name])
    found |= {name: "yes" if facts[name] else "no" for name in ("outside", "untrusted") if name in facts}
    for name in ("data_class", "tool_effect", "outside", "untrusted", "risk"):
        if name in facts.get("unknown", []):
            found[name] = UNKNOWN
    if "matches" in case:
        found["holds"] = "yes" if case["matches"] else "no"
    return found
