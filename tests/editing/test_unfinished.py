"""A draft may lack almost anything, and its page is shown all the same."""

from copy import deepcopy
from typing import Any

import pytest

from orchestration import documents, drafts
from orchestration.documents import BadDocument
from orchestration.documents.dumping import dump
from orchestration.editing import skeletons
from orchestration.editing.page import Asked, context
from tests.cast import Cast

pytestmark = pytest.mark.django_db

WAITS: list[dict[str, Any]] = [
    {"event": "paid"},
    {"event": "paid", "match": "event.id == 1", "seconds": 5, "on_timeout": "go_on"},
    {"until": "'2030-01-01'"},
]
REVIEWS: list[dict[str, Any]] = [
    {"when": "before"},
    {"when": "after", "why": []},
    {"when": "before", "group": "", "why": [{}]},
    {"when": "after", "group": "reviewer", "why": [{"due_minutes": None}], "title": 5},
    {"waiver": {}},
    {"waiver": 5},
    {"evidence": []},
]


def unfinished(kind: str) -> list[dict[str, Any]]:
    """A step as it is added, the same without each of its parts, and with a review that lacks things."""
    whole = skeletons.step(kind, set(), {"owner": {"user": "adam"}, "permission": {"see": [], "run": []}})
    made = [whole, *({key: value for key, value in whole.items() if key != name} for name in whole)]
    made += [{**whole, "review": review} for review in REVIEWS]
    made += [{**whole, "metrics": [{"name": "x", "kind": kind}]} for kind in ("cel", "judge", "contains", "cost")]
    for number, branch in enumerate(whole.get("branches", [])):
        bare = deepcopy(whole)
        bare["branches"][number] = {name: value for name, value in branch.items() if name != "if"}
        made += [bare, {**whole, "branches": [branch]}]
    rest = {name: value for name, value in whole.items() if name != "for_seconds"}
    return [*made, *({**rest, **wait} for wait in WAITS)] if kind == "wait" else made


@pytest.mark.parametrize("kind", skeletons.NAMES)
def test_whatever_a_step_lacks_its_page_is_shown(cast: Cast, kind: str) -> None:
    draft, seen = drafts.draft_of(cast.workflow, by=cast.adam), 0
    for step in unfinished(kind):
        document = {**deepcopy(cast.version.document), "steps": [step]}
        try:
            documents.sketch(source := dump(document))
        except BadDocument:
            continue
        draft.source = source
        seen += bool(context(draft, cast.adam, Asked(key=step["key"]))["path"])
    assert seen > 5
