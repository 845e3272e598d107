"""What people wrote: the texts of the sample and of all that makes the tests' world. No page translates them."""

import ast
import re
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from orchestration import templates

WRITTEN = {".py", ".yaml", ".json", ".csv", ".txt", ".md"}


@cache
def written() -> str:
    """All of it as one text, as `plain` says it."""
    found = [*zoneinfo.available_timezones(), *_named(), *(text for path in _files() for text in _texts(path))]
    return f" {' | '.join(map(plain, found))} "


def plain(text: str) -> str:
    """A text as it is compared: words alone, since a page breaks lines and writes an underscore as a blank."""
    return " ".join(re.sub(r"[_\W]+", " ", text).split()).casefold()


def _named() -> Iterator[str]:
    """The groups and steps that templates name: a house finds them under these names."""
    for one in templates.templates():
        yield from (*one.groups, *one.plugs)


def _files() -> Iterator[Path]:
    """Those who make the worlds, not the tests: these say what a page has to say."""
    root = Path(settings.BASE_DIR)
    for path in [*root.joinpath("tests").rglob("*"), *root.joinpath("deploy", "sample").rglob("*")]:
        if path.suffix in WRITTEN and not path.name.startswith("test_"):
            yield path


def _texts(path: Path) -> Iterator[str]:
    """The texts of a file; of Python what stands in quotes, apart from what describes the code."""
    if path.suffix != ".py":
        yield path.read_text("utf-8")
        return
    tree = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    described = {id(part.value) for part in tree if isinstance(part, ast.Expr)}
    for part in tree:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in described:
            yield part.value.replace("\\n", " ")  # as expressions write the end of a line
