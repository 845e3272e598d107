"""The form of a dry run: which text, with which input, and what is taken as answered."""

import json
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import User
from orchestration import contents, dry
from orchestration.documents.cases import REJECTED
from orchestration.dry import Answer, Script
from orchestration.models import Run, Version, Workflow
from orchestration.views.files import hidden

DRAFT = "draft"
VERSIONS = 20
MOST_REJECTED = 200

type Problems = list[tuple[str, str]]


class DryForm(forms.Form):
    """`version` is the text that was chosen, `given` the input, `script` what is taken as answered."""

    text = forms.ChoiceField(label=gettext_lazy("Which text"))
    given = forms.CharField(
        label=gettext_lazy("Input, as JSON"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
    )
    run = forms.IntegerField(
        label=gettext_lazy("Or the input of a past run"),
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text=gettext_lazy("The number of a run of this workflow. Its input then counts, not the one above."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    borrow = forms.BooleanField(
        label=gettext_lazy("Take what that run's steps came to as recorded answers"), required=False
    )

    def __init__(self, workflow: Workflow, user: User, data: Any = None, *, wanted: str = "", **more: Any) -> None:
        super().__init__(data, **more)
        self.workflow = workflow
        self.user = user
        self.past: Run | None = None
        self.problems: Problems = []
        self.versions = self._versions()
        texts = cast(forms.ChoiceField, self.fields["text"])
        texts.choices = [(key, _called(version, workflow)) for key, version in self.versions.items()]
        chosen = wanted if wanted in self.versions else next(iter(self.versions), "")
        self.fields["text"].initial = chosen
        self.chosen = self.versions.get(chosen)

    def _versions(self) -> dict[str, Version]:
        """The current version first, then the draft, then the others from the newest."""
        rows = list(self.workflow.versions.defer("document", "readiness").order_by("-number")[: VERSIONS + 1])
        keyed = {DRAFT if one.number is None else str(one.number): one for one in rows}
        first = sorted(keyed, key=lambda key: (keyed[key].pk != self.workflow.current_id, key != DRAFT))
        return {key: keyed[key] for key in first}

    @property
    def version(self) -> Version:
        """The text that was chosen."""
        return self.versions[self.cleaned_data["text"]]

    def clean_run(self) -> int | None:
        """A run of this workflow that this person may see."""
        number = self.cleaned_data["run"]
        if number is None:
            return None
        seen = Run.objects.seen_by(self.user).filter(workflow=self.workflow)
        self.past = seen.select_related("version", "workflow").filter(pk=number).first()
        if self.past is None:
            raise forms.ValidationError(_("There is no run %d of this workflow that you may see.") % number)
        return int(number)

    def clean_given(self) -> dict[str, Any] | None:
        """The object that was written; nothing where a past run may give it."""
        text = self.cleaned_data["given"]
        if not text.strip():
            return None
        try:
            given = json.loads(text)
        except json.JSONDecodeError as error:
            told = {"line": error.lineno, "column": error.colno, "why": error.msg}
            raise forms.ValidationError(_("Line %(line)d, column %(column)d: %(why)s.") % told) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("It cannot be read as JSON.")) from error
        if not isinstance(given, dict):
            raise forms.ValidationError(_("An input is an object: names with their values, in braces."))
        return given

    def clean(self) -> dict[str, Any]:
        """One of the two must say what the run starts with."""
        cleaned = super().clean() or self.cleaned_data
        asked = {"given", "run"} - set(self.errors)
        if len(asked) == 2 and cleaned.get("given") is None and self.past is None:
            self.add_error("given", _("Write an input, or name a past run. An empty one is {}."))
        return cleaned

    @property
    def input(self) -> dict[str, Any]:
        """What the run starts with."""
        return dict(contents.open_up(self.past.input) if self.past else self.cleaned_data["given"])

    def script(self, case: dict[str, Any] | None, rejected: list[str]) -> Script:
        """What is taken as answered: of a test case, else of the past run; with what should be rejected."""
        script = Script()
        if case is not None:
            script = dry.of_case(case)
        elif self.past is not None and self.cleaned_data["borrow"]:
            unread = set(hidden(self.user, self.past).values_list("pk", flat=True))
            script = dry.of_run(self.past, lambda one: one.step_id not in unread)
        return script.turned({key[:60]: Answer(REJECTED) for key in rejected[:MOST_REJECTED]})


def _called(version: Version, workflow: Workflow) -> str:
    if version.number is None:
        return _("The draft")
    told = {"number": version.number}
    if version.pk == workflow.current_id:
        return _("Version %(number)d, which is current") % told
    return _("Version %(number)d") % told
