"""The form that says where each field of a workflow's input comes from: a column, a fixed value, or an expression."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _

from orchestration.batches import mapping
from orchestration.batches.mapping import COLUMN, EXPRESSION, FIXED, Mapping
from orchestration.models import Upload

LONGEST = 2000  # characters of an expression


class Line(NamedTuple):
    """One field of the input, as it stands on the page."""

    source: forms.BoundField
    text: forms.BoundField
    required: bool
    kind: str


class MappingForm(forms.Form):
    """Two controls for each field of the input: where it comes from, and the text of a value or an expression."""

    def __init__(self, upload: Upload, schema: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=_initial(upload))
        self.upload, self.schema, self.names = upload, schema, mapping.fields(schema)
        for name in self.names:
            spec = schema["properties"][name]
            label = str(spec.get("title") or name)
            self.fields[f"from-{name}"] = forms.ChoiceField(
                choices=_choices(upload.columns),
                required=False,
                label=label,
                help_text=str(spec.get("description", "")),
            )
            shown = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
            shown["aria-label"] = _("%s: the value or the expression") % label
            self.fields[f"text-{name}"] = forms.CharField(
                max_length=LONGEST, required=False, widget=forms.TextInput(attrs=shown)
            )

    @property
    def lines(self) -> list[Line]:
        """The fields, the required ones first."""
        specs, required = self.schema["properties"], self.schema.get("required", [])
        return [
            Line(self[f"from-{name}"], self[f"text-{name}"], name in required, _kind(specs[name]))
            for name in self.names
        ]

    @property
    def mapping(self) -> Mapping:
        """What was chosen."""
        found: Mapping = {}
        for name in self.names:
            source, text = self.cleaned_data.get(f"from-{name}", ""), self.cleaned_data.get(f"text-{name}", "")
            if source in (FIXED, EXPRESSION):
                found[name] = {"how": source, "what": text}
            elif source:
                found[name] = {"how": COLUMN, "what": self.upload.columns[int(source.removeprefix(f"{COLUMN}:"))]}
        return found

    def tell(self, problems: list[tuple[str, str]]) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for name, told in problems:
            self.add_error(f"from-{name}" if f"from-{name}" in self.fields else None, told)


def _choices(columns: list[str]) -> list[Any]:
    named = [(f"{COLUMN}:{at}", column) for at, column in enumerate(columns)]
    own = [("", _("Nothing")), (FIXED, _("A fixed value")), (EXPRESSION, _("An expression"))]
    return [*own, (_("Columns"), named)]


def _initial(upload: Upload) -> dict[str, str]:
    found = {}
    for name, source in upload.mapping.items():
        if source["how"] == COLUMN and source["what"] in upload.columns:
            found[f"from-{name}"] = f"{COLUMN}:{upload.columns.index(source['what'])}"
        elif source["how"] != COLUMN:
            found[f"from-{name}"], found[f"text-{name}"] = source["how"], source["what"]
    return found


def _kind(spec: dict[str, Any]) -> str:
    """What the schema asks for, in a word or two."""
    if "enum" in spec:
        return _("one of %s") % ", ".join(map(str, spec["enum"]))[:120]
    words = {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "array": _("list: JSON, or parted by semicolons"),
        "object": _("JSON object"),
    }
    if spec.get("format") in ("date", "date-time"):
        return _("date") if spec["format"] == "date" else _("date and time")
    asked = spec.get("type", "string")
    return " / ".join(str(words[kind]) for kind in ([asked] if isinstance(asked, str) else asked) if kind in words)
