"""The fields of what is put to people: shown one by one, edited one by one, and read back as what they were."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audit import differences
from audit.differences import Piece
from orchestration import pauses, tools
from reviews.asking import nested
from reviews.models import Review

PREFIX = "arg."
LONG = 300  # characters; what may be longer than that, or has lines, gets a box of its own


@dataclass
class Field:
    """One argument: as it was written, and as it would be carried out now."""

    name: str
    schema: dict[str, Any]
    written: str
    final: str
    problem: str = ""
    inside: str = ""  # its label, where it stands inside a nested value
    entry: str = ""  # the entry of a list that begins with it

    @property
    def entry_label(self) -> str:
        """What the entry is called that begins with it."""
        return self.inside.rpartition(" › ")[0] or self.inside

    @property
    def post_name(self) -> str:
        """Its name in a form."""
        return PREFIX + self.name

    @property
    def label(self) -> str:
        """What people call it."""
        return self.inside or str(self.schema.get("title") or self.name.replace("_", " ").capitalize())

    @property
    def is_long(self) -> bool:
        """Whether it is prose, and not a line."""
        return "\n" in self.written + self.final or self.longest > LONG

    @property
    def choices(self) -> list[str]:
        """What is chosen from, where it is one of a few; what stands there is always among them."""
        if self.schema.get("type") == "boolean":
            return ["true", "false"]
        named = self.schema.get("enum")
        if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
            return []
        return list(dict.fromkeys([self.final, *named]))

    @property
    def longest(self) -> int:
        """How many characters it may have, as far as its schema says."""
        return int(self.schema.get("maxLength", len(self.written)))

    @property
    def mode(self) -> str:
        """Which keyboard a phone shows."""
        return "email" if self.schema.get("format") == "email" else "text"

    @property
    def written_paragraphs(self) -> list[str]:
        """The text as written."""
        return self.written.split(differences.BREAK)

    @property
    def final_paragraphs(self) -> list[str]:
        """The text as it would be carried out."""
        return self.final.split(differences.BREAK)

    @cached_property
    def pieces(self) -> list[Piece]:
        """How the one became the other."""
        return differences.pieces(self.written, self.final)

    @property
    def paragraphs(self) -> list[list[Piece]]:
        """The same, by paragraphs."""
        return differences.paragraphs(self.pieces)


@dataclass
class Posted:
    """What came back from a form: the values, and what is wrong with the fields that are no values."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def schema_of(review: Review) -> dict[str, Any]:
    """The schema of what is put to people: the tool's, or that of the model's output."""
    if (asked := pauses.asked_in(review.content, review.step_run)) is not None:
        return dict(asked["schema"])
    if "tool" not in review.content:
        return dict(review.step_run.step.spec.get("output") or {})
    tool = tools.TOOLS.get(str(review.content["tool"]).partition("@")[0])
    return tool.schema if tool else {}


def describe(review: Review, final: Mapping[str, Any], *, problems: Mapping[str, str] | None = None) -> list[Field]:
    """Every field, in the order of the schema; a text in `final` that is no value yet is shown as typed."""
    properties = schema_of(review).get("properties", {})
    written = review.arguments
    order = [*(name for name in properties if name in written), *(n for n in written if n not in properties)]
    return [
        Field(
            name,
            properties.get(name, {}),
            as_text(written[name]),
            as_text(final.get(name, written[name])),
            (problems or {}).get(name, ""),
        )
        for name in order
    ]


def opened(
    review: Review, final: Mapping[str, Any], texts: Mapping[str, str], problems: Mapping[str, str]
) -> list[Field]:
    """Every field with the fields inside it, as far as the schema says what those are; `final` holds values."""
    found: list[Field] = []
    for one in describe(review, {**final, **texts}, problems=problems):
        before, now = review.arguments[one.name], final.get(one.name, review.arguments[one.name])
        if not (nested.opens(one.schema, before) or nested.opens(one.schema, now)) or one.name in texts:
            found.append(one)
            continue
        was = {leaf.name: leaf for leaf in nested.leaves((one.name,), one.schema, before)}
        there = {leaf.name: leaf for leaf in nested.leaves((one.name,), one.schema, now)}
        for name, leaf in {**there, **{name: leaf for name, leaf in was.items() if name not in there}}.items():
            written = _leaf_text(was[name].value) if name in was else ""
            last = texts.get(name, _leaf_text(leaf.value) if name in there else "")
            told = problems.get(name, "")
            label = f"{one.label} › {leaf.label}"
            found.append(Field(name, dict(leaf.schema), written, last, told, label, leaf.entry))
    return _with_strays(found, problems)


def _leaf_text(value: Any) -> str:
    return "" if value is nested.ABSENT or value is None else as_text(value)


def _with_strays(found: list[Field], problems: Mapping[str, str]) -> list[Field]:
    """What is wrong with an object or list as a whole is said at its first field."""
    known = {one.name for one in found}
    for at, told in problems.items():
        inner = [one for one in found if one.name.startswith(f"{at}.") or at.startswith(f"{one.name}.")]
        if at and at not in known and inner and not inner[0].problem:
            inner[0].problem = told
    return found


def texts_of(review: Review, values: Mapping[str, Any]) -> dict[str, str]:
    """The texts of those values that stand in one field each."""
    properties = schema_of(review).get("properties", {})
    return {name: as_text(one) for name, one in values.items() if not nested.opens(properties.get(name, {}), one)}


def holders(review: Review, final: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """The objects and lists whose fields are edited: their names in the form, their labels, whether one is a list."""
    found = []
    for one in describe(review, final):
        value = final.get(one.name, review.arguments[one.name])
        if nested.opens(one.schema, value):
            for name, is_list in nested.holders((one.name,), one.schema, value):
                label = " › ".join(str(int(p) + 1) if p.isdecimal() else nested.plain(p) for p in name.split("."))
                found.append((PREFIX + name, label, is_list))
    return found


def changed(review: Review, was: Mapping[str, Any]) -> list[Field]:
    """The fields that differ between what once stood there and what stands there now."""
    now = describe(review, review.arguments)
    found = [Field(one.name, one.schema, as_text(was[one.name]), one.final) for one in now if one.name in was]
    return [one for one in found if one.written != one.final]


def as_text(value: Any) -> str:
    """A value as one reads and types it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def read(post: Mapping[str, str], review: Review) -> Posted | None:
    """The fields of a form as values; None when the form has none or not all of them."""
    written = review.arguments
    if any(PREFIX + name not in post and PREFIX + name + nested.MARK not in post for name in written):
        return None
    posted, properties = Posted(), schema_of(review).get("properties", {})
    for name, before in written.items():
        if PREFIX + name not in post:
            posted.values[name] = _inside(post, PREFIX + name, properties.get(name, {}), before, posted)
            continue
        text = posted.texts[name] = one_kind_of_break(post[PREFIX + name])
        try:
            posted.values[name] = _value(text, before)
        except (ValueError, RecursionError):
            posted.problems[name] = _("This cannot be read as a value of its kind. Nothing was saved.")
    return posted


def _inside(post: Mapping[str, str], name: str, schema: dict[str, Any], before: Any, posted: Posted) -> Any:
    """A nested value out of its fields; a text that is no value of its kind stays as it was typed."""
    broken: dict[int, str] = {}

    def read_one(inner: Mapping[str, Any], text: str, was: Any) -> Any:
        text = one_kind_of_break(text)
        if was is not nested.ABSENT and text == one_kind_of_break(_leaf_text(was)):
            return was
        if inner.get("type") == "string" or (isinstance(was, str) and "type" not in inner):
            return text
        try:
            return json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            broken[len(broken)] = text
            return text

    value = nested.built(name, schema, before, post, read_one)
    if broken:
        for at, text in post.items():
            if at.startswith(f"{name}.") and one_kind_of_break(text) in broken.values():
                posted.problems[at.removeprefix(PREFIX)] = _(
                    "This cannot be read as a value of its kind. Nothing was saved."
                )
                posted.texts[at.removeprefix(PREFIX)] = one_kind_of_break(text)
    return value


def with_entries(review: Review, posted: Posted, post: Mapping[str, str]) -> dict[str, Any]:
    """What came, with an entry more or less in a list, as a button says. Nothing is kept yet."""
    name = str(post.get("add") or post.get("remove") or "").removeprefix(PREFIX)
    if post.get("add"):
        return nested.with_entry(posted.values, name, schema_of(review))
    return nested.without_entry(posted.values, name)


def one_kind_of_break(text: str) -> str:
    """A form sends every line break as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _value(text: str, before: Any) -> Any:
    if text == one_kind_of_break(as_text(before)):
        return before
    return text if isinstance(before, str) else json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> float:
    raise ValueError(name)


def in_words(review: Review, values: Mapping[str, Any], found: list[tuple[str, str]]) -> dict[str, str]:
    """What is wrong with each field, said so that one knows what to do."""
    properties = schema_of(review).get("properties", {})
    return {name: _sentence(properties.get(name, {}), values.get(name), told) for name, told in found}


def _sentence(schema: Mapping[str, Any], value: Any, told: str) -> str:
    if value == "" and schema.get("minLength"):
        return _("This must not be empty.")
    if schema.get("format") == "email":
        return _("This is no e-mail address. Write one address, such as name@example.com.")
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        return _("This is %(over)d characters too long.") % {"over": len(value) - schema["maxLength"]}
    if isinstance(value, str) and "\n" in value and "pattern" in schema:
        return _("This must be on one line.")
    return told
