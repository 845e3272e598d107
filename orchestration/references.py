"""What an expression reads: which names, and which steps. Worked out from its text, before anything runs."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from orchestration.expressions import BadExpression, names

MACROS = {"map", "filter", "all", "exists", "exists_one"}
RESERVED = {"input", "steps", "run", "item", "index", "event", "output", "act"}
TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* )
  | (?P<raw>  [bB]?[rR](?: \"{3}[\s\S]*?\"{3} | '{3}[\s\S]*?'{3} | "[^"\n]*" | '[^'\n]*' ) )
  | (?P<text> [bB]?(?: \"{3}(?:\\[\s\S]|[^\\])*?\"{3} | '{3}(?:\\[\s\S]|[^\\])*?'{3}
                     | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' ) )
  | (?P<name> [A-Za-z_]\w* )
  | (?P<number> \d+(?:\.\d+)?\w* )
  | (?P<sign> \S )
    """,
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str
    text: str


END = _Token("end", "")


@lru_cache(maxsize=4096)
def names_read(text: str) -> frozenset[str]:
    """The names that `text` reads from the scope, without those that its own loops bind."""
    tokens = _tokens(text)
    bound = {name for at in range(len(tokens)) if (name := _bound(tokens, at))}
    if hidden := sorted(bound & RESERVED):
        raise BadExpression(f"{text!r} calls something of its own {hidden[0]!r}, which has a meaning already.")
    return frozenset(names(text)) - bound


@lru_cache(maxsize=4096)
def steps_read(text: str) -> frozenset[str]:
    """The keys of the steps whose outputs `text` reads; `BadExpression` where that cannot be told from the text."""
    if "steps" not in names(text):
        return frozenset()
    tokens = _tokens(text)
    return frozenset(_key(text, tokens, at) for at in _mentions(tokens))


@lru_cache(maxsize=4096)
def answers_read(text: str) -> frozenset[tuple[str, str]]:
    """The fields of forms that `text` reads as steps.key.form.field, each with the key of the step."""
    if ".form." not in text or "steps" not in names(text):
        return frozenset()
    tokens = _tokens(text)
    found = ([_at(tokens, at + ahead) for ahead in range(7)] for at in _mentions(tokens))
    spelled = [[token.text for token in seven] for seven in found if seven[6].kind == "name"]
    return frozenset((one[2], one[6]) for one in spelled if [one[1], *one[3:6]] == [".", ".", "form", "."])


def _tokens(text: str) -> list[_Token]:
    found = (_Token(str(match.lastgroup), match.group()) for match in TOKEN.finditer(text))
    return [token for token in found if token.kind != "comment"]


def _at(tokens: list[_Token], at: int) -> _Token:
    return tokens[at] if 0 <= at < len(tokens) else END


def _mentions(tokens: list[_Token]) -> Iterator[int]:
    """Where `steps` stands for the outputs, and is no field of something else."""
    for at, token in enumerate(tokens):
        if token == ("name", "steps") and _at(tokens, at - 1) != ("sign", "."):
            yield at


def _key(text: str, tokens: list[_Token], at: int) -> str:
    """The key in `steps.key` or `steps["key"]`."""
    sign, key, after = (_at(tokens, at + ahead) for ahead in (1, 2, 3))
    if sign.text == "." and key.kind == "name" and after.text != "(":
        return key.text
    if sign.text == "[" and key.kind in {"text", "raw"} and after.text == "]" and "\\" not in key.text:
        return key.text.lstrip("bBrR").strip(key.text[-1])
    raise BadExpression(f"{text!r} must name the step that it reads, as steps.key.")


def _bound(tokens: list[_Token], at: int) -> str:
    """The name that a loop such as `.map(x, ...)` gives to each element, or ""."""
    dot, macro, opening, name, comma = (_at(tokens, at + ahead) for ahead in range(5))
    loops = dot.text == "." and macro.text in MACROS and opening.text == "("
    return name.text if loops and name.kind == "name" and comma.text == "," else ""
