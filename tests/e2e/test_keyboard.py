"""From the login to a decision without a mouse, by Tab and Enter alone."""

from playwright.sync_api import Page, expect

from reviews.models import Review
from tests.cast import PASSWORD
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage

FOCUSED = "document.activeElement && document.activeElement.matches({selector!r})"
MARKED = """() => {
  const around = [document.activeElement, document.activeElement.closest("label")].filter(Boolean);
  return around.map((node) => getComputedStyle(node)).some((s) => s.outlineStyle !== "none" || s.boxShadow !== "none");
}"""
ENOUGH = 120  # presses of Tab


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, and visible to somebody who looks for it."""
    for _ in range(ENOUGH):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED.format(selector=selector)):
            assert page.evaluate(MARKED), f"no focus is shown on {selector}"
            return
    raise AssertionError(f"{selector} was not reached by {ENOUGH} presses of Tab")


def sign_in_by_keys(page: Page, login: str) -> None:
    page.goto("/login/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("nav.nav")).to_be_visible()


def test_it_is_worked_by_tab_and_enter_alone(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter()
    sign_in_by_keys(page, "rita")
    tab_to(page, "nav.nav a[href='/inbox/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/")
    tab_to(page, f"#row-{review.pk}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/inbox/{review.pk}/")
    tab_to(page, "#approve")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Approved")
    assert Review.objects.get(pk=review.pk).status == "approved"


def test_it_lets_one_skip_to_the_content(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{room.address}/#main")


def test_it_does_not_approve_by_enter_in_the_reason(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita")
    page.goto(f"/inbox/{review.pk}/")
    tab_to(page, "#reason")
    page.keyboard.type("One moment")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    assert Review.objects.get(pk=review.pk).is_open
