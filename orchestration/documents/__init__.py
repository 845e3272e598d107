"""A workflow's document: YAML in, a checked definition out, or every problem in a sentence."""

from typing import Any

from audit.canonical import NotCanonical, clean, digest
from orchestration.documents import meaning, shape
from orchestration.documents.loading import Lines, Unreadable, load
from orchestration.documents.problems import BadDocument, Problem

__all__ = ["BadDocument", "Problem", "fingerprint", "read"]
LARGEST = 512 * 1024  # bytes


def read(source: str) -> dict[str, Any]:
    """The checked definition, or `BadDocument` with every problem found, each with its line."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise BadDocument([Problem(f"The document is larger than {LARGEST // 1024} kB.", line=1)])
    try:
        document = load(source)
        digest(document)
        if clean(document)[1]:
            raise BadDocument([Problem("The document holds characters that cannot be kept (NUL or half of a pair).")])
        if found := shape.problems(document) or meaning.problems(document):
            raise BadDocument(found).at(Lines(source))
    except RecursionError as error:
        raise BadDocument([Problem("The document is nested too deeply to be read.", line=1)]) from error
    except Unreadable as error:
        raise BadDocument([Problem(f"The document is not YAML that can be read: {error}", line=error.line)]) from error
    except NotCanonical as error:
        raise BadDocument([Problem(f"The document is not YAML that can be read: {error}", line=1)]) from error
    return dict(document)


def fingerprint(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    try:
        return digest(document)
    except NotCanonical as error:
        raise BadDocument([str(error)]) from error
