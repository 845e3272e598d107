"""What a form sends, put into the text of a draft."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from orchestration import documents
from orchestration.documents.loading import load
from orchestration.documents.outline import walk
from orchestration.documents.writing import MISSING
from orchestration.editing import changing, fields
from orchestration.editing.changing import NoSuchStep
from orchestration.editing.fields import WHOLE
from orchestration.editing.widgets import Choices
from tests.orchestration.documents.test_writing import changed_lines
from tests.orchestration.drafting import EVERY_KIND

SAMPLE = Path("orchestration/templates/answer_a_customer.yaml").read_text()


def sent(source: str, step: str, /, **parts: Any) -> QueryDict:
    """A form with these fields, opened on `source`. Parts of a field are written `field__part`."""
    made = QueryDict(mutable=True)
    was = changing.shown(changing.part(source, step))
    for name, value in parts.items():
        field = name.partition("__")[0]
        if field not in made.getlist("field"):
            made.appendlist("field", field)
            if field in was:
                made[f"was.{field}"] = json.dumps(was[field])
        made.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
    return made


def test_one_field_changes_one_line() -> None:
    made = changing.change(SAMPLE, "triage", sent(SAMPLE, "triage", name="Sort"))
    assert changed_lines(SAMPLE, made.source) == ["-     name: Triage", "+     name: Sort"]
    assert not made.problems


def test_two_people_at_two_fields_both_keep_theirs() -> None:
    mine, theirs = sent(SAMPLE, "triage", name="Sort"), sent(SAMPLE, "triage", purpose="Sort it.")
    saved = changing.change(SAMPLE, "triage", theirs).source
    made = changing.change(saved, "triage", mine)
    spec = load(made.source).value["steps"][0]
    assert (spec["name"], spec["purpose"], made.clashed) == ("Sort", "Sort it.", [])


def test_a_whole_form_changes_only_what_was_touched_in_it() -> None:
    same = {
        "name": "Triage",
        "purpose": "Sort it.",
        "owner": "user:adam",
        "limits__seconds": "20",
        "limits__tries": "3",
    }
    mine = sent(SAMPLE, "triage", **same)
    saved = changing.change(SAMPLE, "triage", sent(SAMPLE, "triage", name="Theirs", limits__seconds="30")).source
    made = changing.change(saved, "triage", mine)
    spec = load(made.source).value["steps"][0]
    assert (spec["name"], spec["purpose"], spec["limits"]["seconds"]) == ("Theirs", "Sort it.", 30)
    assert not made.clashed


def test_two_people_at_one_field_lose_nothing() -> None:
    mine, theirs = sent(SAMPLE, "triage", name="Mine", purpose="Both."), sent(SAMPLE, "triage", name="Theirs")
    saved = changing.change(SAMPLE, "triage", theirs).source
    made = changing.change(saved, "triage", mine)
    assert [str(one.name) for one in made.clashed] == ["name"]
    assert load(made.source).value["steps"][0]["name"] == "Theirs"
    assert load(made.source).value["steps"][0]["purpose"] == "Both."
    assert load(made.ours).value["steps"][0]["name"] == "Mine"


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"key": "send"}, "key"),
        ({"key": "No Key"}, "key"),
        ({"limits__seconds": "abc", "limits__tries": "3"}, "limits"),
        ({"limits__seconds": "100000"}, "limits"),
        ({"retry": "tries: ["}, "retry"),
        ({"input__name": ["a", "a"], "input__value": ["input.x", "input.y"]}, "input"),
        ({"input__name": [""], "input__value": ["input.x"]}, "input"),
        ({"metrics__name": ["x"], "metrics__kind": ["cel"], "metrics__what": ["true"], "metrics__beside": [""],
          "metrics__target": ["much"], "metrics__blocking": ["no"]}, "metrics"),
    ],
)  # fmt: skip
def test_what_cannot_stand_there_is_told_and_changes_nothing(parts: dict[str, Any], field: str) -> None:
    made = changing.change(SAMPLE, "triage", sent(SAMPLE, "triage", **parts))
    assert set(made.problems) == {field}
    assert made.source == SAMPLE


def test_a_new_key_is_followed_by_whatever_reads_the_step() -> None:
    made = changing.change(SAMPLE, "triage", sent(SAMPLE, "triage", key="sort"))
    assert "steps.triage" not in made.source
    assert "steps.sort.label" in made.source
    assert load(made.source).value["tests"][0]["recorded"].keys() >= {"sort"}
    assert "triage" not in load(made.source).value["tests"][0]["recorded"]
    assert made.key == "sort"
    assert documents.read(made.source)


def test_a_step_that_is_gone_is_told() -> None:
    with pytest.raises(NoSuchStep):
        changing.change(SAMPLE, "nothing", QueryDict())


def _as_sent(name: str, shown: dict[str, Any], made: QueryDict) -> None:
    """What a browser sends of a field that nobody touched."""
    rows = shown.get("rows")
    if "mode" in shown:
        _review_as_sent(name, shown, made)
    elif "parts" in shown:
        made.update({f"{name}.{part}": str(value) for part, value in shown["parts"]})
    elif "options" in shown and "value" not in shown:
        made.setlist(name, [value for value, _, on in shown["options"] if on])
    elif not rows:
        made[f"{name}.yaml" if "rows" in shown else name] = str(shown.get("value", "")).replace("\n", "\r\n")
    elif isinstance(rows[0], tuple):
        for may, groups in rows:
            made.setlist(f"{name}.{may}", [group for group, on in groups if on])
    else:
        _rows_as_sent(name, rows, made)


def _review_as_sent(name: str, shown: dict[str, Any], made: QueryDict) -> None:
    made.update({f"{name}.{part}": str(shown[part]) for part in ("mode", "group", "reason", "until", "undo")})
    made.update({f"{name}.{part}": value for part, value in shown["lines"]})
    for row in shown["why"]:
        for part in ("rule", "if", "sentence", "priority", "due_minutes"):
            made.appendlist(f"{name}.{part.removesuffix('_minutes')}", str(row.get(part, "")))
    _as_sent(f"{name}.evidence", shown["evidence"], made)


def _rows_as_sent(name: str, rows: list[dict[str, Any]], made: QueryDict) -> None:
    for number, row in enumerate(rows):
        for part, value in row.items():
            said = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            made.appendlist(f"{name}.{ {'condition': 'if'}.get(part, part) }", said)
        if "required" in row:
            made.appendlist(f"{name}.was", row["name"] if number < len(rows) - 1 else "")


@pytest.mark.parametrize("source", [SAMPLE, EVERY_KIND], ids=["sample", "every kind"])
def test_a_form_that_nobody_touched_changes_nothing(source: str) -> None:
    keys = [WHOLE, *(placed.key for placed in walk(documents.sketch(source).document))]
    for key in keys:
        about = changing.part(source, key)
        made = QueryDict(mutable=True)
        shown = changing.shown(about)
        for name, one in about.fields.items():
            made.appendlist("field", name)
            if name in shown:
                made[f"was.{name}"] = json.dumps(shown[name])
            _as_sent(name, one.widget.show(about.spec.get(name), Choices()), made)
        changed = changing.change(source, key, made)
        assert (changed.problems, changed.source) == ({}, source), key


def test_every_part_of_a_step_has_a_field_or_stands_elsewhere() -> None:
    schema = json.loads(Path("orchestration/document.schema.json").read_text())
    for rule in (one for one in schema["$defs"]["step"]["allOf"] if "kind" in one["if"].get("properties", {})):
        kind = rule["if"]["properties"]["kind"]["const"]
        known = set(fields.named(fields.of_step(kind))) | fields.WITHOUT.get(kind, set())
        said = set(rule["then"]["propertyNames"]["enum"])
        assert said - known - {"kind", "steps", "compensate", "output", "input_schema"} == set(), kind


def test_a_branch_with_steps_is_not_taken_away_by_emptying_its_name() -> None:
    placed = next(p for p in walk(documents.sketch(EVERY_KIND).document) if p.spec["kind"] == "parallel")
    branches = placed.spec["branches"]
    made = changing.change(
        EVERY_KIND,
        placed.key,
        sent(
            EVERY_KIND,
            placed.key,
            branches__name=["", *(b["name"] for b in branches[1:])],
            branches__was=[str(n) for n in range(len(branches))],
            branches__if=[""] * len(branches),
        ),
    )
    assert "branches" in made.problems
    assert made.source == EVERY_KIND


def test_a_new_branch_of_a_decision_comes_before_the_last() -> None:
    placed = next(p for p in walk(documents.sketch(EVERY_KIND).document) if p.spec["kind"] == "decision")
    names = [branch["name"] for branch in placed.spec["branches"]]
    conditions = [branch.get("if", "") for branch in placed.spec["branches"]]
    *first, last = [(str(place), *row) for place, row in enumerate(zip(names, conditions, strict=True))]
    was, named, conditions = (list(column) for column in zip(*first, ("", "More", "1 < 2"), last, strict=True))
    form = sent(EVERY_KIND, placed.key, branches__was=was, branches__name=named, branches__if=conditions)
    made = changing.change(EVERY_KIND, placed.key, form)
    found = writing_value(made.source, placed.path)["branches"]
    assert [branch["name"] for branch in found] == [*names[:-1], "More", names[-1]]


def test_the_group_that_is_asked_may_decide_and_see() -> None:
    form = sent(SAMPLE, "triage", review__mode="after", review__group="claims", review__title="'Look'")
    made = changing.change(SAMPLE, "triage", form)
    groups = load(made.source).value["groups"]
    assert (groups["decide"], groups["see"][-1]) == (["reviewer", "claims"], "claims")


def writing_value(source: str, path: tuple[str | int, ...]) -> Any:
    """What stands at a path of a text."""
    value = load(source).value
    for part in path:
        value = value[part]
    assert value is not MISSING
    return value
