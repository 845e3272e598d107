"""Names of people and places: an optional extra, with a language model in a folder that the setting names."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.core import checks

from orchestration.policies import named
from orchestration.policies.named import There
from orchestration.routing import detectors, presidio
from orchestration.routing.presidio import NotThere
from orchestration.routing.redaction import Cover
from tests.policies.conftest import a_rule

pytestmark = pytest.mark.django_db
TEXT = "Ines Duarte moved to Lisbon. Write to ines@customer.example."
HERE = find_spec("presidio_analyzer") is not None
installed = pytest.mark.skipif(not HERE, reason="presidio is an optional extra, and not installed here")


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    def forget() -> None:
        presidio._engine.cache_clear()
        presidio._found.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def on(settings: Any) -> Any:
    """Switched on."""
    settings.HANDRAIL_PRESIDIO = True
    return settings


@pytest.fixture
def model(on: Any, tmp_path: Path) -> None:
    """A small language model in a folder: it knows one person and one place."""
    import spacy

    reads = spacy.blank("en")
    rules = reads.add_pipe("entity_ruler")
    rules.add_patterns([{"label": "PERSON", "pattern": "Ines Duarte"}, {"label": "GPE", "pattern": "Lisbon"}])
    reads.to_disk(tmp_path / "model")
    on.HANDRAIL_PRESIDIO_MODEL = str(tmp_path / "model")


@installed
def test_names_are_found_with_everything_else(model: None) -> None:
    assert presidio.lacks() == ""
    assert [one.kind for one in detectors.find(TEXT)] == ["person", "place", "email"]
    assert detectors.kinds({"a": [TEXT]}) == {"person": "personal", "place": "personal", "email": "personal"}


@installed
def test_names_are_blacked_out_and_come_back(model: None) -> None:
    cover = Cover(["person", "place"])
    covered = cover.over(TEXT)
    assert covered == "[person-1] moved to [place-1]. Write to ines@customer.example."
    assert cover.back(covered) == TEXT


@installed
def test_no_model_is_downloaded(on: Any) -> None:
    on.HANDRAIL_PRESIDIO_MODEL = "en_core_web_sm_that_is_not_here"
    assert "neither a folder nor an installed language model" in presidio.lacks()
    with pytest.raises(NotThere):
        detectors.find(TEXT)


def test_without_the_setting_no_name_is_looked_for() -> None:
    assert [one.kind for one in detectors.find(TEXT)] == ["email"]
    assert presidio.it_can_be_used() == []


@pytest.mark.parametrize("there", [True, False])
def test_a_setting_without_what_it_needs_is_told_when_a_process_starts(
    on: Any, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setattr(presidio, "find_spec", lambda name: "a spec" if there else None)
    (told,) = presidio.it_can_be_used()
    assert told.level == checks.ERROR
    assert ("names no language model" if there else "is not installed") in told.msg
    assert "it_can_be_used" in str(checks.registry.registry.registered_checks)
    with pytest.raises(NotThere):
        detectors.kinds(TEXT)


def test_a_rule_that_blacks_out_names_where_nobody_looks_for_them_stops_the_act() -> None:
    rule = a_rule("redact", "tool", then={"kinds": ["person"]})
    there = There(frozenset(), frozenset(), frozenset(), frozenset())
    assert [problem.path for problem in named.problems(rule, there)] == [("then", "kinds")]
    with pytest.raises(NotThere, match="HANDRAIL_PRESIDIO is off"):
        Cover(["person"]).over(TEXT)
