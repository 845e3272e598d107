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
from tests.languages.extracted import Text, templates, texts

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


def known(code: str) -> set[tuple[str, str]]:
    """What it holds: what each text is about, where that is said, and the text."""
    kept = [message for message in catalogue(code) if message.id]
    return {(row.context or "", row.id if isinstance(row.id, str) else row.id[0]) for row in kept}


def place(text: Text) -> tuple[str, str]:
    return text.context, text.one


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_there(code: str) -> None:
    kept = known(code)
    found = {(file, place(text)) for file, text in texts()}
    assert len(found) > 4000
    assert [f"{file}: {text}" for file, text in sorted(found) if text not in kept] == []


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
    found = {place(text) for _file, text in texts()}
    assert sorted(known(code) - found) == []


def test_no_text_of_a_template_ends_at_a_quotation_mark() -> None:
    """Django's own extraction stops there, so that its translation would never be found."""
    cut = re.compile(r"""{%\s*trans(?:late)?\s+(?:"[^"]*\\"|'[^']*\\')""")
    assert [path.name for path in templates() if cut.search(path.read_text("utf-8"))] == []
    assert cut.search("""{% translate "Say \\"yes\\"." %}""")


def test_a_page_is_in_the_language_that_is_asked_for() -> None:
    languages.compile_stale()
    with translation.override("de"):
        assert translation.gettext("Inbox") == "Eingang"
        assert translation.ngettext("%(n)d step", "%(n)d steps", 2) != ""
