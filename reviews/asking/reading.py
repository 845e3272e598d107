"""What was typed into the form of a review, as it came in; and the same as values, with a sentence for each bad one.

What was typed is kept as it is: texts, lists of texts, rows of texts, and the token of a file that is held. It goes
into drafts and back onto the page, so that nothing is lost over a value that does not fit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.canonical import SAFE, clean
from audit.models import User
from orchestration import files
from orchestration.uploads import Upload, held
from reviews.asking import forms
from reviews.asking.section import Spec

PREFIX = "form."
ASKED = "form"  # a hidden field: that the page has a form, though nothing of it is filled in
LONGEST = 20_000  # characters of one value, as it is kept while somebody types
ROW = re.compile(r"([0-9]{1,4})\.([a-z][a-z0-9_]{0,39})\Z")
NAMED = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
THOUSANDS = re.compile(r"(?<=\d)[ '\u00a0\u202f](?=\d{3}(\D|$))")
AMBIGUOUS = re.compile(r"-?\d{1,3}(,\d{3})+")

type Typed = dict[str, Any]  # by the names of fields


class NotAsked(ValueError):
    """A field came that no form asks: no page of ours sends it."""


@dataclass
class Read:
    """Typed answers as values: what is wrong by field (rows as name.row.column), and the files that came."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)


def is_sent(post: Mapping[str, str]) -> bool:
    """Whether a form came at all."""
    return ASKED in post


def typed(post: QueryDict, sent: Mapping[str, Any], fields: Sequence[Spec], user: User) -> Typed:
    """What was typed, by field. A file that came is held for a day, so that it need not be chosen again."""
    _refuse_strange(post, sent, fields)
    found: Typed = {}
    for one in fields:
        name = PREFIX + one["name"]
        match one["type"]:
            case "several":
                found[one["name"]] = [_text(text) for text in post.getlist(name) if text]
            case "table":
                found[one["name"]] = _rows(post, one)
            case "file":
                found[one["name"]] = _file(post, sent, name, user)
            case _:
                found[one["name"]] = _text(post.get(name, ""))
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def read(said: Mapping[str, Any], fields: Sequence[Spec], scope: Any, user: User) -> Read:
    """What was typed, as values. What is hidden by the answers before it is left out, whatever stands in it."""
    found = Read()
    for one in fields:
        name = one["name"]
        if one["type"] == "file":
            _read_file(one, said.get(name), found, user)
        elif one["type"] == "table":
            _read_rows(one, said.get(name), found)
        else:
            value, told = _value(one, said.get(name, ""))
            _keep(found, name, value, told)
    asked = {one["name"] for one in forms.shown(fields, found.values, scope)}
    found.values = {name: value for name, value in found.values.items() if name in asked}
    found.uploads = {name: upload for name, upload in found.uploads.items() if name in asked}
    found.problems = {at: told for at, told in found.problems.items() if at.partition(".")[0] in asked}
    for one in fields:
        lacking = one.get("required") and one["name"] in asked and one["name"] not in found.values
        if lacking and not any(at.partition(".")[0] == one["name"] for at in found.problems):
            found.problems[one["name"]] = _("This is needed.")
    return found


def as_typed(answers: Mapping[str, Any], fields: Sequence[Spec]) -> Typed:
    """Values as somebody would have typed them: what was prefilled, or answered before."""
    found: Typed = {}
    for one in fields:
        value = answers.get(one["name"])
        if value is None:
            continue
        match one["type"]:
            case "table":
                found[one["name"]] = [{name: _plain(cell) for name, cell in row.items()} for row in value]
            case "several" | "file":
                found[one["name"]] = value
            case _:
                found[one["name"]] = _plain(value)
    return found


def with_row(said: Typed, table: str) -> Typed:
    """The same with one more empty row."""
    return {**said, table: [*said.get(table, []), {}][: forms.MOST_ROWS]}


def without_row(said: Typed, table: str, row: int) -> Typed:
    """The same without one of its rows."""
    return {**said, table: [one for place, one in enumerate(said.get(table, [])) if place != row]}


def _refuse_strange(post: Mapping[str, str], sent: Mapping[str, Any], fields: Sequence[Spec]) -> None:
    known = {one["name"] for one in fields}
    for name in (*post, *sent):
        if name.startswith(PREFIX):
            own = name.removeprefix(PREFIX).partition(".")[0].removesuffix("-kept")
            if own not in known:
                raise NotAsked(_("The form has a field that is not asked here. Nothing was changed."))


def _text(text: str) -> str:
    broken: str = clean(text.replace("\r\n", "\n").replace("\r", "\n"))[0]
    return broken[:LONGEST]


def _rows(post: QueryDict, table: Spec) -> list[dict[str, str]]:
    """The rows of a table in their order. Where rows were taken out, their numbers have gaps."""
    columns = {one["name"] for one in table["columns"]}
    found: dict[int, dict[str, str]] = {}
    start = f"{PREFIX}{table['name']}."
    for name in post:
        part = ROW.fullmatch(name.removeprefix(start)) if name.startswith(start) else None
        if part is not None and part[2] in columns:
            found.setdefault(int(part[1]), {})[part[2]] = _text(str(post[name]))
    return [found[number] for number in sorted(found)][: forms.MOST_ROWS]


def _file(post: Mapping[str, str], sent: Mapping[str, Any], name: str, user: User) -> dict[str, Any] | None:
    came = sent.get(name)
    if isinstance(came, UploadedFile):
        if getattr(came, "too_large", False) or (came.size or 0) > files.LARGEST:
            return {"name": files.clean_name(came.name or ""), "size": came.size or 0, "lost": True}
        upload = Upload.of(came).hold(user)
        return {"name": upload.name, "size": upload.size, "token": upload.token(user)}
    kept = post.get(f"{name}-kept", "")[:LONGEST]
    upload_kept = held(kept, user) if kept else None
    if kept and upload_kept is None:
        return {"name": "", "size": 0, "lost": True}
    return {"name": upload_kept.name, "size": upload_kept.size, "token": kept} if upload_kept is not None else None


def _read_file(one: Spec, said: Any, found: Read, user: User) -> None:
    if not isinstance(said, dict):
        return
    if files.is_reference(said):  # answered before, and of this run
        found.values[one["name"]] = said
        return
    upload = held(str(said.get("token", "")), user)
    if upload is None:
        told = _("The file is too large, or no longer held here. Choose it again.")
        found.problems[one["name"]] = told
        return
    spec = {"accept": one.get("accept", []), "maxSize": one.get("max_size", files.LARGEST)}
    if not upload.size:
        found.problems[one["name"]] = _("The file is empty.")
    elif told_of := files.unwanted(spec, upload.name, upload.size):
        found.problems[one["name"]] = " ".join(told_of)
    found.values[one["name"]], found.uploads[one["name"]] = upload.reference, upload


def _read_rows(table: Spec, said: Any, found: Read) -> None:
    rows = []
    for place, row in enumerate(said if isinstance(said, list) else []):
        if not any(str(cell).strip() for cell in row.values()):
            continue
        made = {}
        for column in table["columns"]:
            value, told = _value(column, row.get(column["name"], ""))
            at = f"{table['name']}.{place}.{column['name']}"
            if told:
                found.problems[at] = told
            elif value is not None:
                made[column["name"]] = value
            elif column.get("required"):
                found.problems[at] = _("This is needed.")
        rows.append(made)
    told = _count(table, len(rows)) if rows else ""
    _keep(found, table["name"], rows or None, told)


def _keep(found: Read, name: str, value: Any, told: str) -> None:
    if value is not None:
        found.values[name] = value
    if told:
        found.problems[name] = told


def _value(one: Spec, said: Any) -> tuple[Any, str]:
    """A typed text as the value of a field, None where it was left empty; and what is wrong with it."""
    if one["type"] == "several":
        chosen = [text for text in forms.values_of(one) if isinstance(said, list) and text in said]
        strange = isinstance(said, list) and any(text not in chosen for text in said)
        return chosen or None, _("This cannot be chosen here.") if strange else _count(
            one, len(chosen)
        ) if chosen else ""
    text = said if isinstance(said, str) else ""
    if not text.strip():
        return None, ""
    match one["type"]:
        case "number":
            return _number(one, text)
        case "money":
            return _money(one, text)
        case "date":
            return _date(text)
        case "choice":
            return text, "" if text in forms.values_of(one) else _("This cannot be chosen here.")
    least, most = one.get("min", 0), one.get("max", forms.LONGEST)
    if len(text) > most:
        return text, _("This is %(over)d characters too long.") % {"over": len(text) - most}
    short = _("This has fewer than the %(least)d characters that are needed.") % {"least": least}
    return text, short if len(text) < least else ""


def _decimal(text: str) -> Decimal | None:
    """A number as people write it: with a point or a comma before the fraction, and blanks between the thousands."""
    plain = THOUSANDS.sub("", text.strip().replace("\u2212", "-"))
    if "," in plain and "." in plain:  # whichever stands last is before the fraction
        other = "," if plain.rfind(".") > plain.rfind(",") else "."
        plain = plain.replace(other, "")
    elif AMBIGUOUS.fullmatch(plain):  # a thousand, or one with three places? Nobody guesses.
        return None
    try:
        number = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= SAFE and len(plain) <= 32 else None


def _number(one: Spec, text: str) -> tuple[Any, str]:
    number = _decimal(text)
    if number is None:
        return text, _("This is no number. Write one such as 12 or 12.5.")
    value = int(number) if number == number.to_integral_value() else float(number)
    return value, _between(one, number)


def _money(one: Spec, text: str) -> tuple[Any, str]:
    number = _decimal(text.replace(one.get("currency", ""), "") if "currency" in one else text)
    if number is None or number != number.quantize(Decimal("0.01")):
        return text, _("This is no amount. Write one with two places at most, such as 12.50.")
    return f"{number:.2f}", _between(one, number)


def _between(one: Spec, number: Decimal) -> str:
    if "min" in one and number < Decimal(str(one["min"])):
        return _("This is less than %(least)s.") % {"least": one["min"]}
    if "max" in one and number > Decimal(str(one["max"])):
        return _("This is more than %(most)s.") % {"most": one["max"]}
    return ""


def _date(text: str) -> tuple[Any, str]:
    try:
        return date.fromisoformat(text.strip()).isoformat(), ""
    except ValueError:
        return text, _("This is no day. Write it as 2026-03-31.")


def _count(one: Spec, count: int) -> str:
    if "min" in one and count < one["min"]:
        least = int(one["min"])
        return ngettext("At least %d is needed.", "At least %d are needed.", least) % least
    if "max" in one and count > one["max"]:
        most = int(one["max"])
        return ngettext("At most %d may be given.", "At most %d may be given.", most) % most
    return ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def size_of(one: Spec) -> str:
    """How large a file may be, in words."""
    return filesizeformat(one.get("max_size", files.LARGEST))
