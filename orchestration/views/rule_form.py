"""The form of a rule: fields in, the rule as it is kept out, problems beside their fields."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from orchestration.models import Workflow
from orchestration.policies.facts import CLASSES, EFFECTS, KINDS, NAMES, RISKS
from orchestration.policies.sentences import DOES
from orchestration.policies.sentences import KINDS as KINDS_SAID
from orchestration.policies.sentences import RISKS as RISKS_SAID
from orchestration.policies.shape import LONGEST_TITLE, Problem
from orchestration.states import DataClass, Effect, Point
from orchestration.views.rule_fields import (
    IS,
    LONGEST_NAMES,
    MONO,
    MOST_CHOICES,
    NAMED,
    NOT,
    YES_NO,
    Choices,
    Spec,
    choice,
    number,
    place,
    several,
    split,
    text,
    whole,
)


def workflows() -> Choices:
    """The workflows that a rule can be of."""
    rows = Workflow.objects.order_by("name").values_list("slug", "name")[:MOST_CHOICES]
    return [("", _("every workflow")), *rows]


def groups() -> Choices:
    """The groups that can be asked."""
    return [(name, name) for name in Group.objects.order_by("name").values_list("name", flat=True)[:MOST_CHOICES]]


class RuleForm(forms.Form):
    """What somebody wants a rule to be."""

    def __init__(self, data: Any = None, *, rule: Spec | None = None) -> None:
        super().__init__(data, initial=_fields_of(rule) if rule else {"enabled": True})
        title = text(_("Title"), longest=LONGEST_TITLE)
        title.required = True
        every: Choices = [("", _("any"))]
        self.fields |= {
            "title": title,
            "points": several(_("Asked when it is about to"), list(Point.choices)),
            "effect": choice(_("What it says"), list(reversed(Effect.choices))),
            "enabled": forms.BooleanField(required=False, label=_("On")),
            "workflow": choice(_("Workflow"), _with(workflows(), rule, "workflow")),
            "step": text(_("Step"), hint=_("Its key, in that workflow."), mono=True),
            "agent": text(_("Agent"), mono=True),
            "data_class": choice(
                _("Data class, at least"), [*every, *[(name, DataClass(name).label) for name in CLASSES]]
            ),
            "outside": choice(_("Leaves the house"), [*every, *YES_NO]),
            "untrusted": choice(_("The run has read content from outside"), [*every, *YES_NO]),
            "amount": forms.DecimalField(required=False, label=_("Amount over"), min_value=0, max_value=10**12),
            "tool_effect": several(_("What the tool does"), [(name, DOES[name]) for name in EFFECTS]),
            "risk": several(_("Risk"), [(name, RISKS_SAID[name]) for name in RISKS]),
        }
        names = {"region": _("Region"), "model": _("Model"), "tool": _("Tool"), "groups": _("Groups of whoever acts")}
        for name, label in names.items():
            self.fields[f"{name}_how"] = choice(label, [(IS, _("is one of")), (NOT, _("is none of"))])
            self.fields[name] = text(label, longest=LONGEST_NAMES, hint=_("Names, with commas."), mono=True)
        self.fields["condition"] = forms.CharField(
            max_length=2000,
            required=False,
            label=_("Condition"),
            widget=forms.Textarea(attrs={**MONO, "rows": 2}),
        )
        self.fields |= {
            "group": choice(_("Who is asked"), [("", "–"), *_with(groups(), rule, "group", part="then")]),
            "many": whole(_("How many"), 9),
            "minutes": whole(_("Within minutes"), 60 * 24 * 90),
            "four_eyes": forms.BooleanField(required=False, label=_("Nobody who started or edited it")),
            "kinds": several(_("What is blacked out"), [(name, KINDS_SAID[name]) for name in KINDS]),
        }

    @property
    def named(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of names, each with whether it is one of them."""
        return [(self[f"{name}_how"], self[name]) for name in NAMED]

    @property
    def readable(self) -> list[tuple[Any, str]]:
        """What a condition may read, by point."""
        return [(Point(point).label, ", ".join(sorted(names))) for point, names in NAMES.items()]

    @property
    def rule(self) -> Spec:
        """The rule that was written, without its key. What was left empty is left out."""
        given = self.cleaned_data
        scope = {name: given[name].strip() for name in ("workflow", "step", "agent") if given[name].strip()}
        made: Spec = {"title": given["title"].strip(), "effect": given["effect"] or Effect.DENY}
        made |= {"points": given["points"], "enabled": given["enabled"]}
        made |= {"scope": scope} if scope else {}
        made |= {"match": match} if (match := self._match()) else {}
        made |= {"if": text} if (text := given["condition"].strip()) else {}
        return made | ({"then": then} if (then := self._then()) else {})

    def _match(self) -> Spec:
        given = self.cleaned_data
        match: Spec = {name: given[name] for name in ("data_class", "tool_effect", "risk") if given[name]}
        match |= {name: given[name] == "yes" for name in ("outside", "untrusted") if given[name]}
        if given["amount"] is not None:
            match["amount"] = {"over": number(given["amount"])}
        for name in NAMED:
            if names := split(given[name]):
                match[name] = {"not": names} if given[f"{name}_how"] == NOT else names
        return match

    def _then(self) -> Spec:
        """What belongs to the effect that was chosen."""
        given = self.cleaned_data
        if given["effect"] == Effect.REVIEW:
            then = {name: given[name] for name in ("group", "many", "minutes") if given[name]}
            return then | ({"four_eyes": True} if given["four_eyes"] else {})
        return {"kinds": given["kinds"]} if given["effect"] == Effect.REDACT and given["kinds"] else {}

    def tell(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for problem in problems:
            self.add_error(place(problem, self.fields), problem.told)


def _with(options: Choices, rule: Spec | None, name: str, *, part: str = "scope") -> Choices:
    """The options, and what the rule says although it is none of them any more."""
    said = (rule or {}).get(part, {}).get(name, "")
    return [*options, (said, said)] if said and said not in dict(options) else options


def _fields_of(rule: Spec) -> Spec:
    """A rule as the form has it."""
    match, then = rule.get("match", {}), rule.get("then", {})
    found: Spec = {name: rule.get(name) for name in ("title", "points", "effect", "enabled")}
    found |= {**rule.get("scope", {}), **then, "condition": rule.get("if", "")}
    found |= {name: match[name] for name in ("data_class", "tool_effect", "risk") if name in match}
    found |= {name: "yes" if match[name] else "no" for name in ("outside", "untrusted") if name in match}
    if "amount" in match:
        found["amount"] = match["amount"]["over"]
    for name in NAMED:
        if name in match:
            given = match[name]
            found[f"{name}_how"] = NOT if isinstance(given, dict) else IS
            found[name] = ", ".join(given["not"] if isinstance(given, dict) else given)
    return found
