"""The form of a model: everything that people say of it. What cannot be said is told beside its field."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.catalog.changing import FOLLOWING_CODE, MOST, plain
from orchestration.models import Model
from orchestration.models.catalog import DECIDING, FILE, FREE, KEPT, REFERENCE
from orchestration.states import Capability, DataClass, RiskTier
from orchestration.views.filing import FiledForm

MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}


def _text(label: Any, hint: Any = "", *, most: int = 300, required: bool = False, mono: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs=MONO if mono else {"autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, max_length=most, required=required, widget=widget)


def _whole(label: Any, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, min_value=0, max_value=MOST, required=False)


def _amount(label: Any, hint: Any = "", places: int = 6) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=hint, min_value=0, max_digits=12, decimal_places=places, required=False
    )


def _several(label: Any, choices: list[tuple[str, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


class ModelForm(FiledForm):
    """What somebody says of a model. Its own rules are asked when it is proposed or changed."""

    name = _text(
        gettext_lazy("Name"),
        gettext_lazy("What steps say. It never changes: openai/gpt-4o, or house/large."),
        most=120,
        required=True,
    )
    title = _text(gettext_lazy("Title"), gettext_lazy("What people call it."), most=120, mono=False)
    route = _text(
        gettext_lazy("Called by litellm"),
        gettext_lazy("Provider and model, openai/gpt-4o say. Empty: as it is named here."),
        most=200,
    )
    endpoint = _text(
        gettext_lazy("Address"),
        gettext_lazy(
            "Of your own server or gateway, with its path: https://models.example.org/v1. Empty: the provider's own."
        ),
    )
    private_endpoint = forms.BooleanField(
        required=False, label=gettext_lazy("This address may lie inside the house (a private or loopback address)")
    )
    secret = _text(
        gettext_lazy("Where its key is"),
        gettext_lazy("Never the key itself: env:OPENAI_API_KEY, file:/path/of/the/file, or kept:name."),
        most=250,
    )
    ceiling = forms.ChoiceField(
        label=gettext_lazy("May be given, at the most"),
        choices=DataClass.choices,
        help_text=gettext_lazy("Data of a higher class never reaches it."),
    )
    region = _text(gettext_lazy("Region"), gettext_lazy("Where it works: eu, us, own. Empty: unknown."), most=20)
    retention_days = _whole(
        gettext_lazy("Days that the provider keeps texts"), gettext_lazy("0: not at all. Empty: unknown.")
    )
    tiers = _several(gettext_lazy("Serves workflows of risk"), RiskTier.choices)
    capabilities = _several(gettext_lazy("Can do"), Capability.choices)
    languages = _text(gettext_lazy("Languages"), gettext_lazy("Codes with commas between: de, en. Empty: any."))
    context = _whole(gettext_lazy("Reads, in tokens"), gettext_lazy("Empty: unknown."))
    most_output = _whole(gettext_lazy("Writes at the most, in tokens"))
    price_in = _amount(gettext_lazy("USD for a million tokens in"))
    price_out = _amount(gettext_lazy("USD for a million tokens out"))
    priced_on = forms.DateField(
        label=gettext_lazy("Prices as of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    quality = forms.DecimalField(
        label=gettext_lazy("Quality"),
        help_text=gettext_lazy("Your own word, from 0 to 1; it counts until a step has 20 results of its own."),
        min_value=0,
        max_value=1,
        max_digits=4,
        decimal_places=3,
        initial=Decimal("0.5"),
    )
    tags = _text(
        gettext_lazy("Tags"), gettext_lazy("Steps may name one: small letters, digits, hyphens, with commas between.")
    )
    requests_per_minute = _whole(gettext_lazy("Calls a minute"), gettext_lazy("Empty: no limit."))
    tokens_per_minute = _whole(gettext_lazy("Tokens a minute"))
    calls_at_once = _whole(gettext_lazy("Calls at once"))
    month_budget = _amount(gettext_lazy("USD a month"), places=2)

    def __init__(self, data: Any = None, *, row: Model | None = None) -> None:
        self.row = row
        self.kept_back = False  # something that may be a key was written where its place is named
        if data is not None:
            data = self._without_keys(data)
        super().__init__(
            data, initial=_initial(row) if row else {"tiers": ["minimal", "limited"], "ceiling": "internal"}
        )
        if row is not None:
            del self.fields["name"]
        if row is not None and row.is_built_in:
            for name in FOLLOWING_CODE:
                del self.fields[name]

    def _without_keys(self, data: Any) -> Any:
        """What may be a key itself is not shown again, whatever else is wrong."""
        said = str(data.get("secret", "")).strip()
        if not said or any(re.fullmatch(pattern, said) for pattern in (REFERENCE, FILE, KEPT)):
            return data
        self.kept_back = True
        return MultiValueDict({name: [""] if name == "secret" else data.getlist(name) for name in data})

    def clean_secret(self) -> str:
        """The reference alone."""
        if self.kept_back:
            told = _("Say where the key is, never the key: env:OPENAI_API_KEY, file:/path, or kept:its-name.")
            raise forms.ValidationError(f"{told} {_('What was written there is not shown again.')}")
        return str(self.cleaned_data["secret"]).strip()

    @property
    def wanted(self) -> dict[str, Any]:
        """What was said, as the catalog takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name in (*DECIDING, *FREE)}
        for name in ("languages", "tags"):
            words = [word.strip() for word in str(given[name]).split(",")]
            given[name] = sorted({word for word in words if word})
        for name, known in (("capabilities", Capability), ("tiers", RiskTier)):
            given[name] = [one for one in known.values if one in given[name]]
        return given

    @property
    def groups(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """The fields under a few headings, row by row: short ones stand side by side."""
        rows = (
            (
                _("How it is reached"),
                ("name",),
                ("title",),
                ("route",),
                ("endpoint",),
                ("private_endpoint",),
                ("secret",),
            ),
            (_("What it may be given"), ("ceiling",), ("region", "retention_days"), ("tiers",)),
            (_("What it can do"), ("capabilities",), ("languages",), ("context", "most_output"), ("quality", "tags")),
            (_("What it costs"), ("price_in", "price_out"), ("priced_on", "month_budget")),
            (_("Limits"), ("requests_per_minute", "tokens_per_minute"), ("calls_at_once",)),
        )
        shown = [
            (title, [[self[name] for name in row if name in self.fields] for row in part]) for title, *part in rows
        ]
        return [(title, [row for row in part if row]) for title, part in shown if any(part)]


def _initial(row: Model) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in (*DECIDING, *FREE)}
    found |= {name: plain(value) for name, value in found.items() if isinstance(value, Decimal)}
    return found | {"languages": ", ".join(row.languages), "tags": ", ".join(row.tags)}
