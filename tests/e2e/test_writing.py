"""What a model writes is seen to grow on the run page, and what it came to takes its place."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from audit import writing
from audit.actors import person
from orchestration import control
from orchestration.models import Run, StepRun
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage
from tests.processes import until

WRITING = ".insp .writing code"


@pytest.fixture
def slow(stage: Stage) -> Iterator[Stage]:
    """Its models write slowly, and begin no new run before somebody looks on."""
    adam = person(stage.cast.adam)
    control.pause_workflow(stage.cast.workflow, actor=adam)
    stage.models.drip = 0.3
    yield stage
    stage.models.drip, stage.models.cut = 0.0, None


def looked_on(page: Page, stage: Stage) -> Run:
    """A run whose page is open before its models begin."""
    run = stage.start()
    page.goto(f"/runs/{run.pk}/?step=draft")
    expect(page.locator("[data-live][data-state=live]").first).to_be_visible()
    until(lambda: is_known(run), "those who look on to be known")
    page.wait_for_timeout(1000 * writing.KEPT + 200)  # until the worker's last look is over
    control.release_workflow(stage.cast.workflow, actor=person(stage.cast.adam))
    return run


def is_known(run: Run) -> bool:
    writing.look()
    return writing.is_watched(run.pk, "draft")


def is_drafted(run: Run) -> bool:
    return StepRun.objects.filter(run=run, step__key="draft", status="done").exists()


def test_a_text_grows_until_what_it_came_to_takes_its_place(room: Room, slow: Stage) -> None:
    page = room.enter("rita")
    run = looked_on(page, slow)
    text = page.locator(WRITING)
    expect(text).to_be_visible()
    first = text.inner_text()
    expect(text).to_have_text(re.compile(f"^{re.escape(first)}.+"))
    assert page.locator(".insp .writing pre").get_attribute("aria-live") == "off"
    until(lambda: is_drafted(run), "the draft")
    expect(text).to_have_count(0)
    page.get_by_role("link", name="Output", exact=True).click()
    expect(page.locator(".insp .out").first).to_contain_text("Your payment is on its way.")


def test_where_it_breaks_off_the_step_is_tried_again(room: Room, slow: Stage) -> None:
    slow.models.cut = 6
    page = room.enter("rita")
    run = looked_on(page, slow)
    broken = StepRun.objects.filter(run=run, attempts__result="failed")
    until(broken.exists, "the first try to break off")
    assert "ended" in broken[0].error or "connection" in broken[0].error.lower()
    slow.models.cut = None
    until(lambda: is_drafted(run), "the draft", 60)
