"""The same tasks by touch on a phone and without script; and a new reviewer, from the login on."""

import time
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Review
from tests.e2e.browser import NARROW, Room, sign_in
from tests.e2e.conftest import Stage
from tests.e2e.test_tasks import status, sure
from tests.processes import until

pytestmark = pytest.mark.usefixtures("alone")


def phone(room: Room) -> Page:
    """Rita's phone."""
    return room.enter("rita", viewport=NARROW, has_touch=True, is_mobile=True, device_scale_factor=2)


def test_it_is_worked_by_touch(room: Room, stage: Stage) -> None:
    review, other = stage.waiting(), stage.waiting()
    page = phone(room)
    page.goto("/")
    page.locator(".tabbar a[href='/inbox/']").tap()
    page.locator(f"#row-{review.pk}").tap()
    page.wait_for_url(f"**/inbox/{review.pk}/**")
    expect(page.locator(".decide .cons").first).to_be_visible()
    page.locator("#item a[href*='tab=comments']").first.tap()
    page.locator("#comment").fill("From the train.")
    page.locator(".saying button[type=submit]").tap()
    expect(page.locator("#comments")).to_contain_text("From the train.")
    page.goto(f"/inbox/{review.pk}/?edit=1")
    page.get_by_label("Subject").fill("About your payment")
    page.get_by_role("button", name="Save and see the changes").tap()
    expect(page.locator("article ins").first).to_be_visible()
    page.locator("#approve").tap()
    expect(page.locator(".toast")).to_contain_text("Approved")
    assert status(review) == "approved"
    page.goto(f"/inbox/{other.pk}/")
    page.locator("#reason").fill("Not like this.")
    page.locator("#reject").tap()
    expect(page.locator(".toast")).to_contain_text("Rejected")
    page.locator(".toast button").tap()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert status(other) == "open"


def test_the_tabs_of_an_item_are_one_line_in_which_the_open_one_is_seen(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = phone(room)
    page.goto(f"/inbox/{review.pk}/?tab=comments")
    expect(page.locator("#item .tabs [aria-current]")).to_be_in_viewport(ratio=0.95)
    tops = page.eval_on_selector_all("#item .tabs a", "tabs => tabs.map((tab) => tab.getBoundingClientRect().top)")
    assert len(tops) > 3
    assert len(set(tops)) == 1


def test_it_finds_filters_and_decides_several_by_touch(room: Room, stage: Stage) -> None:
    first, second = stage.waiting(), stage.waiting()
    sure(first, second)
    page = phone(room)
    page.goto("/inbox/")
    page.locator("#q").fill(first.arguments["to"])
    page.locator(".search button[type=submit]").tap()
    expect(page.locator("#items a.item")).to_have_count(1)
    page.locator(".filters .chip").first.tap()
    page.get_by_role("link", name="Filter").first.tap()
    page.locator("select[name=priority]").select_option("1")
    page.locator(".narrowing button[type=submit]").first.tap()
    page.wait_for_url("**priority=1**")
    for review in (first, second):
        page.locator(f".pick:has(#pick-{review.pk})").tap()
    page.locator("#several button").tap()
    expect(page.locator("#together > li")).to_have_count(2)
    page.locator("#approve").tap()
    expect(page.locator("#done > li")).to_have_count(2)
    assert [status(first), status(second)] == ["approved"] * 2


def test_it_is_worked_without_script(room: Room, stage: Stage) -> None:
    first, second, third = stage.waiting(), stage.waiting(), stage.waiting()
    sure(first, second)
    page = room.enter("rita", java_script_enabled=False)
    page.goto("/inbox/")
    for review in (first, second):
        page.locator(f"#pick-{review.pk}").check()
    page.locator("#several button").click()
    page.locator("#approve").click()
    expect(page.locator("#done > li")).to_have_count(2)
    assert [status(first), status(second)] == ["approved"] * 2
    page.locator("#done button").first.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.goto("/inbox/")
    page.locator("#q").fill(third.arguments["to"])
    page.locator(".search button[type=submit]").click()
    page.locator(f"#row-{third.pk}").click()
    page.locator("#item a[href*='tab=comments']").first.click()
    page.locator("#comment").fill("Without script.")
    page.locator(".saying button[type=submit]").click()
    expect(page.locator("#comments")).to_contain_text("Without script.")
    page.goto(f"/inbox/{third.pk}/?edit=1")
    page.get_by_label("Subject").fill("About your payment")
    page.get_by_role("button", name="Save and see the changes").click()
    page.locator("#approve").click()
    expect(page.locator(".toast")).to_contain_text("Approved")
    assert status(third) == "approved"


def more_than(decided: int) -> bool:
    return Review.objects.exclude(status="open").count() > decided


def test_a_new_reviewer_needs_no_help(room: Room, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(12):
        stage.start()
    until(lambda: Review.objects.open().count() >= 12, "twelve items", seconds=90)
    page = room.enter()
    page.goto("/inbox/")
    began = time.perf_counter()
    sign_in(page, "rita")
    decided = Review.objects.exclude(status="open").count()
    page.locator("#approve").click()
    expect(page.locator(".toast")).to_be_visible()
    first = time.perf_counter() - began
    for number in range(10):
        page.wait_for_timeout(600)
        if number == 4:
            page.get_by_role("link", name="Edit").first.click()
            page.get_by_label("Subject").fill("About your payment")
            page.get_by_role("button", name="Save and see the changes").click()
        page.locator("#approve").click()
        until(partial(more_than, decided + number), "a decision")
    rest = time.perf_counter() - began - first
    with capsys.disabled():
        print(f"\nA new reviewer decided {first:.1f} s after the login, and ten more within {rest:.1f} s.")
    assert first < 30
    assert rest < 120
