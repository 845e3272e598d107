"""Test cases in a document: they name steps that are there, and each has a name of its own."""

from collections.abc import Iterator
from typing import Any

from orchestration.documents.outline import Placed, Spec
from orchestration.documents.problems import Path, Problem


def problems(document: Spec, placed: list[Placed]) -> Iterator[Problem]:
    """What is wrong with the test cases of a document."""
    by_key = {step.key: step for step in placed}
    seen: set[str] = set()
    for number, case in enumerate(document.get("tests", [])):
        path: Path = ("tests", number)
        for at, told in _case(case, by_key, seen):
            yield Problem(told, (*path, *at), where=f"tests {case['name']}")
        seen.add(case["name"])


def _case(case: dict[str, Any], by_key: dict[str, Placed], seen: set[str]) -> Iterator[tuple[Path, str]]:
    if case["name"] in seen:
        yield ("name",), "stands twice."
    for place, key in enumerate(case.get("stops_at", [])):
        if key not in by_key:
            yield ("stops_at", place), f"stops at {key!r}, which is no step here."
        elif by_key[key].spec.get("review", {}).get("when") is None:
            yield ("stops_at", place), f"stops at {key!r}, where nobody decides."
    for key in case.get("recorded", {}):
        if key not in by_key:
            yield ("recorded", key), f"has a recorded answer of {key!r}, which is no step here."
