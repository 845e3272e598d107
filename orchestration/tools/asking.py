"""What a server wants to know of a person before it goes on with a call: a sentence and a small form.

Both come from outside. Of the form only its plain fields are kept, and no pattern of it is ever tried.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from audit.canonical import NotCanonical, clean, digest
from orchestration.starts import problems

MOST_FIELDS = 20
MOST_CHOICES = 200
LONGEST = 4_000  # characters of a message
LONGEST_WORDS = 500  # of a field's title or description
LONGEST_TEXT = 20_000  # of a text that a person gives, whatever the form says
ACCEPT, DECLINE = "accept", "decline"
PLAIN = ("string", "number", "integer", "boolean")
BOUNDS = {"string": ("minLength", "maxLength"), "number": ("minimum", "maximum"), "integer": ("minimum", "maximum")}
NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
FORMATS = ("email", "uri", "date", "date-time")
SECRETS = re.compile(
    r"pass[ _-]?(word|wd|phrase|code)|\b(pwd|pin|puk|tan|otp|cvv|cvc)\b|secret|credential|api[ _-]?key|"
    r"(access|refresh|auth|bearer|session)[ _-]?token|private[ _-]?key|seed[ _-]?phrase",
    re.IGNORECASE,
)


class NoForm(ValueError):
    """What it asks cannot be put to a person: a sentence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question. `place` is what the server calls it, where it gives it a name."""

    message: str
    schema: dict[str, Any]
    place: str = ""

    @property
    def mark(self) -> str:
        """The same for the same question."""
        return digest({"message": self.message, "schema": self.schema})

    @property
    def secrets(self) -> list[str]:
        """The fields that ask for a password or the like, by their names; "" for the message."""
        properties = self.schema["properties"].items()
        named = [name for name, one in properties if _speaks_of_secrets(name, one.get("title"), one.get("description"))]
        return [*named, *([""] if _speaks_of_secrets(self.message) else [])]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to one question: accept with values, or decline."""

    mark: str
    action: str
    values: Mapping[str, Any]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """All answers to the questions of a call, and the state with which its server goes on, if it gave one."""

    answers: Sequence[Answer] = ()
    state: str | None = None
    last: Sequence[Answer] = ()  # those to what was asked with that state


NOTHING = Told()


class Paused(Exception):
    """A call ended with questions to a person; it is made again once they are answered.

    `state` is what its server wants back then. `midway`: it asked in the middle of the call, so that it alone knows
    what it had done before; else it says by its answer that the call has not been done yet.
    """

    def __init__(self, wanted: Sequence[Wanted], *, state: str | None = None, midway: bool = False) -> None:
        super().__init__("; ".join(one.message for one in wanted))
        self.wanted, self.state, self.midway = tuple(wanted), state, midway


def wanted(message: Any, schema: Any, place: str = "") -> Wanted:
    """A question as it may be put to a person, or `NoForm`."""
    text = str(clean(str(message))[0])[:LONGEST]
    given = clean(schema if isinstance(schema, Mapping) else {})[0]
    properties = given.get("properties") or {}
    if not isinstance(properties, Mapping) or len(properties) > MOST_FIELDS:
        raise NoForm(f"It asks for more than {MOST_FIELDS} values at once, or for none that has a name.")
    fields = {name: _field(name, one) for name, one in properties.items()}
    named = given.get("required")
    required = [name for name in named if name in fields] if isinstance(named, list) else []
    made = Wanted(text, {"type": "object", "properties": fields, "required": required}, place)
    try:
        made.mark  # noqa: B018  (whether it can be hashed)
    except NotCanonical as error:
        raise NoForm(f"What it asks cannot be kept: {error}") from error
    return made


def page(url: Any) -> NoForm:
    """That it wants somebody to open an address: that is never done from here."""
    host = urlsplit(str(url)).hostname if isinstance(url, str) else ""
    told = f"It wants somebody to open an address at {str(host)[:100]}. " if host else "It wants an address opened. "
    return NoForm(f"{told}No address that a server names is opened here.")


def blank(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it is put to a person: what the server proposes, else nothing."""
    return {name: one.get("default", _nothing(one)) for name, one in schema["properties"].items()}


def values(schema: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as the values that the form asks for: what was left empty is left out."""
    found: dict[str, Any] = {}
    for name, one in schema["properties"].items():
        value = typed.get(name)
        if value is None or value == "" or (value == [] and name not in schema["required"]):
            continue
        found[name] = _number(value) if one["type"] in {"number", "integer"} else value
    return found


def misfits(schema: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where what was typed does not fit the form."""
    given = values(schema, typed)
    long = [name for name, value in given.items() if isinstance(value, str) and len(value) > LONGEST_TEXT]
    return [(name, f"It has more than {LONGEST_TEXT:,} characters.") for name in long] or problems(dict(schema), given)


def _field(name: str, said: Any) -> dict[str, Any]:
    """One field, with what counts of it; or `NoForm`."""
    if not isinstance(said, Mapping) or not NAME.fullmatch(name):
        raise NoForm(f"It asks for {name[:60]!r}, and does not say in a plain way what that is.")
    sort = said.get("type", "string")
    words = {key: said[key][:LONGEST_WORDS] for key in ("title", "description") if isinstance(said.get(key), str)}
    if sort == "array":
        return {**words, "type": "array", "uniqueItems": True, "items": _choices(name, said.get("items"))}
    if sort not in PLAIN:
        raise NoForm(f"It asks for {name!r}, which is no text, number, yes or no, or choice.")
    bounds = {key: said[key] for key in BOUNDS.get(sort, ()) if type(said.get(key)) in (int, float)}
    field = {**words, **bounds, "type": sort}
    if sort == "string":
        field |= {"format": said["format"]} if said.get("format") in FORMATS else {}
        field |= _choices(name, said) if "enum" in said or "oneOf" in said else {}
    if "default" in said and not problems(field, said["default"]):
        field["default"] = said["default"]
    return field


def _choices(name: str, said: Any) -> dict[str, Any]:
    said = said if isinstance(said, Mapping) else {}
    listed = said.get("oneOf") or said.get("anyOf")
    one_by_one = [one.get("const") for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else None
    found = said.get("enum") if one_by_one is None else one_by_one
    if not isinstance(found, list) or not 0 < len(found) <= MOST_CHOICES:
        raise NoForm(f"It asks for {name[:60]!r} as one of several, and does not say which they are.")
    return {"type": "string", "enum": [str(one)[:LONGEST_WORDS] for one in found]}


def _nothing(field: Mapping[str, Any]) -> Any:
    return False if field["type"] == "boolean" else [] if field["type"] == "array" else ""


def _number(value: Any) -> Any:
    """A number that was typed as a text; what is none stays, and does not fit."""
    if not isinstance(value, str):
        return value
    try:
        found = float(value.strip().replace(",", "."))
    except ValueError:
        return value
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def _speaks_of_secrets(*words: Any) -> bool:
    return any(SECRETS.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(one)).replace("_", " ")) for one in words if one)
