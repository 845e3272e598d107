"""The form of a connection, and the one in which several of its tools are proposed together."""

import re
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.catalog.connecting import METHODS, SHOWN, commands
from orchestration.models import Connection, Tool
from orchestration.models.catalog import FILE, KEPT, REFERENCE
from orchestration.states import Repeatability, ToolEffect, ToolKind
from orchestration.views.filing import FiledForm

MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}
REFERENCES = (REFERENCE, FILE, KEPT)


def _text(label: Any, hint: Any = "", *, most: int = 300, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, max_length=most, required=required, widget=forms.TextInput(attrs=MONO)
    )


class ConnectionForm(FiledForm):
    """How another system is reached."""

    name = _text(
        gettext_lazy("Name"),
        gettext_lazy("The first part of its tools' names, airline say. It never changes."),
        most=40,
        required=True,
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[one for one in ToolKind.choices if one[0] != ToolKind.BUILT_IN]
    )
    address = _text(
        gettext_lazy("Address"), gettext_lazy("With its path: https://tools.example.org/mcp. No call goes elsewhere.")
    )
    private = forms.BooleanField(
        label=gettext_lazy("This address may lie inside the house (a private or loopback address)"), required=False
    )
    command = forms.ChoiceField(
        label=gettext_lazy("Or a command of this host"),
        help_text=gettext_lazy("An MCP server that is begun here. The settings of the host name them."),
        required=False,
    )
    secret = _text(
        gettext_lazy("Where its key is"),
        gettext_lazy("Never the key itself: env:CRM_KEY, file:/path/of/the/file, or kept:name."),
        most=250,
    )
    headers = forms.CharField(
        label=gettext_lazy("Headers"),
        help_text=gettext_lazy("One a line: Name: value, or Name: env:VARIABLE for a secret."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={**MONO, "rows": 3}),
    )
    methods = forms.MultipleChoiceField(
        label=gettext_lazy("Methods, for HTTP"),
        choices=[(one, one) for one in METHODS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, row: Connection | None = None) -> None:
        self.kept_back = False  # something that may be a key was written where its place is named
        if data is not None:
            data = self._without_keys(data)
        super().__init__(data, initial=_initial(row) if row else {"kind": ToolKind.MCP})
        names = [("", _("none")), *((name, name) for name in commands())]
        self.fields["command"].choices = names  # type: ignore[attr-defined]
        if row is not None:
            del self.fields["name"], self.fields["kind"]
        if len(names) == 1:
            del self.fields["command"]
        self.row = row

    def _without_keys(self, data: Any) -> Any:
        said = str(data.get("secret", "")).strip()
        if not said or any(re.fullmatch(pattern, said) for pattern in REFERENCES):
            return data
        self.kept_back = True
        return MultiValueDict({name: [""] if name == "secret" else data.getlist(name) for name in data})

    def clean_secret(self) -> str:
        """The reference alone."""
        if self.kept_back:
            told = _("Say where the key is, never the key: env:CRM_KEY, file:/path, or kept:its-name.")
            raise forms.ValidationError(f"{told} {_('What was written there is not shown again.')}")
        return str(self.cleaned_data["secret"]).strip()

    def clean_headers(self) -> list[dict[str, str]]:
        """One object a line."""
        found = []
        for line in self.cleaned_data["headers"].splitlines():
            if line.strip():
                name, _colon, value = (part.strip() for part in line.partition(":"))
                is_secret = any(re.fullmatch(pattern, value) for pattern in REFERENCES)
                found.append({"name": name, "secret" if is_secret else "value": value})
        return found

    @property
    def wanted(self) -> dict[str, Any]:
        """What was said, as the catalog takes it."""
        said = {name: value for name, value in self.cleaned_data.items() if name in SHOWN}
        return said | ({"kind": self.row.kind} if self.row else {})

    @property
    def groups(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """The fields under a few headings."""
        rows = (
            (_("What it is"), ("name", "kind"), ("title",)),
            (_("How it is reached"), ("address",), ("private",), ("command",)),
            (_("What goes along"), ("secret",), ("headers",), ("methods",)),
        )
        shown = [(title, [[self[one] for one in row if one in self.fields] for row in part]) for title, *part in rows]
        return [(title, [row for row in part if row]) for title, part in shown if any(part)]


def _initial(row: Connection) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in SHOWN}
    lines = [f"{one['name']}: {one.get('secret') or one.get('value', '')}" for one in row.headers]
    return found | {"headers": "\n".join(lines)}


class OfferForm(forms.Form):
    """What people say of one tool that is offered, and whether it is proposed."""

    chosen = forms.BooleanField(required=False)
    effect = forms.ChoiceField(choices=ToolEffect.choices)
    repeatability = forms.ChoiceField(choices=Repeatability.choices)
    leaves_house = forms.BooleanField(required=False)
    for_all = forms.BooleanField(required=False)

    def __init__(self, data: Any, row: Tool) -> None:
        said = {name: getattr(row, name) for name in ("effect", "repeatability", "leaves_house", "for_all")}
        super().__init__(data, prefix=f"t{row.pk}", initial=said)
        self.row = row
        for name, field in self.fields.items():
            field.label = f"{field.label or name}: {row.name}"
