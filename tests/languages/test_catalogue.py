"""Every text of every page is there in every language, with the same places for what is put in."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from deploy import languages
from tests.languages.extracted import texts

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
PLACE = re.compile(r"%\([a-zA-Z_0-9]+\)[sdf]|%[sdf]|</?[a-z]+")


def catalogue(code: str) -> Catalog:
    """What is kept of a language."""
    with Path(settings.BASE_DIR, "locale", code, "LC_MESSAGES", "django.po").open("rb") as file:
        return read_po(file, locale=code)


def said(message: Message) -> Iterable[tuple[str, str]]:
    """What it says, beside what it stands for."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, tuple(message.string or ()), strict=True))


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_there(code: str) -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(code) if message.id}
    found = {(file, text if isinstance(text, str) else text[0]) for file, text in texts()}
    assert len(found) > 4000
    assert [f"{file}: {text}" for file, text in sorted(found) if text not in known] == []


@pytest.mark.parametrize("code", OTHERS)
def test_each_is_said_with_the_same_places(code: str) -> None:
    wrong = []
    for message in catalogue(code):
        for text, other in said(message) if message.id else ():
            places, others = sorted(PLACE.findall(text)), sorted(PLACE.findall(other))
            if not other or (set(others) - set(places) if isinstance(message.id, tuple) else places != others):
                wrong.append(f"{text} | {other}")
    assert wrong == []


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_stands_there_that_no_page_says(code: str) -> None:
    found = {text if isinstance(text, str) else text[0] for _file, text in texts()}
    kept = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(code) if message.id}
    assert sorted(kept - found) == []


def test_a_page_is_in_the_language_that_is_asked_for() -> None:
    languages.compile_stale()
    with translation.override("de"):
        assert translation.gettext("Inbox") == "Eingang"
        assert translation.ngettext("%(n)d step", "%(n)d steps", 2) != ""
