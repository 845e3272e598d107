"""The story in a browser: what a reviewer, an admin and a manager see and do."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from audit.actors import person
from orchestration import control
from orchestration.models import Run
from reviews.models import Draft, Review
from tests.cast import QUESTION
from tests.e2e.browser import Room, sign_in
from tests.e2e.conftest import Stage
from tests.processes import until

LIVE = re.compile("^Live, at event ")


def open_item(page: Page, review: Review) -> None:
    """The item's own page, with its live line up."""
    page.goto(f"/inbox/{review.pk}/")
    expect(page.locator("[data-live]").first).to_have_text(LIVE)


def letters(stage: Stage, review: Review) -> int:
    return len(stage.house.letters(review.arguments["to"]))


def row(page: Page, review: Review) -> str:
    return f"#row-{review.pk}"


def test_it_greets_the_reviewer_with_what_waits(room: Room, stage: Stage) -> None:
    page = room.enter()
    page.goto("/inbox/")
    sign_in(page, "rita")
    expect(page).to_have_url(re.compile(r"/inbox/$"))
    page.get_by_role("link", name="Home").first.click()
    expect(page.locator("main")).to_contain_text("Your pending card payment")


def test_it_shows_a_new_item_without_a_reload(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto("/inbox/")
    expect(page.locator("[data-live]").first).to_have_text(LIVE)
    page.evaluate("window.mark = 'the same page'")
    review = stage.waiting()
    expect(page.locator(row(page, review))).to_be_visible()
    assert page.evaluate("window.mark") == "the same page"


def test_it_moves_by_keys(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto("/inbox/")
    first = page.locator("a.item").first.get_attribute("href")
    expect(page.locator("#item h2").first).to_be_visible()  # it comes by a request of its own
    page.keyboard.press("j")
    page.wait_for_url(re.compile(r"/inbox/\d+/"))
    second = page.url
    page.keyboard.press("k")
    expect(page).not_to_have_url(second)
    assert first is not None
    expect(page).to_have_url(re.compile(first))


def test_it_shows_its_keys(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    open_item(page, stage.waiting())
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    for name in ("Edit", "Reject", "Approve and send"):
        expect(sheet).to_contain_text(name)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_it_shows_an_edit_as_a_difference_and_sends_it(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita")
    open_item(page, review)
    page.keyboard.press("e")
    page.get_by_label("Subject").fill("Your card payment is on its way")
    page.get_by_role("button", name="Save and see the changes").click()
    expect(page.locator("article ins").first).to_be_visible()
    expect(page.locator("article del").first).to_be_visible()
    expect(page.locator("#approve")).to_contain_text("send")
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("Approved")
    until(lambda: letters(stage, review), "the e-mail")
    assert stage.house.letters(review.arguments["to"])[0]["Subject"] == "Your card payment is on its way"
    until(lambda: Run.objects.get(pk=review.run_id).outcome == "sent with edits", "the outcome")


def test_it_takes_no_rejection_without_a_reason(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita")
    open_item(page, review)
    page.keyboard.press("r")
    expect(page.locator("#reason-problem")).to_be_visible()
    expect(page.locator("#reason")).to_be_focused()
    assert Review.objects.get(pk=review.pk).is_open
    page.keyboard.type("It does not answer the question.")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator(".toast")).to_contain_text("Rejected")
    assert Review.objects.get(pk=review.pk).status == "rejected"


def test_it_takes_a_decision_back(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita")
    open_item(page, review)
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert Review.objects.get(pk=review.pk).is_open
    assert not letters(stage, review)


def test_it_shows_a_run_live_from_the_form_to_its_end(room: Room, stage: Stage) -> None:
    name, address = stage.customer()
    adam = room.enter("adam")
    adam.goto("/workflows/answer-a-customer/")
    adam.get_by_role("link", name="Start a run").click()
    adam.get_by_label("Question").fill(QUESTION["question"])
    adam.get_by_label("Customer's name").fill(name)
    adam.get_by_label("Customer's e-mail address").fill(address)
    adam.get_by_role("button", name="Start the run").click()
    adam.wait_for_url(re.compile(r"/runs/\d+/"))
    adam.evaluate("window.mark = 'the same page'")
    expect(adam.locator(".rhead")).to_contain_text("Waiting for")
    for part in ("svg.graph.LR", "ol.tl", "ol.ev"):
        expect(adam.locator(part).first).to_be_visible()
    review = Review.objects.get(run_id=int(adam.url.rstrip("/").split("/")[-1]))
    rita = room.enter("rita")
    open_item(rita, review)
    rita.locator("#approve").click()
    expect(adam.locator(".rhead")).to_contain_text("can be undone")
    expect(adam.locator(".rhead")).to_contain_text("Sent as written")
    assert adam.evaluate("window.mark") == "the same page"
    assert letters(stage, review) == 1


def test_it_misses_nothing_while_an_answer_is_under_way(room: Room, stage: Stage) -> None:
    run = stage.waiting().run
    page = room.enter("adam")
    page.goto(f"/runs/{run.pk}/")
    expect(page.locator("[data-live]").first).to_have_text(LIVE)
    held: list[Route] = []
    page.route(re.compile(rf"/runs/{run.pk}/$"), lambda route: route.continue_() if held else held.append(route))
    control.pause_run(run, actor=person(stage.cast.adam))
    while not held:
        page.wait_for_timeout(20)
    answer = held[0].fetch()
    known = page.locator("[data-live]").first.inner_text()
    control.release_run(Run.objects.get(pk=run.pk), actor=person(stage.cast.adam))
    expect(page.locator("[data-live]").first).not_to_have_text(known)
    page.wait_for_timeout(500)  # longer than the page gathers what it is told
    held[0].fulfill(response=answer)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_it_leads_the_manager_from_a_figure_to_its_events(room: Room, stage: Stage, tmp_path: Path) -> None:
    review = stage.waiting()
    rita = room.enter("rita")
    open_item(rita, review)
    rita.locator("#approve").click()
    expect(rita.locator(".toast")).to_be_visible()
    mina = room.enter("mina")
    mina.goto("/reports/?period=today")
    mina.locator(".kpi .v a").first.click()
    mina.get_by_role("link", name=review.title).click()
    expect(mina.locator("h1")).to_contain_text("Rita Bauer")
    expect(mina.locator(".note.ok")).to_contain_text("Unchanged since it was written")
    mina.goto("/record/")
    with mina.expect_download() as taken:
        mina.get_by_role("link", name="CSV").click()
    taken.value.save_as(tmp_path / "record.csv")
    assert "review.approved" in (tmp_path / "record.csv").read_text()


def test_it_takes_away_what_somebody_else_decided(room: Room, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    review = stage.waiting()
    rita, ravi = room.enter("rita"), room.enter("ravi")
    open_item(rita, review)
    ravi.goto("/inbox/")
    expect(ravi.locator("[data-live]").first).to_have_text(LIVE)
    expect(ravi.locator(row(ravi, review))).to_be_visible()
    begun = time.perf_counter()
    rita.locator("#approve").click(no_wait_after=True)
    ravi.locator(row(ravi, review)).wait_for(state="detached")
    took = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\nAnother person's approval made the item vanish within {took:.2f} s of the click.")
    assert took < 3


def test_it_keeps_the_words_of_one_who_came_late(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    rita, ravi = room.enter("rita"), room.enter("ravi")
    open_item(ravi, review)
    ravi.locator("#reason").fill("It says too little.")
    until(lambda: Draft.objects.filter(review=review, user=stage.cast.ravi).exists(), "his words to be kept")
    open_item(rita, review)
    rita.locator("#approve").click()
    expect(ravi.locator(".decide")).to_contain_text(re.compile("ecided by Rita Bauer, at "))
    expect(ravi.locator("#reason")).to_have_value("It says too little.")
