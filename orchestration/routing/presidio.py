"""Names of people and places in texts, found by presidio with a language model, where the host has switched that on.

It is an optional extra: neither library is imported before it is asked for. What is missing is told when a process
starts, and whoever asks without it gets an error, so that nothing passes as looked through that was not.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core import checks

from orchestration.routing.patterns.reading import Detector
from orchestration.states import DataClass

ENTITIES = {"person": "PERSON", "place": "LOCATION"}  # a kind, and what presidio calls it
LEAST = 0.5  # the score from which something counts
REMEMBERED = 256  # texts whose names are remembered: a call looks through each several times


class NotThere(RuntimeError):
    """It is switched on and cannot be used: a sentence that says what is missing."""


class Named(NamedTuple):
    """A name in a text, as a pattern's match is read."""

    text: str
    at: int
    until: int

    def start(self) -> int:
        """Where it begins."""
        return self.at

    def end(self) -> int:
        """Where it has ended."""
        return self.until

    def group(self) -> str:
        """The name itself."""
        return self.text[self.at : self.until]


class Names:
    """Looks for one kind of names, as a pattern does."""

    def __init__(self, entity: str) -> None:
        self._entity = entity

    def finditer(self, text: str) -> Iterator[Named]:
        """All of them."""
        return (Named(text, start, end) for entity, start, end in _found(text) if entity == self._entity)


def detectors() -> tuple[Detector, ...]:
    """One for each kind of names; none where it is not switched on."""
    return _made() if settings.HANDRAIL_PRESIDIO else ()


def lacks() -> str:
    """What is missing that is needed, in a sentence; "" where nothing is, or it is not switched on."""
    if not settings.HANDRAIL_PRESIDIO:
        return ""
    if find_spec("presidio_analyzer") is None:
        return "HANDRAIL_PRESIDIO is on, and presidio is not installed. Install the extra: handrail[presidio]."
    model = settings.HANDRAIL_PRESIDIO_MODEL
    if not model:
        return "HANDRAIL_PRESIDIO is on, and HANDRAIL_PRESIDIO_MODEL names no language model of spaCy."
    if not Path(model).is_dir() and (not model.isidentifier() or find_spec(model) is None):
        return f"HANDRAIL_PRESIDIO_MODEL is {model}, which is neither a folder nor an installed language model."
    return ""


def it_can_be_used(**_: Any) -> list[checks.CheckMessage]:
    """The check when a process starts."""
    told = lacks()
    hint = "Install what is missing (docs/rules.md), or switch HANDRAIL_PRESIDIO off."
    return [checks.Error(told, hint=hint, id="orchestration.E010")] if told else []


def connect() -> None:
    """Register the check with Django, under the tag that every process asks when it starts."""
    checks.register(it_can_be_used, checks.Tags.database)


@cache
def _made() -> tuple[Detector, ...]:
    names = ((kind, Names(entity)) for kind, entity in ENTITIES.items())
    return tuple(Detector(kind, one, lambda _text: True, DataClass.PERSONAL) for kind, one in names)


@lru_cache(maxsize=REMEMBERED)
def _found(text: str) -> tuple[tuple[str, int, int], ...]:
    came = _engine().analyze(
        text, language=settings.HANDRAIL_PRESIDIO_LANGUAGE, entities=list(ENTITIES.values()), score_threshold=LEAST
    )
    return tuple((one.entity_type, one.start, one.end) for one in came)


@cache
def _engine() -> Any:
    """Presidio with nothing but its finder of names: all else is looked for here already."""
    if told := lacks():  # presidio itself would try to download a model
        raise NotThere(told)
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    language, model = settings.HANDRAIL_PRESIDIO_LANGUAGE, settings.HANDRAIL_PRESIDIO_MODEL
    reading = SpacyNlpEngine(models=[{"lang_code": language, "model_name": model}])
    names = SpacyRecognizer(supported_language=language, supported_entities=list(ENTITIES.values()))
    registry = RecognizerRegistry(recognizers=[names], supported_languages=[language])
    return AnalyzerEngine(registry=registry, nlp_engine=reading, supported_languages=[language])
