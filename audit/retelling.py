"""Sentences that are kept in English, said again in the language of who reads them.

What is kept was said by gettext in the language of the house, its places filled. The text that it was made from is
found again by what stands around the places. What fits none stays as it is: it is somebody's own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real

PLACE = re.compile(r"%(?:\((\w+)\))?[sd]")
LEAST = 10  # characters besides its places by which a text is known again
LONGEST = 4000


class Frame(NamedTuple):
    """A text with places: what it begins and ends with, the whole as a pattern, and how it is said to the reader."""

    head: str
    tail: str
    whole: re.Pattern[str]
    places: list[str]
    said: str


def retold(text: str) -> str:
    """The same in the active language, as far as it is one of our own sentences."""
    language = translation.get_language()
    if not text or not language or language == settings.LANGUAGE_CODE or len(text) > LONGEST:
        return text
    said = translation.gettext(text)
    return said if said != text else _by_frame(text, language)


def _by_frame(text: str, language: str) -> str:
    for frame in _frames(language):
        if not text.startswith(frame.head) or not text.endswith(frame.tail):
            continue
        if found := frame.whole.fullmatch(text):
            return _filled(frame.said, dict(zip(frame.places, map(retold, found.groups()), strict=True)))
    name, colon, rest = text.partition(": ")
    return f"{name}{colon}{retold(rest)}" if colon and " " not in name else text


def _filled(said: str, parts: dict[str, str]) -> str:
    number = count()
    return PLACE.sub(lambda place: parts.get(place[1] or str(next(number)), ""), said)


@lru_cache
def _frames(language: str) -> list[Frame]:
    """Those of a language, from the one that says most besides its places."""
    found = sorted(_told(language), key=lambda pair: -len(PLACE.sub("", pair[0])))
    return [_frame(text, said) for text, said in found]


def _told(language: str) -> Iterator[tuple[str, str]]:
    with translation.override(language):
        known = dict(trans_real.catalog()._catalog.items())  # type: ignore[attr-defined]  # as Django's own view reads it
    for text, said in known.items():
        if isinstance(text, str) and "%%" not in text and len(PLACE.sub("", text)) >= LEAST and PLACE.search(text):
            yield text, said


def _frame(text: str, said: str) -> Frame:
    number = count()
    places = [place[1] or str(next(number)) for place in PLACE.finditer(text)]
    plain = [part for at, part in enumerate(PLACE.split(text)) if at % 2 == 0]
    return Frame(plain[0], plain[-1], re.compile("(.+?)".join(map(re.escape, plain)), re.S), places, said)
