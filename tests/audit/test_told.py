"""Every kind of event has a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from audit.models import Event, Personal
from audit.reading import told
from audit.reading.sentences import FAMILIES, SENTENCES
from audit.templatetags.icons import icon

PARTS = ("audit", "orchestration", "reviews", "deploy", "config")


def recorded() -> Iterator[str]:
    """The kinds that the code writes itself: the texts in the first argument of every `record(...)`."""
    sources = (path for part in PARTS for path in Path(settings.BASE_DIR, part).rglob("*.py"))
    calls = (node for path in sources for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    for call in calls:
        if isinstance(call, ast.Call) and call.args and ast.unparse(call.func).split(".")[-1] == "record":
            texts = (text.value for text in ast.walk(call.args[0]) if isinstance(text, ast.Constant))
            yield from (text for text in texts if isinstance(text, str) and text.strip("."))


def moved() -> Iterator[str]:
    """The kinds that `moves` makes: every status of every model that has moves."""
    for model in apps.get_models():
        for was, following in getattr(model, "MOVES", {}).items():
            yield from (f"{model._meta.model_name}.{status}" for status in (was, *following))


def kinds() -> set[str]:
    return {*recorded(), *moved()}


def test_every_kind_in_the_code_has_a_sentence() -> None:
    assert len(kinds()) > 30
    assert {kind for kind in kinds() if not told.knows(kind)} == set()


def test_every_sentence_is_of_a_kind_that_can_happen() -> None:
    assert set(SENTENCES) - kinds() == set()


def test_every_kind_belongs_to_a_family_and_has_a_drawing() -> None:
    assert {kind.partition(".")[0] for kind in SENTENCES} <= set(FAMILIES)
    assert all(icon(sentence.drawn) for sentence in SENTENCES.values())


def event(kind: str, body: str = "{}", private: str = "") -> Event:
    made = Event(id=1, kind=kind, body=body, actor_kind="person", actor_id="4", run_id=7)
    part = Personal(event=made, salt=b"", data=private) if private else None
    Event._meta.get_field("personal").set_cached_value(made, part)
    return made


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_a_sentence_can_be_told_of_an_event_with_nothing_in_it(kind: str) -> None:
    said = told.tell(event(kind)).text
    assert "%(" not in said
    assert said != kind


def test_a_kind_without_a_sentence_shows_its_kind() -> None:
    assert told.tell(event("moon.risen")).text == "<b>moon.risen</b>"
    assert told.plain(event("moon.risen")) == "moon.risen"


def test_who_acted_is_named_until_the_name_is_erased() -> None:
    assert told.who(event("run.accepted", private='{"actor":"Rita Bauer"}')) == "Rita Bauer"
    assert told.who(event("run.accepted")) == "Person 4"


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("review.open", '{"undone":"x"}', "took a decision back"),
        ("review.open", '{"group":"reviewer"}', "The group reviewer was asked"),
        ("review.approved", '{"edited":true}', "approved with edits"),
        ("steprun.ready", '{"was":"running","lease_ended":true,"step":"Send"}', "its worker was lost"),
        ("steprun.ready", '{"was":"running","step":"Send"}', "after an error"),
        ("steprun.waiting", '{"was":"ready","step":"Send"}', "again"),
        ("record.exported", '{"of":"decisions","form":"csv"}', "took decisions away as CSV"),
        ("setting.changed", '{"key":"arrivals-on","was":null,"value":false}', "from nothing chosen to off"),
    ],
)
def test_a_sentence_fits_what_happened_before(kind: str, body: str, said: str) -> None:
    assert said in told.plain(event(kind, body))


def test_what_came_from_outside_is_escaped() -> None:
    said = told.tell(event("review.approved", private='{"actor":"<i>R</i>","title":"<b>%(who)s \u202e"}')).text
    assert said == (
        "<b>&lt;i&gt;R&lt;/i&gt;</b> approved &lt;b&gt;%(who)s "
        '<span class="code-point" title="right-to-left override">U+202E</span>'
    )
