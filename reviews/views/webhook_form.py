"""The form of a webhook that goes out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from orchestration.views.filing import FiledForm
from reviews.reaching import OUTSIDE, Hook
from reviews.webhooks.keeping import SHOWN, WORDS

MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}


class WebhookForm(FiledForm):
    """What another system is told, and where."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Small letters, digits and hyphens, as in ticket-system. It never changes."),
        max_length=40,
        widget=forms.TextInput(attrs=MONO),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, required=False)
    address = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("With its path: https://tickets.example.org/handrail. Redirects are not followed."),
        max_length=300,
        widget=forms.TextInput(attrs=MONO),
    )
    private = forms.BooleanField(
        label=gettext_lazy("This address may lie inside the house (a private or loopback address)"), required=False
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("It is told when"),
        choices=[(kind.value, WORDS[kind]) for kind in OUTSIDE],
        widget=forms.CheckboxSelectMultiple,
    )
    titles = forms.BooleanField(
        label=gettext_lazy("With the title of what is decided, where its workflow allows that"), required=False
    )

    def __init__(self, data: Any = None, *, row: Hook | None = None) -> None:
        super().__init__(data, initial={name: getattr(row, name) for name in SHOWN} if row else {"kinds": ["asked"]})
        if row is not None:
            del self.fields["name"]

    @property
    def wanted(self) -> dict[str, Any]:
        """What was said, as it is kept."""
        return {name: self.cleaned_data[name] for name in SHOWN}
