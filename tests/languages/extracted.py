"""The texts of pages, as the sources name them: from Python and from templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import template

PARTS = ("audit", "orchestration", "reviews", "deploy", "config")
NAMES = {"_", "gettext", "gettext_noop", "ngettext", "pgettext", "npgettext"}
KEYWORDS = NAMES | {f"{name}_lazy" for name in NAMES}
LITERAL = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?(?:\s*,\s*{LITERAL})?", re.S)


class Text(NamedTuple):
    """A text, its plural where it has one, and what it is about where one word has two meanings."""

    one: str
    many: str = ""
    context: str = ""


def texts() -> Iterator[tuple[str, Text]]:
    """Each text with the file that names it."""
    root = Path(settings.BASE_DIR)
    for part in PARTS:
        for path in sorted((root / part).rglob("*.py")):
            yield from _in_python(path)
    for path in templates():
        yield from _in_template(path)


def templates() -> Iterator[Path]:
    """Every template that shows a page, a part of one, or a letter."""
    yield from sorted(Path(settings.BASE_DIR, "templates").rglob("*.[ht][tx]*"))


def _in_template(path: Path) -> Iterator[tuple[str, Text]]:
    """What Django makes of a template for `xgettext`: calls among blanks, which are no Python."""
    for name, *literals in CALL.findall(template.templatize(path.read_text("utf-8"), origin=str(path))):
        yield from _told(path, name, [ast.literal_eval(one) for one in literals if one])


def _in_python(path: Path) -> Iterator[tuple[str, Text]]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        said = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in KEYWORDS:
            yield from _told(path, name, said)


def _told(path: Path, name: str, said: list[str]) -> Iterator[tuple[str, Text]]:
    """What a call of that name says with these literals; one of a variable says nothing here."""
    about = said.pop(0) if "pgettext" in name and said else ""
    if said and said[0]:
        many = said[1] if name.startswith("n") and len(said) > 1 else ""
        yield path.name, Text(said[0], many, about)
