"""A language that nobody speaks: every text of the pages, longer by two fifths, in brackets, its letters accented.

A page in it shows what was never handed to gettext, for that stands there plain; and it shows where a longer language
breaks the page.
"""

import math
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from tests.languages.extracted import Text, texts

CODE = "en-xa"  # of English, so that dates and numbers are written as there
LOCALE = "en_XA"
FIRST, LAST = "«", "»"
GROWTH = 0.4
ACCENTED = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñóšúýžÁÇÉÍÑÓŠÚÝŽ")
# What stands in a text and is no words of it: places for values, tags, entities.
KEPT = re.compile(r"%\([a-zA-Z_0-9]+\)[a-z]|%[sd%]|\{[a-z_]*\}|<[^<>]*>|&[#a-z0-9]+;")
VOWEL = re.compile(r"[aeiouyAEIOUY]")


def lengthen(text: str, *, open_places: bool = False) -> str:
    """What the language says for a text: each vowel twice, so that words grow as well as sentences.

    With `open_places` what is put in stands outside of the brackets: it has to be in the language by itself.
    """
    parts, at = [], 0
    for kept in KEPT.finditer(text):
        opened = open_places and kept.group()[0] in "%{"
        parts += [_grown(text[at : kept.start()]), f"{LAST}{kept.group()}{FIRST}" if opened else kept.group()]
        at = kept.end()
    return f"{FIRST}{''.join([*parts, _grown(text[at:])])}{LAST}"


def _grown(words: str) -> str:
    wanted = math.ceil(len(words.strip()) * (1 + GROWTH)) + len(words) - len(words.strip())
    grown = VOWEL.sub(lambda vowel: vowel.group() * 2, words).translate(ACCENTED)
    kept = grown.rstrip()
    return kept + "~" * max(wanted - len(grown), 0) + grown[len(kept) :]


def catalogue(*, open_places: bool = False) -> Catalog:
    """Every text that the sources name, in that language."""
    made = Catalog(locale="en", charset="utf-8")
    for _file, text in texts():
        _add(made, text, open_places)
    return made


def _add(made: Catalog, text: Text, open_places: bool) -> None:
    if text.context == "a date":  # a pattern, which says nothing to a reader
        return
    texts = (text.one, text.many)
    said = tuple(lengthen(one, open_places=open_places) for one in texts)
    made.add(texts if text.many else text.one, said if text.many else said[0], context=text.context or None)


def compile_into(folder: Path, *, open_places: bool = False) -> Path:
    """Write it where Django looks for languages; the folder to be named in LOCALE_PATHS."""
    place = folder / LOCALE / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "django.mo").open("wb") as file:
        write_mo(file, catalogue(open_places=open_places))
    return folder
