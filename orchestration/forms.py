"""A form made out of a JSON schema: one field for each property, checked again by the schema itself when it is sent."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from orchestration.starts import problems

LONG = 200  # characters from which a text gets a field of several lines
type Schema = dict[str, Any]


class InputForm(forms.Form):
    """The input of a workflow. `given` is what was sent, as the schema wants it."""

    def __init__(self, schema: Schema, data: Any = None) -> None:
        super().__init__(data, prefix="input")
        self.schema = schema
        required = schema.get("required", [])
        # A stored schema has lost the order of its properties, and kept that of its lists.
        for name in schema["properties"]:
            self.fields[name] = field(name, schema["properties"][name], required=name in required)
        self.order_fields(required)

    def clean(self) -> dict[str, Any]:
        """What fits no field's own rule is found by the schema, and told beside the field."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.tell(problems(self.schema, self.given))
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        """The input: what was left empty and may be is left out."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "") and not (value is False and not self.fields[name].required)
        }

    def tell(self, found: Iterable[tuple[str, str]]) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for where, told in found:
            name = where.partition(".")[0]
            self.add_error(name if name in self.fields else None, told)


class JSONText(forms.CharField):
    """A list or an object, written as JSON."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        """The value as Python knows it."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is not JSON: %s") % error) from error


class Truth(forms.BooleanField):
    """Yes or no. Leaving it open means no, which a required field may mean too."""

    def validate(self, value: bool) -> None:
        """Both answers are answers."""


def field(name: str, spec: Schema, *, required: bool) -> forms.Field:
    """The field of one property: label, hint and limits from the schema."""
    common: dict[str, Any] = {
        "label": spec.get("title") or name.replace("_", " ").capitalize(),
        "help_text": _hint(spec),
        "required": required,
    }
    if "default" in spec:
        common["initial"] = spec["default"]
    if "enum" in spec:
        return _choice(spec, common)
    return MAKERS.get(str(spec.get("type", "")), _json)(spec, common)


def _hint(spec: Schema) -> str:
    told = [str(spec["description"])] if spec.get("description") else []
    if spec.get("type") == "string" and spec.get("maxLength", 0) > LONG:
        told.append(_("At most %d characters.") % spec["maxLength"])
    return " ".join(told)


def _text(spec: Schema, common: dict[str, Any]) -> forms.Field:
    most, least = spec.get("maxLength"), spec.get("minLength") if common["required"] else None
    if spec.get("format") == "email":
        return forms.CharField(
            max_length=most,
            widget=forms.EmailInput(attrs={"autocomplete": "off"}),
            validators=[EmailValidator()],
            **common,
        )
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if most is None or most > LONG:
        widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(max_length=most, min_length=least, widget=widget, **common)


def _whole(spec: Schema, common: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(min_value=spec.get("minimum"), max_value=spec.get("maximum"), **common)


def _decimal(spec: Schema, common: dict[str, Any]) -> forms.Field:
    return forms.FloatField(min_value=spec.get("minimum"), max_value=spec.get("maximum"), **common)


def _truth(spec: Schema, common: dict[str, Any]) -> forms.Field:
    return Truth(**common)


def _choice(spec: Schema, common: dict[str, Any]) -> forms.Field:
    values = {str(value): value for value in spec["enum"]}
    choices = [(text, text) for text in values]
    if not common["required"]:
        choices = [("", _("None")), *choices]
    return forms.TypedChoiceField(choices=choices, coerce=values.__getitem__, empty_value=None, **common)


def _json(spec: Schema, common: dict[str, Any]) -> forms.Field:
    return JSONText(**common)


MAKERS: dict[str, Callable[[Schema, dict[str, Any]], forms.Field]] = {
    "string": _text,
    "integer": _whole,
    "number": _decimal,
    "boolean": _truth,
}
