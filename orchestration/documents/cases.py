"""Test cases in a document: they name steps that are there, and each has a name of its own."""

from collections.abc import Iterator
from typing import Any

from orchestration import callables, ways
from orchestration.documents.outline import Placed, Spec, with_calls
from orchestration.documents.problems import Path, Problem

REJECTED, SENT_BACK = "rejected", "sent_back"

type Told = Iterator[tuple[Path, str]]


def problems(document: Spec) -> Iterator[Problem]:
    """What is wrong with the test cases of a document."""
    by_key = {step.key: step for step in with_calls(document)}
    seen: set[str] = set()
    for number, case in enumerate(document.get("tests", [])):
        path: Path = ("tests", number)
        for at, told in _case(case, by_key, seen):
            yield Problem(told, (*path, *at), where=f"tests {case['name']}")
        seen.add(case["name"])


def _case(case: dict[str, Any], by_key: dict[str, Placed], seen: set[str]) -> Told:
    if case["name"] in seen:
        yield ("name",), "stands twice."
    for place, key in enumerate(case.get("stops_at", [])):
        if told := _undecided(by_key, key):
            yield ("stops_at", place), f"stops at {key!r}, {told}"
    for key in case.get("recorded", {}):
        if key not in by_key:
            yield ("recorded", key), f"has a recorded answer of {key!r}, which is no step here."
    yield from _fails(case, by_key)
    yield from _decisions(case, by_key)
    yield from _talks(case, by_key)


def _talks(case: dict[str, Any], by_key: dict[str, Placed]) -> Told:
    """What a model answers turn by turn: only an agent's does, and it asks for what that agent may call."""
    for key, turns in case.get("talks", {}).items():
        if key not in by_key or by_key[key].spec["kind"] != callables.AGENT:
            yield ("talks", key), f"tells the talk of {key!r}, which is no agent here."
            continue
        offered = {callables.name_of(spec): spec for spec in callables.of(by_key[key].spec)} | {callables.FINISH: {}}
        for place, turn in enumerate(turns):
            for number, call in enumerate(turn.get("calls", [])):
                at = ("talks", key, place, "calls", number)
                if callables.spelled(call["call"]) not in offered:
                    yield at, f"lets {key!r} call {call['call']!r}, which it may not."
                elif "returns" in call and "fails" in call:
                    yield at, f"lets {call['call']!r} fail, and says what it returns."


def _fails(case: dict[str, Any], by_key: dict[str, Placed]) -> Told:
    for key in case.get("fails", {}):
        if key not in by_key:
            yield ("fails", key), f"lets {key!r} fail, which is no step here."
        elif key in case.get("recorded", {}):
            yield ("fails", key), f"lets {key!r} fail, and has a recorded answer of it."


def _decisions(case: dict[str, Any], by_key: dict[str, Placed]) -> Told:
    for key, said in case.get("decisions", {}).items():
        if told := _undecided(by_key, key):
            yield ("decisions", key), f"decides at {key!r}, {told}"
        elif isinstance(said, dict):
            yield from ((("decisions", key, *at), told) for at, told in _decision(by_key[key], said))


def _decision(step: Placed, said: dict[str, Any]) -> Told:
    """What is wrong with one decision: it goes by what the review asks."""
    review, verdict = step.spec.get("review", {}), said["verdict"]
    if "edit" in said and verdict in (REJECTED, SENT_BACK):
        word = "rejects" if verdict == REJECTED else "sends back"
        yield ("edit",), f"edits what it {word} at {step.key!r}."
    chosen = ways.outcomes(review).get(said.get("outcome", ""))
    if "outcome" in said and chosen is None:
        yield ("outcome",), f"chooses {said['outcome']!r} at {step.key!r}, which is no outcome there."
    elif chosen is not None and chosen.get("counts_as") != verdict:
        yield ("outcome",), f"chooses {said['outcome']!r} at {step.key!r}, which counts as {chosen.get('counts_as')}."
    names = {one.get("name") for one in review.get("form", []) if isinstance(one, dict)}
    for name in said.get("form", {}):
        if name not in names:
            yield ("form", name), f"answers {name!r} at {step.key!r}, which is not asked there."
    if verdict == SENT_BACK:
        back = review.get("back", {})
        if not (said["to"] in back.get("to", []) if "to" in said else back.get("model")):
            yield ("verdict",), f"sends back at {step.key!r}, which is not allowed there."
    elif {"to", "note"} & set(said):
        yield (), f"says at {step.key!r} where to send it back, and does not."


def _undecided(by_key: dict[str, Placed], key: str) -> str:
    """Why nobody is asked at a step, or ""."""
    if key not in by_key:
        return "which is no step here."
    return "" if by_key[key].spec.get("review", {}).get("when") else "where nobody decides."
