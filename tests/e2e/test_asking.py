"""A form, own outcomes and sending back: by keyboard, by touch, and with JavaScript off."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route, expect

from orchestration.models import Run
from reviews.models import Decision, Review
from tests.e2e import asking
from tests.e2e.browser import NARROW, Room
from tests.e2e.conftest import Stage
from tests.processes import until

PICTURES = os.environ.get("PICTURES", "")


def picture(page: Page, name: str) -> None:
    """For whoever wants to look at it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def test_it_is_filled_in_by_keyboard_and_asks_what_follows(room: Room, stage: Stage) -> None:
    review = asking.waiting(stage.cast)
    page = room.enter("rita")
    page.goto(f"/inbox/{review.pk}/")
    picture(page, "asking-wide")
    expect(page.locator("[name='form.amount']")).to_have_count(0)
    page.locator("[name='form.kind']").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name='form.amount']")).to_be_visible()
    page.locator("[name='form.amount']").fill("a lot")
    page.get_by_role("button", name="Add a row").click()
    page.locator("[name='form.lines.1.item']").fill("7 May")
    page.locator("[name='form.lines.0.item']").fill("6 May")
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.get_by_text("This is no amount")).to_be_visible()
    picture(page, "asking-wrong")
    page.locator("[name='form.amount']").fill("12.50")
    page.locator("h1").click()
    page.keyboard.press("a")
    until(lambda: Run.objects.get(pk=review.run_id).status == "done", "the run to be done")
    form = Decision.objects.get(review=review).content["form"]
    assert form == {"kind": "refund", "amount": "12.50", "lines": [{"item": "6 May"}, {"item": "7 May"}]}
    page.goto(f"/inbox/{review.pk}/")
    picture(page, "asking-decided")
    room.said.clear()  # the browser itself notes the answer 422


@contextmanager
def held_up(page: Page) -> Iterator[None]:
    """What this window sends in the block is answered when the block ends; and then the answer is on the page."""
    held: list[Route] = []
    page.route("**/answers/**", lambda route: held.append(route), times=1)
    yield
    for _ in range(200):
        if not held:
            page.wait_for_timeout(50)
    with page.expect_response(lambda answer: answer.request.redirected_from is not None):
        held[0].continue_()
    page.wait_for_timeout(300)


def middle(page: Page, name: str) -> tuple[float, float]:
    """Where a button stands."""
    box = page.get_by_role("button", name=name).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_button_is_not_taken_away_under_a_click(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto(f"/inbox/{asking.waiting(stage.cast).pk}/")
    page.get_by_role("button", name="Add a row").scroll_into_view_if_needed()
    with held_up(page):
        page.locator("[name='form.kind']").select_option("refund")
        page.mouse.move(*middle(page, "Add a row"))
        page.mouse.down()
    expect(page.locator("[name='form.amount']")).to_have_count(0)
    page.mouse.up()
    expect(page.locator("[name='form.lines.1.item']")).to_be_visible()
    expect(page.locator("[name='form.amount']")).to_be_visible()


def test_a_key_that_is_down_on_a_button_presses_it(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto(f"/inbox/{asking.waiting(stage.cast).pk}/")
    with held_up(page):
        page.locator("[name='form.kind']").select_option("refund")
        page.get_by_role("button", name="Add a row").focus()
        page.keyboard.down("Space")
    page.keyboard.up("Space")
    expect(page.locator("[name='form.lines.1.item']")).to_be_visible()


def test_what_is_typed_meanwhile_stays_and_so_does_the_caret(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto(f"/inbox/{asking.waiting(stage.cast).pk}/")
    item = page.locator("[name='form.lines.0.item']")
    with held_up(page):
        page.locator("[name='form.kind']").select_option("refund")
        item.press_sequentially("6 May")
        page.keyboard.press("ArrowLeft")
    expect(page.locator("[name='form.amount']")).to_be_visible()
    expect(item).to_be_focused()
    page.keyboard.type("in M")
    expect(item).to_have_value("6 Main My")


def test_a_button_waits_for_what_is_under_way(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto(f"/inbox/{asking.waiting(stage.cast).pk}/")
    with held_up(page):
        page.locator("[name='form.kind']").select_option("refund")
        page.get_by_role("button", name="Add a row").click()
    expect(page.locator("[name='form.lines.1.item']")).to_be_visible()
    expect(page.locator("[name='form.amount']")).to_be_visible()


def test_it_is_sent_back_by_key_and_comes_again(room: Room, stage: Stage) -> None:
    review = asking.waiting(stage.cast)
    page = room.enter("rita")
    page.goto(f"/inbox/{review.pk}/")
    page.keyboard.press("b")
    expect(page.locator("#reason-problem")).to_be_visible()
    page.locator("#reason").fill("Look at the fee again.")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    until(lambda: Review.objects.filter(run=review.run_id).count() == 2, "the item to come again")
    assert Review.objects.get(pk=review.pk).status == "sent_back"
    page.goto(f"/runs/{review.run_id}/")
    picture(page, "asking-run")


def test_an_own_outcome_is_chosen_by_touch(room: Room, stage: Stage) -> None:
    review = asking.waiting(stage.cast)
    page = room.enter("rita", viewport=NARROW, has_touch=True, is_mobile=True)
    page.goto(f"/inbox/{review.pk}/")
    picture(page, "asking-narrow")
    page.locator("[name='form.kind']").select_option("other")
    page.locator("#answers-head").scroll_into_view_if_needed()
    picture(page, "asking-narrow-form")
    page.get_by_role("button", name="Escalate").tap()
    until(lambda: Decision.objects.filter(review=review).exists(), "the decision")
    assert Decision.objects.get(review=review).outcome == "escalate"


def test_it_is_filled_in_and_edited_without_script(room: Room, stage: Stage) -> None:
    review = asking.waiting(stage.cast)
    page = room.enter("rita", java_script_enabled=False)
    page.goto(f"/inbox/{review.pk}/?edit=1")
    picture(page, "asking-edit")
    page.locator("[name='arg.people.0.name']").fill("Ada L.")
    page.get_by_role("button", name="Save and see the changes").click()
    expect(page.locator(".env ins").first).to_contain_text("L.")
    picture(page, "asking-changes")
    page.locator("[name='form.kind']").select_option("refund")
    page.get_by_role("button", name="Keep, and show what else is asked").click()
    page.locator("[name='form.amount']").fill("3")
    page.locator("#approve").click()
    until(lambda: Decision.objects.filter(review=review).exists(), "the decision")
    assert Decision.objects.get(review=review).content["form"]["amount"] == "3.00"
