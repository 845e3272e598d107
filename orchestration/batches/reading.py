"""Reading a file of rows: CSV however it was written, or JSON lines. What cannot be read is told with its line.

A file is refused as a whole (`Unreadable`) when nobody could say where its rows begin and end; a row that is wrong by
itself is told by itself.
"""

import codecs
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration.triggers import strictly

CSV, JSONL = "csv", "jsonl"
MOST_ROWS = 50_000
MOST_COLUMNS = 200
LONGEST_NAME = 120  # characters of a column's name
LONGEST_LINE = 256 * 1024  # characters of a JSON line
DELIMITERS = ",;\t|"
SNIFFED = 256 * 1024  # bytes
SNIFFED_ROWS = 50
SEP = re.compile(r"sep=(.)", re.IGNORECASE)  # with which some spreadsheets begin
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
PLAIN, WESTERN, LATIN = "utf-8-sig", "cp1252", "latin-1"


class Unreadable(ValueError):
    """The file is none that is taken: a sentence says why."""


class Row(NamedTuple):
    """One row: its number, the line on which it begins, what stands in it, and why it cannot be read, if so."""

    number: int
    line: int
    cells: Any
    told: str = ""


@dataclass
class Sheet:
    """A file of rows. Its `columns`, `total` and `notes` are all there once its rows have been read."""

    data: bytes
    form: str
    encoding: str
    delimiter: str = ""
    columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    total: int = 0
    unread: int = 0

    def rows(self) -> Iterator[Row]:
        """Every row, in order; or `Unreadable` where no row can be told from the next."""
        for line, cells, told in self._lines() if self.form == JSONL else self._records():
            self.total += 1
            self.unread += bool(told)
            if self.total > MOST_ROWS:
                raise Unreadable(_("The file has more than %d rows. Send it in parts.") % MOST_ROWS)
            yield Row(self.total, line, cells, told)
        if not self.total:
            raise Unreadable(_("The file has no rows."))

    def _records(self) -> Iterator[tuple[int, Any, str]]:
        empty, width = 0, len(self.columns)
        records = _records(self.data, self.encoding, self.delimiter)
        for line, cells, told in _without_head(records):
            if not told and not any(map(str.strip, cells)):
                empty += 1
                continue
            if not told and len(cells) != width:
                told = _("The row has %(cells)d values, and there are %(columns)d columns.") % {
                    "cells": len(cells),
                    "columns": width,
                }
            if any("\0" in cell for cell in cells):
                cells = [cell.replace("\0", "�") for cell in cells]
                told = told or _("The row holds a character that cannot be kept (NUL).")
            yield line, cells, told
        if empty:
            said = ngettext("%d empty row was left out.", "%d empty rows were left out.", empty)
            self.notes.append(said % empty)

    def _lines(self) -> Iterator[tuple[int, Any, str]]:
        known: dict[str, None] = {}
        for line, text in enumerate(_text(self.data, self.encoding), 1):
            if not text.strip():
                continue
            cells, told = _object(text)
            known.update(dict.fromkeys(cells))
            if len(known) > MOST_COLUMNS:
                raise Unreadable(
                    _("Line %(line)d: the objects have more than %(most)d names together.")
                    % {"line": line, "most": MOST_COLUMNS}
                )
            yield line, cells, told
        self.columns = list(known)


def opened(data: bytes, name: str, delimiter: str = "") -> Sheet:
    """The file, with its form, encoding and columns found; or `Unreadable`."""
    if data.startswith((b"PK\x03\x04", b"%PDF")):
        raise Unreadable(_("This is no text. Save the table as CSV (UTF-8) and send that."))
    encoding, notes = _encoding(data)
    first = next((text for text in _text(data[:SNIFFED], encoding) if text.strip()), "").strip()
    if not first:
        raise Unreadable(_("The file is empty."))
    ending = name.lower().rpartition(".")[2]
    if ending in ("jsonl", "ndjson") or (first.startswith("{") and ending != "csv"):
        return Sheet(data, JSONL, encoding, notes=notes)
    if first.startswith("[") and ending == "json":
        raise Unreadable(_("This is one JSON list. Send JSON lines: one object on each line."))
    said = SEP.fullmatch(first)
    found = delimiter or (said.group(1) if said else _delimiter(data, encoding))
    return Sheet(data, CSV, encoding, found, _columns(data, encoding, found), notes)


def _encoding(data: bytes) -> tuple[str, list[str]]:
    if data.startswith(UTF_32):
        raise Unreadable(_("The file is written in UTF-32. Save it as UTF-8."))
    if data[:2] in UTF_16 or (half := _half(data)):
        encoding = UTF_16.get(data[:2]) or half
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            raise Unreadable(_("The file seems to be UTF-16, and cannot be read so. Save it as UTF-8.")) from None
        return encoding, []
    try:
        data.decode(PLAIN)
    except UnicodeDecodeError:
        pass
    else:
        return PLAIN, []
    told = _(
        "The file is not UTF-8. It was read as Western European (%s): look whether letters with accents are right."
    )
    try:
        data.decode(WESTERN)
    except UnicodeDecodeError:
        return LATIN, [told % "Latin-1"]
    return WESTERN, [told % "Windows-1252"]


def _half(data: bytes) -> str:
    """UTF-16 without its mark: every second byte of what is plain text is a NUL."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 3 > len(sample) and min(even, odd) * 10 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _text(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")


def _records(data: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """The records of a CSV file: line, cells, and why it cannot be read; or `Unreadable` at a quote without an end."""
    reader = csv.reader(_text(data, encoding), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field larger" in str(error):
                raise Unreadable(
                    _("Line %d: a quote opens in this row and does not close, or a value is far too long.") % line
                ) from None
            yield line, [], _("The row cannot be read: a quote in it stands where none may. Write it twice.")
        else:
            yield line, cells, ""


def _without_head(records: Iterator[tuple[int, list[str], str]]) -> Iterator[tuple[int, list[str], str]]:
    """What follows the line with the names."""
    for _line, cells, told in records:
        if told or (any(cells) and not _is_sep(cells)):
            break
    return records


def _is_sep(cells: list[str]) -> bool:
    """Whether a record is the line `sep=;`, however it was parted."""
    return bool(re.fullmatch(r"sep=.?", cells[0], re.IGNORECASE)) and not any(cells[1:])


def _columns(data: bytes, encoding: str, delimiter: str) -> list[str]:
    for line, cells, told in _records(data, encoding, delimiter):
        if told:
            raise Unreadable(_("Line %(line)d: %(told)s") % {"line": line, "told": told})
        if not any(cells) or _is_sep(cells):
            continue
        return _named([cell.strip() for cell in cells], line)
    raise Unreadable(_("The file has no line with the names of its columns."))


def _named(names: list[str], line: int) -> list[str]:
    told = ""
    if len(names) > MOST_COLUMNS:
        told = _("there are more than %d columns.") % MOST_COLUMNS
    elif "" in names:
        told = _("column %d has no name. The first line must name every column.") % (names.index("") + 1)
    elif twice := [name for name, times in Counter(names).items() if times > 1]:
        told = _("two columns are called “%s”. Give each a name of its own.") % twice[0][:LONGEST_NAME]
    elif any(len(name) > LONGEST_NAME or "\0" in name for name in names):
        told = _("a column's name is longer than %d characters, or none that can be kept.") % LONGEST_NAME
    if told:
        raise Unreadable(_("Line %(line)d: %(told)s") % {"line": line, "told": told})
    return names


def _delimiter(data: bytes, encoding: str) -> str:
    """What parts most rows into as many values as the first has; a comma where nothing parts anything."""
    return max(DELIMITERS, key=lambda one: _parting(data[:SNIFFED], encoding, one))


def _parting(data: bytes, encoding: str, delimiter: str) -> tuple[float, int]:
    widths = []
    try:
        for _line, cells, told in _records(data, encoding, delimiter):
            if told or any(cells):
                widths.append(0 if told else len(cells))
            if len(widths) >= SNIFFED_ROWS:
                break
    except Unreadable:  # the sample may end inside quotes
        pass
    if not widths or widths[0] < 2:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def _object(text: str) -> tuple[dict[str, Any], str]:
    """The object on a line; or none, and why."""
    if len(text) > LONGEST_LINE:
        return {}, _("The line is longer than %d characters.") % LONGEST_LINE
    try:
        found = strictly.read(text.encode(errors="replace"))
    except strictly.Unreadable as error:
        try:
            json.loads(text)
        except (ValueError, RecursionError) as broken:
            return {}, _("This is not JSON: %s") % broken
        return {}, str(error)
    if not isinstance(found, dict):
        return {}, _("This is no object. Each line is one, in braces.")
    if any(not name or len(name) > LONGEST_NAME for name in found):
        return {}, _("A name in it is empty, or longer than %d characters.") % LONGEST_NAME
    return found, ""
