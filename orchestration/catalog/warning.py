"""Words in a declaration that tell its reader what to do. They are shown to whoever approves it, and decide nothing."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

LONGEST = 2_000  # characters of a description that is not unusually long
SHOWN = 80
INSTRUCTING: tuple[tuple[re.Pattern[str], str | Promise], ...] = (
    (
        re.compile(
            r"\b(ignore|disregard|forget|override)\b.{0,40}\b(previous|above|prior|other|all|instruction)", re.I | re.S
        ),
        gettext_lazy("asks to disregard something"),
    ),
    (
        re.compile(
            r"\b(do not|don't|never|without)\b.{0,20}\b(tell|mention|inform|telling|mentioning|informing|reveal)", re.I
        ),
        gettext_lazy("asks to keep something from people"),
    ),
    (re.compile(r"\b(system prompt|developer message|hidden instruction)", re.I), gettext_lazy("speaks of prompts")),
    (
        re.compile(r"</?\s*(important|system|instructions?|secret|admin)\b[^>]*>|\[/?INST\]", re.I),
        gettext_lazy("is marked as orders"),
    ),
    (
        re.compile(
            r"\b(before|after|instead of|prior to)\b.{0,30}\b(using|calling|invoking)\b.{0,30}\b(any|other|this|all)\b",
            re.I,
        ),
        gettext_lazy("says when other tools are called"),
    ),
    (re.compile(r"\byou (must|have to|are required to|should always)\b", re.I), gettext_lazy("gives orders")),
    (
        re.compile(
            r"(\.ssh|id_rsa|\.env\b|/etc/passwd|\b(api[ _-]?key|password|credential|private key|secret)s?\b)", re.I
        ),
        gettext_lazy("speaks of secrets"),
    ),
    (
        re.compile(r"\bapprov(e|ed|al)\b.{0,40}\b(automatic|not needed|unnecessary|already|skip)", re.I),
        gettext_lazy("speaks of approval"),
    ),
)


def of(said: Mapping[str, Any]) -> list[tuple[str | Promise, str]]:
    """What stands out in a declaration: what it does, and the words."""
    found: dict[str, tuple[str | Promise, str]] = {}
    for text in _texts(said):
        for number, (pattern, told) in enumerate(INSTRUCTING):
            if (match := pattern.search(text)) is not None:
                start = max(0, match.start() - 20)
                found.setdefault(str(number), (told, text[start : start + SHOWN]))
        if any(_is_hidden(letter) for letter in text):
            found.setdefault("hidden", (gettext_lazy("holds characters that are not seen"), text[:SHOWN]))
        if len(text) > LONGEST:
            found.setdefault("long", (gettext_lazy("is unusually long"), text[:SHOWN]))
    return list(found.values())


def _is_hidden(letter: str) -> bool:
    return letter not in "\n\t\r" and unicodedata.category(letter) in {"Cf", "Cc", "Co", "Cs"}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
