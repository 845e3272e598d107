"""A map folds: one node, a bar, and its items a page at a time, whether there are five or five thousand."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.clock_time import now
from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.pages.conftest import Look, Seen
from tests.pages.rows import Sheet, decision, spec

INNER = [spec("line", "model"), decision("large", yes=[spec("second")], no=[])]


@pytest.fixture
def sheet(cast: Cast) -> Sheet:
    return Sheet(cast, [spec("each", "map", steps=INNER), spec("end", "outcome")], cast.workflow.slug)


def mapped(sheet: Sheet, done: int, failed: int, running: int, waiting: int, **fields: Any) -> tuple[Run, StepRun]:
    """A run at its map: items in this order."""
    run = sheet.run(**fields)
    counts = {"parts": done + failed + running + waiting, "parts_begun": done + failed + running}
    counts |= {"parts_done": done, "parts_failed": failed}
    items = [f"Invoice {number}" for number in range(counts["parts"])]
    each = sheet.began(run, "each", "waiting", awaits="steps", waiting_since=now(), question={"items": items}, **counts)
    sheet.items(each, "line", ["done"] * done + ["failed"] * failed + ["running"] * running)
    return run, each


def numbers(seen: Seen) -> list[int]:
    return [item.number for item in seen.context["shown"].items.rows]


def test_a_map_is_one_node_with_a_bar(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, _ = mapped(sheet, 60, 20, 10, 10)
    seen = look(cast.rita, f"/runs/{run.pk}/")
    nodes = [placed.node for placed in seen.context["drawings"][0].nodes]
    assert [node.key for node in nodes] == ["-start", "each", "end"]
    assert (nodes[1].under, nodes[1].bar) == ("80 of 100", (("done", 0.6), ("fail", 0.2), ("now", 0.1)))
    assert seen.context["standing"].said == "At work: Each, 80 of 100"
    assert "done 60 failed 20 at work 10 waiting 10" in seen.text


def test_its_items_come_fifty_at_a_time(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, _ = mapped(sheet, 60, 20, 10, 30)
    first = look(cast.rita, f"/runs/{run.pk}/?step=each")
    assert (numbers(first), first.context["shown"].items.before) == ([*range(50)], "")
    assert "Invoice 17" in first.text
    last = look(cast.rita, f"/runs/{run.pk}/?step=each&after=99")
    assert (numbers(last), last.context["shown"].items.after) == ([*range(100, 120)], "")
    back = look(cast.rita, f"/runs/{run.pk}/?step=each&{last.context['shown'].items.before}")
    assert numbers(back) == [*range(50, 100)]


@pytest.mark.parametrize(("which", "expected"), [("failed", [*range(60, 80)]), ("running", [*range(80, 90)])])
def test_only_those_that_failed_or_are_at_work(
    cast: Cast, sheet: Sheet, look: Look, which: str, expected: list[int]
) -> None:
    run, _ = mapped(sheet, 60, 20, 10, 10)
    assert numbers(look(cast.rita, f"/runs/{run.pk}/?step=each&items={which}")) == expected


def test_those_that_failed_have_pages_too(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, _ = mapped(sheet, 5, 120, 0, 0)
    address = f"/runs/{run.pk}/?step=each&items=failed"
    second = look(cast.rita, f"{address}&after=54")
    assert numbers(second) == [*range(55, 105)]
    first = look(cast.rita, f"/runs/{run.pk}/?step=each&{second.context['shown'].items.before}")
    assert numbers(first) == [*range(5, 55)]
    assert first.context["shown"].items.before == ""


def test_an_item_whose_failed_step_had_a_fallback_did_not_fail(cast: Cast, look: Look) -> None:
    line = spec("line", fallback=spec("by-hand"))
    sheet = Sheet(cast, [spec("each", "map", steps=[line])], cast.workflow.slug)
    run, each = mapped(sheet, 0, 2, 0, 0)
    sheet.items(each, "by-hand", ["done"])
    assert numbers(look(cast.rita, f"/runs/{run.pk}/?step=each&items=failed")) == [1]


def test_an_item_opens_its_steps(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, each = mapped(sheet, 1, 1, 1, 1)
    seen = look(cast.rita, f"/runs/{run.pk}/?step=each&item={each.pk}.1")
    rows = [(row.step.key, row.held.status if row.held else "") for row in seen.context["shown"].opened.rows]
    assert rows == [("line", "failed"), ("large", ""), ("second", "")]
    assert "The line has no amount." in seen.text
    assert seen.context["selected"] == "each"


def test_a_step_in_an_item_is_inspected_like_any_other(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, each = mapped(sheet, 1, 1, 1, 1)
    for tab in ("summary", "input", "output", "prompt", "raw"):
        seen = look(cast.rita, f"/runs/{run.pk}/?step=line&item={each.pk}.2&tab={tab}")
        assert seen.context["shown"].held.part == 2
        assert seen.context["selected"] == "each"
    assert f'"{each.pk}.2"' in seen.text


def test_the_way_not_taken_inside_an_item_says_so(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, each = mapped(sheet, 1, 0, 0, 0)
    sheet.items(each, "large", ["done"])
    StepRun.objects.filter(step=sheet.steps["large"]).update(output={"branch": "no"})
    rows = look(cast.rita, f"/runs/{run.pk}/?step=each&item={each.pk}.0").context["shown"].opened.rows
    assert [(row.step.key, row.passed_by) for row in rows] == [("line", False), ("large", False), ("second", True)]


@pytest.mark.parametrize("item", ["9999999.0", "x", "1.", "{pk}.4", "{pk}.0/1.1", "{pk}.99999999999", "0.0/" * 90])
def test_an_item_that_is_not_there_shows_the_run(cast: Cast, sheet: Sheet, look: Look, item: str) -> None:
    run, each = mapped(sheet, 1, 1, 1, 1)
    seen = look(cast.rita, f"/runs/{run.pk}/?step=each&item={item.format(pk=each.pk)}")
    assert (seen.status, seen.context["shown"].opened) == (200, None)


def test_an_item_of_another_run_is_not_there(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, _ = mapped(sheet, 1, 1, 1, 1)
    _, other = mapped(sheet, 1, 1, 1, 1)
    assert look(cast.rita, f"/runs/{run.pk}/?step=each&item={other.pk}.0").context["shown"].opened is None


def test_a_map_inside_a_map_opens_twice(cast: Cast, look: Look) -> None:
    inner = spec("inner", "map", steps=[spec("deep")])
    sheet = Sheet(cast, [spec("each", "map", steps=[inner])], cast.workflow.slug)
    run = sheet.run()
    outer = sheet.began(run, "each", "waiting", awaits="steps", parts=3, parts_begun=1)
    within = sheet.began(
        run, "inner", "waiting", awaits="steps", parent=outer, frame=f"{outer.pk}.0", parts=5, parts_begun=2
    )
    sheet.items(within, "deep", ["done", "running"])
    listed = look(cast.rita, f"/runs/{run.pk}/?step=inner&item={outer.pk}.0")
    assert numbers(listed) == [0, 1, 2, 3, 4]
    frame = listed.context["shown"].items.rows[1].frame
    opened = look(cast.rita, f"/runs/{run.pk}/?step=inner&item={frame}")
    assert [row.held.status for row in opened.context["shown"].opened.rows] == ["running"]
    assert "Each item 0 Inner item 1" in opened.text


def test_the_items_of_a_shared_map_are_those_of_the_run_before(cast: Cast, sheet: Sheet, look: Look) -> None:
    first, each = mapped(sheet, 2, 0, 0, 0, status="failed")
    again = sheet.run(restarted_from=first)
    sheet.began(again, "each", shared_from=each, parts=2, parts_begun=2, parts_done=2)
    seen = look(cast.rita, f"/runs/{again.pk}/?step=each")
    assert [item.status for item in seen.context["shown"].items.rows] == ["done", "done"]
    frame = seen.context["shown"].items.rows[0].frame
    assert look(cast.rita, f"/runs/{again.pk}/?step=line&item={frame}").context["shown"].held.part == 0


def test_what_an_item_was_is_for_those_who_may_see_it(cast: Cast, sheet: Sheet, look: Look) -> None:
    sheet.steps["each"].groups.create(group=cast.groups["reviewer"], may="see")
    run, _ = mapped(sheet, 2, 0, 0, 0)
    assert "Invoice 1" in look(cast.rita, f"/runs/{run.pk}/?step=each").text
    assert "Invoice 1" not in look(cast.mina, f"/runs/{run.pk}/?step=each").text


def test_five_thousand_items_cost_what_five_do(cast: Cast, sheet: Sheet, look: Look) -> None:
    few, _ = mapped(sheet, 2, 1, 1, 1)
    many, each = mapped(sheet, 4000, 500, 100, 400)
    for query in ("?step=end", "?step=each", "?step=each&items=failed", "?step=each&item={}.0", "?step=line&item={}.1"):
        before = look(cast.rita, f"/runs/{few.pk}/{query.format(StepRun.objects.get(run=few, frame='').pk)}")
        after = look(cast.rita, f"/runs/{many.pk}/{query.format(each.pk)}")
        assert after.queries <= before.queries <= 32
        assert len(after.html) < len(before.html) + 50_000


def test_the_items_are_found_by_an_index(cast: Cast, sheet: Sheet, look: Look) -> None:
    run, _ = mapped(sheet, 3000, 10, 10, 10)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orchestration_steprun")
    with CaptureQueriesContext(connection) as queries:
        look(cast.rita, f"/runs/{run.pk}/?step=each&items=failed")
    asked = [query["sql"] for query in queries if '"part"' in query["sql"] and "SELECT DISTINCT" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "step_parent" in plan, plan
