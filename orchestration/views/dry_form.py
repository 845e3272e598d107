"""The form of a dry run: which text, with which input, and what is taken as answered."""

import json
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import User
from orchestration import contents, dry, files
from orchestration.documents.cases import REJECTED
from orchestration.dry import Answer, Script
from orchestration.forms import InputForm
from orchestration.models import Run, Version, Workflow
from orchestration.views.files import hidden

DRAFT = "draft"
VERSIONS = 20
MOST_REJECTED = 200
ANSWER = "answer-"

type Problems = list[tuple[str, str]]


class Answers:
    """What somebody says that steps answered, by their keys: `texts` as it was written, `said` as it is meant."""

    def __init__(self, data: Any) -> None:
        sent = [] if data is None else [(name, data[name]) for name in list(data) if name.startswith(ANSWER)]
        self.texts = {name.removeprefix(ANSWER)[:60]: str(text) for name, text in sent[:MOST_REJECTED] if text.strip()}
        self.said: dict[str, dict[str, Any]] = {}
        self.problems: Problems = []
        for key, text in self.texts.items():
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                self.said[key] = value
            else:
                self.problems.append((key, _("Write the answer as JSON: names with their values, in braces.")))


class DryForm(forms.Form):
    """`version` is the text that was chosen, `given` the input, `script` what is taken as answered.

    The input is written into the fields of the form that starts a run; as JSON where there are files among them.
    """

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

    def __init__(
        self,
        workflow: Workflow,
        user: User,
        data: Any = None,
        *,
        wanted: str = "",
        document: dict[str, Any] | None = None,
        begin: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(data, **more)
        self.workflow = workflow
        self.user = user
        self.inputs = self._inputs(document, data, begin)
        if self.inputs is None and begin is not None:
            self.initial["given"] = json.dumps(begin, ensure_ascii=False, indent=2)
        self.answers = Answers(data)
        self.past: Run | None = None
        self.problems: Problems = []
        self.versions = self._versions()
        texts = cast(forms.ChoiceField, self.fields["text"])
        texts.choices = [(key, _called(version, workflow)) for key, version in self.versions.items()]
        chosen = wanted if wanted in self.versions else next(iter(self.versions), "")
        self.fields["text"].initial = chosen
        self.chosen = self.versions.get(chosen)

    def _inputs(self, document: dict[str, Any] | None, data: Any, begin: Any) -> InputForm | None:
        """The fields of the input; none where somebody writes JSON, or where a field is a file."""
        if not document or (data is not None and "given" in data):
            return None
        schema = document["input"]
        if any(files.is_file(spec) for spec in schema["properties"].values() if isinstance(spec, dict)):
            return None
        filled = data if data is not None and "as-fields" in data else None
        return InputForm(schema, filled, user=self.user, initial=begin)

    def is_valid(self) -> bool:
        """Both parts; the fields need not be filled where a past run gives the input."""
        ours = super().is_valid()
        if ours and not (self.past or self.inputs is None or self.inputs.is_valid()):
            return False
        self.problems += self.answers.problems
        return ours and not self.answers.problems

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
        if self.inputs is None and len(asked) == 2 and cleaned.get("given") is None and self.past is None:
            self.add_error("given", _("Write an input, or name a past run. An empty one is {}."))
        return cleaned

    @property
    def input(self) -> dict[str, Any]:
        """What the run starts with."""
        if self.past:
            return dict(contents.open_up(self.past.input))
        return dict(self.cleaned_data["given"] if self.inputs is None else self.inputs.given)

    def script(self, case: dict[str, Any] | None, rejected: list[str]) -> Script:
        """What is taken as answered: of a test case, else of the past run; with what should be rejected."""
        script = Script()
        if case is not None:
            script = dry.of_case(case)
        elif self.past is not None and self.cleaned_data["borrow"]:
            unread = set(hidden(self.user, self.past).values_list("pk", flat=True))
            script = dry.of_run(self.past, lambda one: one.step_id not in unread)
        return script.answered(self.answers.said).turned(
            {key[:60]: Answer(REJECTED) for key in rejected[:MOST_REJECTED]}
        )


def _called(version: Version, workflow: Workflow) -> str:
    if version.number is None:
        return _("The draft")
    told = {"number": version.number}
    if version.pk == workflow.current_id:
        return _("Version %(number)d, which is current") % told
    return _("Version %(number)d") % told
