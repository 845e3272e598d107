"""Three kinds of link scanner, and a reviewer at a phone: the scanners decide nothing and use nothing up."""

from urllib.parse import urlencode, urljoin

import httpx
from playwright.sync_api import Page, expect

from audit.clock_time import now
from reviews.models import Decision, Review
from reviews.notices import links
from reviews.reaching import Link
from tests.cast import PASSWORD
from tests.e2e.browser import NARROW, Room
from tests.e2e.conftest import Stage
from tests.visitor import Visitor, _Forms

MOST = 30  # pages that a scanner goes to


def link_of(stage: Stage, review: Review) -> str:
    return f"/l/{links.make(stage.cast.rita, [review], now())[review.pk]}/"


def untouched(review: Review) -> None:
    assert not Decision.objects.filter(review=review).exists()
    assert Review.objects.get(pk=review.pk).status == "open"
    assert not Link.objects.filter(review=review, used_at__isnull=False).exists()


def decides(page: Page, path: str) -> None:
    """Two touches."""
    page.goto(path)
    page.get_by_role("button", name="Approve and send…").click()
    page.get_by_role("button", name="Approve and send", exact=True).click()
    expect(page.get_by_text("You decided this")).to_be_visible()


def test_a_scanner_that_gets_it_is_asked_to_sign_in(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    path = link_of(stage, review)
    for _ in range(3):
        answer = httpx.get(stage.house.address + path, follow_redirects=True)
        assert "Password" in answer.text
        assert "Ines" not in answer.text
    untouched(review)
    decides(room.enter("rita", viewport=NARROW), path)


def test_a_scanner_in_ones_own_session_follows_everything_and_decides_nothing(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    path = link_of(stage, review)
    with Visitor(stage.house.address) as scanner:
        scanner.sign_in("rita", PASSWORD)
        waiting, seen = [path], set[str]()
        while waiting and len(seen) < MOST:
            url = waiting.pop(0)
            if url in seen or not url.startswith(path):
                continue
            seen.add(url)
            assert scanner.head(url).status_code in {200, 405}
            answer = scanner.get(url)
            parser = _Forms()
            parser.feed(answer.text)
            for form in parser.found:  # every form again, as a GET
                target = urljoin(url, form.action or url)
                for choice in ("approved", "rejected"):
                    given = {**form.fields, "choose": choice, "verdict": choice}
                    waiting.append(f"{target}?{urlencode(given)}")
        assert len(seen) > 3
    untouched(review)
    decides(room.enter("rita", viewport=NARROW, java_script_enabled=False), path)
    room.said.clear()


def test_a_scanner_that_is_a_browser_looks_and_clicks_nothing(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    path = link_of(stage, review)
    for login in ("", "rita"):
        page = room.enter(login)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.mouse.wheel(0, 4000)
        for anchor in page.locator("a[href]").all():
            anchor.hover(force=True)
        page.goto(f"{path}?choose=approved")
        page.wait_for_timeout(500)
        page.close()
    untouched(review)


def test_a_rejection_at_a_phone_says_why(room: Room, stage: Stage) -> None:
    review = stage.waiting()
    page = room.enter("rita", viewport=NARROW, has_touch=True)
    page.goto(link_of(stage, review))
    page.get_by_role("button", name="Reject…").tap()
    page.get_by_label("Reason").fill("It says too little.")
    page.locator("#confirm").tap()
    expect(page.get_by_text("You decided this")).to_be_visible()
    assert Decision.objects.get(review=review).reason == "It says too little."
