"""No page says anything in English to who reads another language, apart from what people wrote."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.e2e.pages import PAGES, Showing, Shown
from tests.languages import seen, world
from tests.languages.data import plain, written

# Two words or more in a row: one alone may be a name, and so may words with a figure or an accent among them.
ENGLISH = re.compile(r"(?<![\w.@/«])[A-Za-z][a-z'’-]+(?:\s+[A-Za-z][a-z'’-]+)+(?![\w@/»])")
KEPT = (  # names; titles made when a version was published, as its own are; what a library says of an expression
    re.compile(r"Microsoft Teams|Google Chat"),
    re.compile(r".* asks"),
    re.compile(r"Undefined variable or function|Check that the variable is defined in the context or that .*"),
)


@pytest.fixture(scope="module")
def shown(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """The world of the pages, in the language nobody speaks, for all tests of this file."""
    folder = tmp_path_factory.mktemp("locale")
    with django_db_blocker.unblock(), world.standing() as made, world.spoken(folder):
        yield made


@pytest.mark.parametrize("place", PAGES, ids=str)
def test_a_page_says_nothing_in_english(shown: Shown, place: Showing) -> None:
    with place.during(shown), transaction.atomic():
        answer = world.window(place.by).get(place.at(shown))
        transaction.set_rollback(True)
    assert answer.status_code in {200, 404}
    assert escaped(answer.content.decode()) == []


def test_english_is_found_wherever_it_is_seen_or_heard() -> None:
    assert escaped("<p>Nobody ever wrote <b>such things before</b></p>") == [
        "p: Nobody ever wrote",
        "p>b: such things before",
    ]
    assert escaped("<title>Whatever fits best</title>") == ["title: Whatever fits best"]
    assert escaped("<input placeholder='whatever fits best'>") == ["input[placeholder]: whatever fits best"]
    assert escaped("<a aria-label='Close them quickly'>«ýéé»</a>") == ["a[aria-label]: Close them quickly"]


def test_what_is_accented_or_shown_as_it_was_written_is_no_english() -> None:
    assert escaped("<p>«Ýóóúú áánñd mýý fóóx»</p><p title='«Béé úúš»'>12 kB</p>") == []
    assert escaped("<pre>whatever fits best</pre><p translate='no'>whatever <b>fits best</b></p>") == []


def escaped(page: str) -> list[str]:
    """What stands there in English, with where."""
    return [
        f"{words.where.strip()}: {found}"
        for words in seen.words(page)
        if not words.verbatim
        for found in ENGLISH.findall(words.text)
        if f" {plain(found)} " not in written() and not any(one.fullmatch(" ".join(found.split())) for one in KEPT)
    ]
