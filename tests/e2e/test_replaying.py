"""A long talk of an agent is gone through turn by turn on its run's page, without lag."""

import statistics

from playwright.sync_api import Page, Route, expect

from tests.e2e import talking
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage

TURNS, CALLS = 40, 60
LAG = 1500  # milliseconds, median of a step on a machine that does much else; alone it takes a tenth
TAKES = """() => new Promise((done) => {
  const began = performance.now();
  document.body.addEventListener("htmx:afterSettle", () => done(performance.now() - began), { once: true });
  document.getElementById("turn-after").click();
})"""


def step_on(page: Page) -> float:
    """To the next turn: the milliseconds from the click until it stands there."""
    return float(page.evaluate(TAKES))


def test_forty_turns_with_sixty_calls_are_gone_through(room: Room, stage: Stage) -> None:
    held = talking.draw_long(stage.cast, TURNS, CALLS)
    page = room.enter("rita")
    page.goto(f"/runs/{held.run_id}/?step=serve&tab=talk")
    expect(page.locator(".talk > li")).to_have_count(TURNS)
    expect(page.locator(".talk .call")).to_have_count(CALLS)
    page.get_by_role("link", name="Turn by turn").click()
    took = []
    for turn in range(1, TURNS + 1):
        expect(page.locator(".talk > li")).to_have_count(1)
        expect(page.locator(".talk")).to_contain_text(f"I look at card {turn}.")
        if turn < TURNS:
            took.append(step_on(page))
    expect(page.locator("#turn-after")).to_have_count(0)
    assert statistics.median(took) < LAG, took
    page.keyboard.press("k")
    expect(page.locator(".talk")).to_contain_text(f"I look at card {TURNS - 1}.")


def test_it_is_gone_through_without_a_script(room: Room, stage: Stage) -> None:
    held = talking.draw_long(stage.cast, 4, 6)
    page = room.enter("rita", java_script_enabled=False)
    page.goto(f"/runs/{held.run_id}/?step=serve&tab=talk")
    page.get_by_role("link", name="Turn by turn").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".talk")).to_contain_text("I look at card 2.")


def held_back(page: Page, late: list[Route], count: int) -> None:
    """Wait until that many answers are held back."""
    for _ in range(100):
        if len(late) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(late)


def test_an_older_picture_never_lands_on_the_turn_that_was_asked_for(room: Room, stage: Stage) -> None:
    held = talking.draw_long(stage.cast, 4, 6)
    page = room.enter("rita")
    page.goto(f"/runs/{held.run_id}/?step=serve&tab=talk")
    expect(page.locator(".live[data-state=live]").first).to_be_attached()
    late: list[Route] = []
    page.route("**/*tab=talk*", lambda route: late.append(route))
    page.evaluate("name => document.body.dispatchEvent(new CustomEvent(name))", f"ledger:run-{held.run_id}")
    held_back(page, late, 1)
    page.get_by_role("link", name="Turn by turn").click()
    held_back(page, late, 2)
    for route in late:
        route.continue_()
        page.wait_for_timeout(500)
    expect(page.locator(".talk > li")).to_have_count(1)
