"""A workflow's document: YAML in, a checked definition out, or every problem in a sentence."""

from typing import Any

import yaml

from audit.canonical import NotCanonical, clean, digest
from orchestration.documents import meaning, shape
from orchestration.documents.loading import load

LARGEST = 512 * 1024  # bytes


class BadDocument(ValueError):
    """The document cannot be published. `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read(source: str) -> dict[str, Any]:
    """The checked definition, or `BadDocument` with every problem found."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise BadDocument([f"The document is larger than {LARGEST // 1024} kB."])
    try:
        document = load(source)
        digest(document)
    except RecursionError as error:
        raise BadDocument(["The document is nested too deeply to be read."]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadDocument([f"The document is not YAML that can be read: {error}"]) from error
    if clean(document)[1]:
        raise BadDocument(["The document holds characters that cannot be kept (NUL or half of a pair)."])
    if found := shape.problems(document) or meaning.problems(document):
        raise BadDocument(found)
    return dict(document)


def fingerprint(document: dict[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    try:
        return digest(document)
    except NotCanonical as error:
        raise BadDocument([str(error)]) from error
