"""The form of an agent: what it is called and for, who answers for it, and its text."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import User
from orchestration.agents import keeping, text
from orchestration.models import Agent
from orchestration.views.filing import FiledForm

MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}


class AgentForm(FiledForm):
    """What somebody says of an agent. Its text is kept as it is written, and told what is wrong with it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What steps say. It never changes: help-desk."),
        max_length=keeping.LONGEST_NAME,
        widget=forms.TextInput(attrs=MONO),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("What people call it."),
        max_length=keeping.LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        help_text=gettext_lazy("What it is for, in a sentence or two."),
        max_length=keeping.LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner = forms.CharField(
        label=gettext_lazy("Answers for it"),
        help_text=gettext_lazy("A login."),
        max_length=150,
        widget=forms.TextInput(attrs=MONO),
    )
    source = forms.CharField(
        label=gettext_lazy("What it is"),
        help_text=gettext_lazy(
            "YAML: model, prompt and tools; besides them routing, workers, call_review, asks, talks, output, "
            "confidence, limits, ceiling, metrics."
        ),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={**MONO, "rows": 24, "wrap": "off"}),
    )

    def __init__(self, data: Any, row: Agent | None, by: User) -> None:
        initial: dict[str, Any] = {"owner": by.get_username(), "source": text.BEGINNING}
        if row is not None:
            initial = {name: getattr(row, name) for name in ("title", "purpose", "source")}
            initial["owner"] = row.owner.get_username()
        super().__init__(data, initial=initial)
        if row is not None:
            del self.fields["name"]

    def clean_owner(self) -> User:
        """Somebody who is still here."""
        found = User.objects.filter(username=self.cleaned_data["owner"].strip(), is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody here has this login."))
        return found

    @property
    def wanted(self) -> dict[str, Any]:
        """What was said of it but its name."""
        return {name: self.cleaned_data[name] for name in keeping.FIELDS}

    @property
    def groups(self) -> list[tuple[str, list[list[forms.BoundField]]]]:
        """The fields under a few headings."""
        rows = (
            (_("Who it is"), ("name", "title"), ("purpose",), ("owner",)),
            (_("What it is and may do"), ("source",)),
        )
        return [(title, [[self[one] for one in row if one in self.fields] for row in part]) for title, *part in rows]
