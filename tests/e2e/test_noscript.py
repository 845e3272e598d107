"""With JavaScript off, everything that a decision needs still works."""

from playwright.sync_api import expect

from orchestration.models import Run
from reviews.models import Review
from tests.e2e.browser import Room, sign_in
from tests.e2e.conftest import Stage
from tests.processes import until


def test_it_decides_without_script(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter(java_script_enabled=False)
    page.goto("/login/")
    sign_in(page, "rita")
    page.get_by_role("link", name="Inbox").first.click()
    page.locator(f"#row-{review.pk}").click()
    page.locator("#approve").click()
    expect(page.locator(".toast")).to_contain_text("Approved")
    until(lambda: Run.objects.get(pk=review.run_id).status == "done", "the run to be done")
    page.goto(f"/runs/{review.run_id}/")
    expect(page.locator(".rhead")).to_contain_text("Sent as written")


def test_it_asks_for_a_reason_without_script(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita", java_script_enabled=False)
    page.goto(f"/inbox/{review.pk}/")
    page.locator("#reject").click()
    expect(page.locator("#reason-problem")).to_be_visible()
    page.locator("#reason").fill("It does not answer the question.")
    page.locator("#reject").click()
    expect(page.locator(".toast")).to_contain_text("Rejected")
    assert Review.objects.get(pk=review.pk).status == "rejected"
    room.said.clear()  # the browser itself notes the answer 422


def test_it_says_who_was_first_and_keeps_the_words(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    rita, ravi = room.enter("rita"), room.enter("ravi", java_script_enabled=False)
    ravi.goto(f"/inbox/{review.pk}/")
    rita.goto(f"/inbox/{review.pk}/")
    rita.locator("#approve").click()
    expect(rita.locator(".toast")).to_be_visible()
    ravi.locator("#reason").fill("It says too little.")
    ravi.locator("#reject").click()
    expect(ravi.get_by_text("Already decided by Rita Bauer")).to_be_visible()
    expect(ravi.locator("#reason")).to_have_value("It says too little.")
    assert Review.objects.get(pk=review.pk).decided_by_id == stage.cast.rita.pk
    room.said.clear()  # the browser itself notes the answer 409
