"""Rows of a file start their runs while workers, the web and clocks are killed: each row once, and none is lost."""

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.process import BaseProcess

import httpx
import pytest

from orchestration.models import Run, TriggerFire, Upload, UploadRow
from tests.cast import PASSWORD, Cast
from tests.faults import work
from tests.faults.checker import check
from tests.faults.figures import Fault
from tests.faults.forked import clock, crew, web, workers
from tests.faults.inside import Marks
from tests.flow import drawn
from tests.processes import free_port, until
from tests.triggers.sheets import SCHEMA, counted, numbers
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

STARTED = re.compile(r'<b class="num">([\d,]+) of [\d,]+</b> started')


@pytest.mark.fault("uploads")
def test_it_starts_each_row_once_however_its_processes_die(live_cast: Cast, fault: Fault, marks: Marks) -> None:
    rows, port = fault.load(300, 10_000), free_port()
    pieces = fault.load(("small_pieces",), ())
    slow(live_cast)
    with crew(2) as team, ExitStack() as running:
        with web(port) as (address, dying_web), clock():
            visitor = Visitor(address).sign_in("adam", PASSWORD)
            page = send(visitor, rows)
            visitor.send_form(page, f"{page}mapping/", **chosen(visitor, page))
            until(lambda: Upload.objects.get().status == "checked", "every row to be looked through", 120)
        with web(port) as (_, dying_web):
            began = time.monotonic()
            assert visitor.send_form(page, f"{page}start/").status_code == 303
            dying_web.kill()
        for number in range(fault.load(2, 6)):
            with clock("die_in_a_piece", *pieces, environment=marks) as dying:
                dying.join(60)
                assert dying.exitcode == -signal.SIGKILL, number
        at_deaths = started()
        assert 0 < at_deaths < rows, "the clocks died in the middle"
        fault.tell("started_by_dying_clocks", at_deaths, "runs")

        ticking = running.enter_context(clock(*pieces))
        _, standing = running.enter_context(web(port))
        seen = watch(visitor, page, 0.4 * rows)
        kill_one(team)
        standing.kill()
        _, standing = running.enter_context(web(port))
        seen += watch(visitor, page, 0.6 * rows)
        ticking.kill()
        kill_one(team)
        running.enter_context(clock(*pieces))
        seen += watch(visitor, page, rows)
        fault.tell("started_in", time.monotonic() - began, "s")
        work.wait_until_ended(fault.load(120, 900))
        fault.tell("ended_in", time.monotonic() - began, "s")
        until(lambda: Upload.objects.get().status == "done", "the upload to be done")
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4, seen
    fault.tell("progress_seen", len(set(seen)), "times")
    inputs = list(Run.objects.values_list("input__n", flat=True))
    fault.tell("rows", rows, "rows")
    fault.tell("started_twice", len(inputs) - len(set(inputs)), "rows")
    fault.tell("never_started", rows - len(set(inputs)), "rows")
    assert sorted(inputs) == list(range(rows))
    assert UploadRow.objects.filter(result="started", run__isnull=False).count() == rows
    assert TriggerFire.objects.values("key").distinct().count() == rows
    assert Run.objects.filter(status="done").count() == rows
    check(fault)


@pytest.mark.fault("uploads undisturbed")
def test_how_long_it_takes_when_nothing_dies(live_cast: Cast, fault: Fault) -> None:
    rows = fault.load(300, 10_000)
    counted(live_cast)
    with clock(), crew(2), web() as (address, _):
        visitor = Visitor(address).sign_in("adam", PASSWORD)
        began = time.monotonic()
        page = send(visitor, rows)
        fault.tell("read_in", time.monotonic() - began, "s")
        began = time.monotonic()
        visitor.send_form(page, f"{page}mapping/", **chosen(visitor, page))
        until(lambda: Upload.objects.get().status == "checked", "every row to be looked through", 120)
        fault.tell("looked_through_in", time.monotonic() - began, "s")
        began = time.monotonic()
        visitor.send_form(page, f"{page}start/")
        until(lambda: started() == rows, "every row to have started", 600)
        fault.tell("started_in", time.monotonic() - began, "s")
        began_page = time.monotonic()
        assert visitor.get(page).status_code == 200
        fault.tell("page_in", time.monotonic() - began_page, "s")
        work.wait_until_ended(900)
        fault.tell("ended_in", time.monotonic() - began, "s")
        until(lambda: Upload.objects.get().status == "done", "the upload to be done")
        began = time.monotonic()
        lines = visitor.get(f"{page}results.csv").text.splitlines()
        fault.tell("results_in", time.monotonic() - began, "s")
    assert [line.split(",")[0] for line in lines[1:]] == [str(number) for number in range(rows)]
    assert all(line.split(",")[3] == "done" for line in lines[1:])


def slow(cast: Cast) -> None:
    """A workflow whose step takes long enough to be in flight when its worker dies."""
    drawn.publish(cast, work.saying("say", 0.3), slug="counted", input=SCHEMA, title="'Number ' + string(input.n)")


def send(visitor: Visitor, rows: int) -> str:
    """The page of the upload."""
    new = "/workflows/counted/uploads/new/"
    form = visitor.form(new, new)
    answer = visitor.post(new, data=form.fields, files={"file": ("rows.csv", numbers(rows))})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def chosen(visitor: Visitor, page: str) -> dict[str, str]:
    """What the form of the mapping holds: the visitor reads no selects."""
    assert 'value="column:0" selected' in visitor.get(page).text
    return {"from-n": "column:0"}


def started() -> int:
    """How many rows have started their runs."""
    return UploadRow.objects.filter(result="started").count()


def watch(visitor: Visitor, page: str, upto: float) -> list[int]:
    """What the page said, again and again, until so many had started."""
    seen: list[int] = []

    def there() -> bool:
        try:
            found = STARTED.search(visitor.get(page).text)
        except httpx.TransportError:
            return False
        assert found is not None
        seen.append(int(found.group(1).replace(",", "")))
        return seen[-1] >= upto

    until(pausing(there), f"{upto:.0f} rows to have started", 600)
    return seen


def pausing(asked: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, not asked more often than somebody's page would."""

    def ask() -> bool:
        time.sleep(0.3)
        return asked()

    return ask


def kill_one(team: BaseProcess) -> None:
    """Kill a worker; its crew begins another in its place."""
    os.kill(workers(team)[0], signal.SIGKILL)
