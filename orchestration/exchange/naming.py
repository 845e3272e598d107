"""What a definition and its triggers name: models, tools, groups, people and other workflows."""

from collections.abc import Sequence
from typing import Any, Protocol

from orchestration import documents
from orchestration.documents import BadDocument, naming
from orchestration.documents.outline import walk

MODELS, TOOLS, GROUPS, PEOPLE, WORKFLOWS = "models", "tools", "groups", "people", "workflows"


class Starting(Protocol):
    """As much of a trigger as is asked here."""

    @property
    def owner(self) -> str: ...

    @property
    def follows(self) -> str: ...


def needs(source: str, triggers: Sequence[Starting] = ()) -> dict[str, list[str]]:
    """The names by sort, each sort in order; of a text that cannot be looked through, those of its triggers."""
    try:
        document = documents.sketch(source).document
    except BadDocument:
        document = None
    return of_document(document, triggers)


def of_document(document: dict[str, Any] | None, triggers: Sequence[Starting] = ()) -> dict[str, list[str]]:
    """The same of a document that was looked through."""
    found: dict[str, set[str]] = {sort: set() for sort in (MODELS, TOOLS, GROUPS, PEOPLE, WORKFLOWS)}
    if document is not None:
        _of_steps(document, found)
        found[GROUPS] |= {name.name for name in naming.groups(document)}
        found[PEOPLE] |= {name.name for name in naming.people(document)}
    found[PEOPLE] |= {trigger.owner for trigger in triggers}
    found[WORKFLOWS] |= {trigger.follows for trigger in triggers}
    return {sort: sorted(names - {""}) for sort, names in found.items() if names - {""}}


def _of_steps(document: dict[str, Any], found: dict[str, set[str]]) -> None:
    for placed in walk(document):
        spec = placed.spec
        metrics = [metric for metric in spec.get("metrics", []) if isinstance(metric, dict)]
        found[MODELS] |= _texts(spec.get("model"), *(metric.get("model") for metric in metrics))
        found[TOOLS] |= _texts(spec.get("tool"), *spec.get("tools", []), *(metric.get("tool") for metric in metrics))
        found[WORKFLOWS] |= _texts(spec.get("workflow"))


def _texts(*values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}
