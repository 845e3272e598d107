"""The questions that arrive: read from the carried file, or from another of the same shape."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TypedDict

from django.utils.translation import gettext as _

from deploy.sample.customers import customer

CARRIED = Path(__file__).parent / "data" / "questions.csv"
COLUMNS = ("text", "category")
LARGEST_FILE = 5 * 1024 * 1024
LONGEST = {"text": 2000, "category": 100}


class BadQuestions(Exception):
    """A file of questions cannot be used; the message says why, in one sentence."""


class Question(TypedDict):
    """One question, with its true label and a made-up customer."""

    question: str
    category: str
    customer_name: str
    customer: str


def read(path: Path | None = None) -> list[Question]:
    """All questions of `path`, in its order; raises BadQuestions, and then gives none."""
    source = path or CARRIED
    seen: dict[str, int] = {}
    questions: list[Question] = []
    for number, row in _rows(_content(source), source.name):
        text, category = (_cell(row, column, number) for column in COLUMNS)
        if text in seen:
            sentence = _("Row %(row)d repeats the question of row %(first)d; each may stand there once.")
            raise BadQuestions(sentence % {"row": number, "first": seen[text]})
        seen[text] = number
        name, address = customer(len(questions))
        questions.append({"question": text, "category": category, "customer_name": name, "customer": address})
    if not questions:
        raise BadQuestions(_("%(file)s has no questions in it.") % {"file": source.name})
    return questions


def _content(path: Path) -> str:
    """The file as text; raises BadQuestions."""
    about = {"file": path.name, "size": LARGEST_FILE // 1024 // 1024}
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadQuestions(_("%(file)s cannot be opened; give the path of a CSV file.") % about) from error
    if len(data) > LARGEST_FILE:
        raise BadQuestions(_("%(file)s is larger than %(size)d MB; split it.") % about)
    if b"\0" in data:
        raise BadQuestions(_("%(file)s contains NUL characters; save it as plain CSV in UTF-8.") % about)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadQuestions(_("%(file)s is not UTF-8; save it in that encoding.") % about) from error


def _rows(content: str, name: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Each row with its number as a spreadsheet counts, the heading being row 1; raises BadQuestions."""
    rows = csv.DictReader(StringIO(content, newline=""), restkey="", strict=True)
    try:
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if not content.strip():
            raise BadQuestions(_("%(file)s is empty.") % {"file": name})
        if missing:
            sentence = _("%(file)s has no column “%(column)s”; its first row must name text and category.")
            raise BadQuestions(sentence % {"file": name, "column": missing[0]})
        yield from enumerate(rows, start=2)
    except csv.Error as error:
        sentence = _("%(file)s is not proper CSV near line %(line)d; check its quotation marks.")
        raise BadQuestions(sentence % {"file": name, "line": rows.line_num}) from error


def _cell(row: dict[str, str | None], column: str, number: int) -> str:
    """The text of a cell, within its length; raises BadQuestions."""
    value, about = row[column], {"row": number, "column": column, "longest": LONGEST[column]}
    if "" in row or value is None:
        raise BadQuestions(_("Row %(row)d has not as many cells as there are columns.") % about)
    if not value.strip():
        raise BadQuestions(_("Row %(row)d has nothing in the column “%(column)s”.") % about)
    if len(value) > LONGEST[column]:
        sentence = _("Row %(row)d has more than %(longest)d characters in the column “%(column)s”.")
        raise BadQuestions(sentence % about)
    return value
