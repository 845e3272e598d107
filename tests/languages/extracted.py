"""The texts of pages, as the sources name them: from Python and from templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import template

PARTS = ("audit", "orchestration", "reviews", "deploy", "config")
KEYWORDS = ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy")
LITERAL = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"\b(?:(n)?gettext|_)\(\s*{LITERAL}(?:\s*,\s*{LITERAL})?", re.S)

type Text = str | tuple[str, ...]


def texts() -> Iterator[tuple[str, Text]]:
    """Each text with the file that names it; one with a plural as a pair."""
    root = Path(settings.BASE_DIR)
    for part in PARTS:
        for path in sorted((root / part).rglob("*.py")):
            yield from _in_python(path)
    for path in sorted((root / "templates").rglob("*.[ht][tx]*")):
        yield from _in_template(path)


def _in_template(path: Path) -> Iterator[tuple[str, Text]]:
    """What Django makes of a template for `xgettext`: calls among blanks, which are no Python."""
    for plural, first, second in CALL.findall(template.templatize(path.read_text("utf-8"), origin=str(path))):
        one = ast.literal_eval(first)
        if one:
            yield path.name, (one, ast.literal_eval(second)) if plural else one


def _in_python(path: Path) -> Iterator[tuple[str, Text]]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        said = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in KEYWORDS and said and said[0]:
            yield path.name, (said[0], said[1]) if name.startswith("n") and len(said) > 1 else said[0]
