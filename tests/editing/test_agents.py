"""The fields of an agent: what it may call and ask, who looks at its calls, and the agents that work for it."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration import documents
from orchestration.documents.loading import load
from orchestration.editing import changing
from orchestration.editing.typed import typed
from orchestration.editing.widgets import Choices, Workers
from orchestration.editing.widgets.workers import PARTS, TEXTS
from tests.editing.test_changing import _as_sent, sent
from tests.orchestration.documents.test_writing import changed_lines
from tests.orchestration.drafting import ASKED, document, step

ANSWER = {"type": "object", "required": ["answer"], "properties": {"answer": {"type": "string"}}}
WORKER: dict[str, Any] = {
    "key": "look_up",
    "name": "Look up",
    "purpose": "Finds what is known.",
    "model": "openai/small",
    "prompt": "Find it.\nSay where.\n",
    "tools": ["test.say"],
    "output": ANSWER,
    "limits": {"turns": 3, "cost": "0.10"},
    "data": "internal",
    "workers": [
        {"key": "deep", "name": "Deep", "purpose": "x", "model": "m", "prompt": "x", "tools": [], "output": {}}
    ],
}
LENT = Choices(lent=[("test.say", "Say")], models=[("openai/small", "Small")], groups=["reviewer"])


def agent(**more: Any) -> str:
    usual = {
        "model": "openai/agent",
        "prompt": "Find out.",
        "tools": ["test.say", "test.keyed"],
        "workers": [deepcopy(WORKER)],
        "call_review": {**deepcopy(ASKED), "evidence": {"text": "input.text"}},
        "asks": {"group": "reviewer", "sentence": "It does not know.", "due_minutes": 30},
        "talks": True,
        "input": {},
        "output": {"type": "object"},
        "limits": {"turns": 5, "minutes": 2.5, "cost": "1.50", "fan_out": 4, "repeats": 3, "tokens": 9000, "calls": 9},
    }
    return document(step("ask", "agent", **usual | more), step("end"))


def untouched(source: str, *fields: str, choices: Choices = LENT) -> QueryDict:
    """The form as a browser sends it when nobody touched it."""
    about, made = changing.part(source, "ask"), QueryDict(mutable=True)
    shown = changing.shown(about)
    for name, one in about.fields.items():
        if fields and name not in fields:
            continue
        made.appendlist("field", name)
        if name in shown:
            made[f"was.{name}"] = json.dumps(shown[name])
        held = one.widget.show(about.spec.get(name), choices)
        if name == "workers":
            workers_as_sent(held, made)
        else:
            _as_sent(name, held, made)
    return made


def workers_as_sent(shown: dict[str, Any], made: QueryDict) -> None:
    for row in shown["workers"]:
        for part in ("was", *TEXTS, "more", "rest"):
            made.appendlist(f"workers.{part}", str(row[part]).replace("\n", "\r\n"))
        for part, value in row["limits"]:
            made.appendlist(f"workers.limits.{part}", str(value))
        for tool, _label, on in row["tools"]:
            if on:
                made.appendlist("workers.tools", f"{row['was']}:{tool}")


def put(form: QueryDict, name: str, place: int, value: str) -> QueryDict:
    values = form.getlist(name)
    values[place] = value
    form.setlist(name, values)
    return form


def spec(source: str) -> Any:
    return load(source).value["steps"][0]


def test_a_form_of_an_agent_that_nobody_touched_changes_nothing() -> None:
    for source in (agent(), agent(talks=False), agent(workers=[], asks={"group": "gone"}), agent(limits={})):
        made = changing.change(source, "ask", untouched(source))
        assert (made.problems, made.source) == ({}, source)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
LINES = st.lists(TEXT, min_size=1, max_size=3).map("\n".join).filter(str.strip)
KEYS = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=4, unique=True)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "turns": st.integers(1, 99),
        "minutes": st.floats(0.5, 99).map(lambda one: round(one, 2)),
        "cost": st.sampled_from(["0", "0.05", "12.50"]),
        "tries": st.integers(1, 5),
    },
)


@st.composite
def some_workers(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for key in draw(KEYS):
        worker = {
            "key": key,
            "name": draw(TEXT.filter(str.strip)),
            "purpose": draw(LINES),
            "model": draw(st.sampled_from(["openai/small", "elsewhere"])),
            "prompt": draw(LINES),
            "tools": draw(st.lists(st.sampled_from(["test.say", "test.keyed", "a, b"]), unique=True)),
            "output": draw(st.sampled_from([{}, ANSWER, {"type": "object", "description": "ends\n\n"}])),
        }
        worker |= draw(st.fixed_dictionaries({}, optional={"limits": LIMITS, "data": st.just("personal")}))
        made.append(worker)
    return made


@given(some_workers())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_workers_is_kept_by_a_form_that_nobody_touched(held: list[dict[str, Any]]) -> None:
    form = QueryDict(mutable=True)
    workers_as_sent(Workers().show(held, LENT), form)
    assert Workers().read("workers", form, held) == held
    assert [list(one) for one in Workers().read("workers", form, held)] == [list(one) for one in held]


def test_one_part_of_a_worker_changes_one_line() -> None:
    source = agent()
    made = changing.change(source, "ask", put(untouched(source, "workers"), "workers.limits.turns", 0, "7"))
    assert made.problems == {}
    assert [line for line in changed_lines(source, made.source) if "turns" in line]
    assert spec(made.source)["workers"] == [{**WORKER, "limits": {"turns": 7, "cost": "0.10"}}]


def test_a_worker_more_begins_with_a_name_alone() -> None:
    source = agent()
    form = put(untouched(source, "workers"), "workers.name", 1, "Write it down")
    form.appendlist("workers.tools", ":test.say")
    made = changing.change(source, "ask", form)
    assert made.problems == {}
    first, second = spec(made.source)["workers"]
    assert first == WORKER
    assert (second["key"], second["tools"], second["output"]["type"]) == ("write_it_down", ["test.say"], "object")
    assert "model" not in second
    sketch = documents.sketch(made.source)
    assert not [told for told in sketch.problems if told.step == "ask"]


def test_a_worker_is_taken_away_by_its_mark_alone() -> None:
    source = agent()
    emptied = put(put(untouched(source, "workers"), "workers.name", 0, ""), "workers.key", 0, "")
    assert set(changing.change(source, "ask", emptied).problems) == {"workers"}
    form = untouched(source, "workers")
    form.appendlist("workers.gone", "0")
    assert (
        "workers" not in spec(changing.change(source, "ask", form).source)
        or not spec(changing.change(source, "ask", form).source)["workers"]
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("workers.prompt", "", "prompt"),
        ("workers.key", "No Key", "no key"),
        ("workers.limits.cost", "much", "amount"),
        ("workers.limits.turns", "1.5", "whole"),
        ("workers.limits.turns", "0", "minimum"),
        ("workers.rest", "output: [", "YAML"),
        ("workers.rest", "", "output"),
        ("workers.rest", "output: {}\nprompt: x", "prompt"),
        ("workers.rest", "output: {}\nowner: {user: adam}", "owner"),
    ],
)
def test_what_cannot_stand_in_a_worker_is_told_and_shown_again(name: str, value: str, told: str) -> None:
    source = agent()
    form = put(untouched(source, "workers"), name, 0, value)
    made = changing.change(source, "ask", form)
    assert made.source == source
    assert told in made.problems["workers"]
    again = typed(Workers().show(spec(source)["workers"], LENT), "workers", form)
    resent = QueryDict(mutable=True)
    workers_as_sent(again, resent)
    for part in TEXTS:
        shown, asked = (one.getlist(f"workers.{part}") for one in (resent, form))
        assert [one.strip() for one in shown] == [one.strip() for one in asked]
    assert resent.getlist("workers.limits.cost") == form.getlist("workers.limits.cost")
    assert resent.getlist("workers.tools") == form.getlist("workers.tools")


def test_limits_of_an_agent_are_numbers_and_an_amount() -> None:
    source = agent(limits={"seconds": 60})
    parts = {"limits__seconds": "60", "limits__minutes": "1,5", "limits__cost": "2,00", "limits__fan_out": "4"}
    made = changing.change(source, "ask", sent(source, "ask", **parts))
    assert spec(made.source)["limits"] == {"seconds": 60, "fan_out": 4, "cost": "2.00", "minutes": 1.5}
    assert set(PARTS) <= {"turns", "calls", "tokens", "cost", "minutes", "seconds"}


def test_whom_it_asks_may_answer() -> None:
    source = agent(asks={"group": "reviewer"})
    form = sent(source, "ask", asks__group="claims", asks__due="15", asks__title="", asks__sentence="")
    made = changing.change(source, "ask", form)
    assert spec(made.source)["asks"] == {"group": "claims", "due_minutes": 15}
    assert "claims" in load(made.source).value["groups"]["decide"]
    cleared = changing.change(source, "ask", sent(source, "ask", asks__group="", asks__due="15"))
    assert set(cleared.problems) == {"asks"}


def test_who_looks_at_calls_is_said_as_for_a_step() -> None:
    source = agent(call_review={"waiver": {"reason": "Only reads.", "until": "2031-01-31"}})
    form = sent(source, "ask", call_review__mode="before", call_review__group="reviewer", call_review__title="'Look'")
    review = spec(changing.change(source, "ask", form).source)["call_review"]
    assert (review["when"], review["group"], "waiver" in review) == ("before", "reviewer", False)
    assert review["why"][0]["due_minutes"] == 60
