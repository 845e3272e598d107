"""The stop button, pulled and let go by whoever has only a keyboard, or no script."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from audit.actors import person
from audit.models import Event
from orchestration import control
from reviews.models import Review
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage
from tests.e2e.test_keyboard import tab_to
from tests.processes import until

WHY, MENDED = "Letters go out twice.", "The mail server is mended."
OTHERS = ("/", "/inbox/", "/runs/", "/workflows/")


def by_keys(page: Page, why: str) -> None:
    """By Tab to the reason; Enter in it sends it."""
    tab_to(page, "#why")
    page.keyboard.type(why)
    page.keyboard.press("Enter")


def by_form(page: Page, why: str) -> None:
    page.locator("#why").fill(why)
    page.locator(".brake button").click()


@pytest.fixture(autouse=True)
def _go_on(stage: Stage) -> Iterator[None]:
    """No other test stands still because one of these failed."""
    yield
    if control.brake().status == "pulled":
        control.let_go(actor=person(stage.cast.adam), by=stage.cast.adam, why="The test is over.")


@pytest.mark.parametrize(("script", "way"), [(True, by_keys), (False, by_form)])
def test_it_stops_everything_and_lets_it_go_on(
    room: Room, stage: Stage, script: bool, way: Callable[[Page, str], None]
) -> None:
    adam, rita = (room.enter(login, java_script_enabled=script) for login in ("adam", "rita"))
    adam.goto("/engine/")
    way(adam, WHY)
    expect(adam.locator(".brake.pulled")).to_contain_text("Adam Novak stopped it")
    for page in OTHERS:
        rita.goto(page)
        expect(rita.locator("#stopped")).to_contain_text(f"by Adam Novak: {WHY}")
    run = stage.start()
    way(adam, MENDED)
    expect(adam.locator(".brake:not(.pulled)")).to_be_visible()
    rita.goto("/")
    expect(rita.locator("#stopped")).to_have_text("")
    until(lambda: Review.objects.filter(run=run).exists(), "the run to go on")
    begun, released = (Event.objects.filter(kind=kind).latest("id") for kind in ("run.running", "brake.released"))
    assert begun.object_id == str(run.pk)
    assert begun.pk > released.pk


def test_the_banner_comes_and_goes_without_a_reload(room: Room, stage: Stage) -> None:
    rita, actor = room.enter("rita"), person(stage.cast.adam)
    rita.goto("/runs/")
    expect(rita.locator("[data-live]").first).to_contain_text("Live, at event ")
    control.stop_everything(actor=actor, by=stage.cast.adam, why=WHY)
    expect(rita.locator("#stopped")).to_contain_text("Everything is stopped")
    control.let_go(actor=actor, by=stage.cast.adam, why=MENDED)
    expect(rita.locator("#stopped")).to_have_text("")
