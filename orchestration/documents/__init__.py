"""A workflow's document: YAML in, a checked definition out, or every problem in a sentence."""

from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from audit.canonical import NotCanonical, digest
from orchestration.documents import lacking, laid, meaning, shape
from orchestration.documents.laid import Agents
from orchestration.documents.loading import Lines, Loaded, TooDeep, Unreadable
from orchestration.documents.loading import loaded as once
from orchestration.documents.problems import BadDocument, Problem

__all__ = ["BadDocument", "Lines", "Problem", "Sketch", "fingerprint", "read", "sketch"]
LARGEST = 512 * 1024  # bytes
TOO_DEEP = "The document is nested too deeply to be read."


class Sketch(NamedTuple):
    """A document that has its shape, though steps may lack what they need to be published: that is left empty.

    Under a step that is done by a named agent lies what that agent says.

    `problems` are those that do not keep it from being looked through, `lines` say where its parts stand.
    """

    document: dict[str, Any]
    problems: list[Problem]
    lines: Lines


def read(source: str) -> dict[str, Any]:
    """The checked definition, or `BadDocument` with every problem found, each with its line.

    Each agent that it names is pinned to a version, and laid under its step.
    """
    loaded = parsed(source)
    try:
        if found := shape.problems(loaded.value):
            raise BadDocument(found).at(loaded.lines)
        document, found = laid.lay(loaded.value, laid.of_source(source))
        if found := [*found, *meaning.problems(document)]:
            raise BadDocument(found).at(loaded.lines)
    except RecursionError as error:
        raise BadDocument([Problem(TOO_DEEP, line=1)]) from error
    return deepcopy(dict(document))


def sketch(source: str) -> Sketch:
    """The document of somebody who is still drawing it up, or `BadDocument` where it cannot be looked through.

    It is read once for all who ask for the same text: nobody changes what they get.
    """
    came = _sketched(source, laid.of_source(source))
    if isinstance(came, BadDocument):
        raise BadDocument(came.problems)
    return came


@lru_cache(maxsize=8)
def _sketched(source: str, agents: Agents) -> Sketch | BadDocument:
    try:
        return _sketch(source, agents)
    except BadDocument as error:
        return error


def _sketch(source: str, agents: Agents) -> Sketch:
    loaded = parsed(source)
    try:
        if found := [told for told in shape.problems(loaded.value) if not lacking.is_allowed(told)]:
            raise BadDocument(found).at(loaded.lines)
        document, found = laid.lay(lacking.filled(loaded.value), agents)
        found = [*found, *meaning.problems(document)]
    except RecursionError as error:
        raise BadDocument([Problem(TOO_DEEP, line=1)]) from error
    return Sketch(document, BadDocument(found).at(loaded.lines).problems, loaded.lines)


def parsed(source: str) -> Loaded:
    """The plain value of a text that can be read and kept, or `BadDocument`."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise BadDocument([Problem(f"The document is larger than {LARGEST // 1024} kB.", line=1)])
    try:
        loaded = once(source)
        digest(loaded.value)
    except TooDeep as error:
        raise BadDocument([Problem(error.told, line=error.line)]) from error
    except RecursionError as error:
        raise BadDocument([Problem(TOO_DEEP, line=1)]) from error
    except Unreadable as error:
        raise BadDocument(
            [Problem(_("The document is not YAML that can be read: %s") % error, line=error.line)]
        ) from error
    except NotCanonical as error:
        raise BadDocument([Problem(_("The document is not YAML that can be read: %s") % error, line=1)]) from error
    return loaded


def fingerprint(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    try:
        return digest(document)
    except NotCanonical as error:
        raise BadDocument([str(error)]) from error
