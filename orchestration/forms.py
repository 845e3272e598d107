"""A form made out of a JSON schema: one field for each property, checked again by the schema itself when it is sent."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import EmailValidator
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from audit.models import User
from orchestration import files
from orchestration.starts import problems
from orchestration.uploads import Upload, held, kept

TOO_LARGE = "too_large"
AS_BEFORE = "as-before"  # in place of a token: the file that stood there when the form was opened
LONG = 200  # characters from which a text gets a field of several lines
type Schema = dict[str, Any]


class InputForm(forms.Form):
    """The input of a workflow. `given` is what was sent, as the schema wants it."""

    def __init__(
        self,
        schema: Schema,
        data: Any = None,
        sent: Any = None,
        *,
        user: User | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, sent, prefix="input", initial=initial)
        self.schema = schema
        required = schema.get("required", [])
        # A stored schema has lost the order of its properties, and kept that of its lists.
        for name in schema["properties"]:
            self.fields[name] = made = field(name, schema["properties"][name], required=name in required)
            if isinstance(made, FileField):
                made.begin(user, (initial or {}).get(name))
        self.order_fields(required)

    def clean(self) -> dict[str, Any]:
        """What fits no field's own rule is found by the schema, and told beside the field."""
        cleaned = super().clean() or {}
        if not self.errors:
            came = [upload.reference for upload in self.uploads]
            self.tell([*files.problems(self.schema, self.given, came), *problems(self.schema, self.given)])
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        """The input: what was left empty and may be is left out."""
        return {
            name: value.reference if isinstance(value, Upload) else value
            for name, value in self.cleaned_data.items()
            if value not in (None, "") and not (value is False and not self.fields[name].required)
        }

    @property
    def uploads(self) -> list[Upload]:
        """The files that came with it."""
        return [value for value in self.cleaned_data.values() if isinstance(value, Upload)]

    def store(self) -> list[files.Reference]:
        """Keep its files for good: what the run that they start has to attach."""
        return [upload.store() for upload in self.uploads]

    @property
    def too_large(self) -> bool:
        """Whether it is refused because a file is too large."""
        return any(one.code == TOO_LARGE for found in self.errors.as_data().values() for one in found)

    def hold(self, user: User) -> None:
        """Hold the files of a refused form for its next try. When one was too large, nothing is kept of any."""
        for name, made in self.fields.items():
            if isinstance(made, FileField) and isinstance(upload := self.cleaned_data.get(name), Upload):
                made.hold(upload, user, keep=not self.too_large)

    def tell(self, found: Iterable[tuple[str, str]]) -> None:
        """Put each problem beside its field, or above the form when it belongs to none."""
        for where, told in found:
            name = where.partition(".")[0]
            self.add_error(name if name in self.fields else None, told)


class JSONText(forms.CharField):
    """A list or an object, written as JSON."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """A value as somebody would write it; what was sent stays as it was sent."""
        return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)

    def clean(self, value: Any) -> Any:
        """The value as Python knows it."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is not JSON: %s") % error) from error


class FileInput(forms.FileInput):
    """A file, or the sign that the one from before is to be kept."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The file that was chosen, or the token of the one that is held."""
        return (files or {}).get(name) or (data or {}).get(f"{name}-kept")


class FileField(forms.Field):
    """One file. `kept` is the one that need not be chosen again, under `token`; `lost` says that one must be."""

    widget = FileInput
    user: User | None = None
    before: Upload | None = None
    kept: Upload | None = None
    token = AS_BEFORE
    lost = False

    def __init__(self, spec: Schema, **common: Any) -> None:
        super().__init__(**common)
        self.spec = spec
        if accepted := files.accept(spec):
            self.widget.attrs["accept"] = ",".join(accepted)

    def begin(self, user: User | None, before: Any) -> None:
        """Say who fills the form in, and which file stood there before."""
        self.user = user
        self.before = kept(before) if files.is_reference(before) else None
        self.initial, self.kept = None, self.before

    def hold(self, upload: Upload, user: User, *, keep: bool) -> None:
        """Offer the file again."""
        if upload is self.before:
            return
        self.lost = upload.sent is not None and not keep
        if not self.lost:
            self.kept = upload.hold(user)
            self.token = self.kept.token(user)

    def clean(self, value: Any) -> Upload | None:
        """The file, if it is one that is taken."""
        upload = self._upload(value)
        if upload is None:
            self.validate(None)
            return None
        if upload.sent is not None and (getattr(upload.sent, "too_large", False) or upload.size > files.LARGEST):
            raise forms.ValidationError(_("The file is too large, so nothing of it was kept."), code=TOO_LARGE)
        if not upload.size:
            raise forms.ValidationError(_("The file is empty."))
        if told := files.unwanted(self.spec, upload.name, upload.size):
            too_large = upload.size > files.largest(self.spec)
            raise forms.ValidationError(" ".join(told), code=TOO_LARGE if too_large else "unwanted")
        return upload

    def _upload(self, value: Any) -> Upload | None:
        if isinstance(value, UploadedFile):
            return Upload.of(value)
        if value == AS_BEFORE:
            return self.before
        if not value:
            return None
        if self.user is None or (found := held(str(value), self.user)) is None:
            raise forms.ValidationError(_("The file is no longer held here. Choose it again."))
        return found


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
    if files.is_file(spec):
        return FileField(spec, **common)
    if "default" in spec:
        common["initial"] = spec["default"]
    if "enum" in spec:
        return _choice(spec, common)
    return MAKERS.get(str(spec.get("type", "")), _json)(spec, common)


def _hint(spec: Schema) -> str:
    told = [str(spec["description"])] if spec.get("description") else []
    if spec.get("type") == "string" and spec.get("maxLength", 0) > LONG:
        told.append(_("At most %d characters.") % spec["maxLength"])
    if files.is_file(spec):
        told.append(_("At most %s.") % filesizeformat(files.largest(spec)))
        told.append(", ".join(files.accept(spec)))
    return " ".join(filter(None, told))


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
