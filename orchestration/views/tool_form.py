"""The forms of a tool: what people say of it, who may use it, and the arguments of a test call."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.catalog.tooling import FREE, LIMITS, SAID
from orchestration.models import Tool
from orchestration.states import Repeatability, ToolEffect
from orchestration.views.filing import FiledForm

LONGEST = 20_000  # characters of arguments


def _whole(label: Any, name: str, hint: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, min_value=1, max_value=LIMITS[name], required=False)


class ToolForm(FiledForm):
    """What people say of a tool. Its own rules are asked when it is changed."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, required=False)
    purpose = forms.CharField(
        label=gettext_lazy("What it is for, as models are told"),
        help_text=gettext_lazy("Empty: what it says of itself. Your own words stand in its stead."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    effect = forms.ChoiceField(
        label=gettext_lazy("What a call does"),
        help_text=gettext_lazy("Reads go free; whatever else asks rules and people."),
        choices=ToolEffect.choices,
    )
    repeatability = forms.ChoiceField(
        label=gettext_lazy("A call may be made again"),
        help_text=gettext_lazy("Never: when nobody knows whether it happened, a person is asked."),
        choices=Repeatability.choices,
    )
    leaves_house = forms.BooleanField(label=gettext_lazy("Others outside the house see what it does"), required=False)
    undo = forms.ModelChoiceField(
        label=gettext_lazy("Undone by"),
        queryset=Tool.objects.none(),
        required=False,
        empty_label=gettext_lazy("nothing"),
    )
    undo_with = forms.JSONField(
        label=gettext_lazy("Called for that with, as JSON"),
        help_text=gettext_lazy(
            'Each of its arguments by an expression that reads arguments and output: {"id": "output.id"}. '
            "Empty: by the names that both have."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
    )
    for_all = forms.BooleanField(
        label=gettext_lazy("Everybody may use it: every workflow and agent, whoever starts the run"), required=False
    )
    per_minute = _whole(gettext_lazy("Calls a minute"), "per_minute", gettext_lazy("Empty: no limit."))
    at_once = forms.IntegerField(label=gettext_lazy("Calls at once"), min_value=1, max_value=10_000, required=False)
    seconds = _whole(gettext_lazy("Seconds of a call"), "seconds", gettext_lazy("Empty: 60."))
    result_bytes = _whole(gettext_lazy("Bytes of a result"), "result_bytes", gettext_lazy("Empty: one million."))

    def __init__(self, data: Any, row: Tool, at_once: int | None) -> None:
        initial = {name: getattr(row, name) for name in (*SAID, *FREE)}
        super().__init__(data, initial={**initial, "at_once": at_once})
        self.row = row
        if row.is_built_in:
            for name in (*SAID, "seconds", "result_bytes"):
                del self.fields[name]
        else:
            others = Tool.objects.filter(connection=row.connection).exclude(pk=row.pk)
            self.fields["undo"].queryset = others  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """What was said, as the catalog takes it."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "at_once"}
        return {**said, "undo_with": said["undo_with"] or {}} if "undo_with" in said else said

    @property
    def groups(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """The fields under a few headings."""
        rows = (
            (_("What it is"), ("title",), ("purpose",)),
            (_("What it does"), ("effect", "repeatability"), ("leaves_house",), ("undo",), ("undo_with",)),
            (_("Who may use it"), ("for_all",)),
            (_("Limits"), ("per_minute", "at_once"), ("seconds", "result_bytes")),
        )
        shown = [(title, [[self[one] for one in row if one in self.fields] for row in part]) for title, *part in rows]
        return [(title, [row for row in part if row]) for title, part in shown if any(part)]


class ArgumentsForm(forms.Form):
    """The arguments of a test call, as JSON."""

    arguments = forms.CharField(
        label=gettext_lazy("Arguments, as JSON"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )

    def clean_arguments(self) -> dict[str, Any]:
        """An object."""
        try:
            found = json.loads(self.cleaned_data["arguments"] or "{}")
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON.")) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_('Give an object, such as {"city": "Berlin"}.'))
        return found


class UseForm(forms.Form):
    """Whom a tool is given to: one sort, and its name."""

    sort = forms.ChoiceField(
        label=gettext_lazy("Who"),
        choices=[
            ("group", gettext_lazy("Group")),
            ("user", gettext_lazy("Person")),
            ("workflow", gettext_lazy("Workflow")),
            ("agent", gettext_lazy("Agent")),
        ],
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Of the group or agent, the login, or the workflow's short name."),
        max_length=150,
    )
