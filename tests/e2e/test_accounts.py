"""Accounts in a browser: passkeys by an authenticator of the browser's own, signatures, own keys, every page of it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from audit import people
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import engine, workflows
from orchestration.models import Workflow
from reviews.models import Decision, Review
from tests.cast import DOCUMENT, PASSWORD
from tests.e2e.browser import NARROW, Chrome, Room, sign_in
from tests.e2e.conftest import Stage
from tests.e2e.test_pages import SMALLEST, VIEWS, faults, sticking_out, widest
from tests.processes import until

MEANING = "I have read it, and it may go to the customer."
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class Signers:
    """A house by its name, a workflow whose decisions are signed, and Pia who signs them."""

    room: Room
    stage: Stage
    workflow: Workflow
    pia: User

    def waiting(self) -> Review:
        """An item that waits for a signed decision."""
        name, address = self.stage.customer()
        adam = self.stage.cast.adam
        given = {"question": "Why is it pending?", "customer_name": name, "customer": address}
        run = engine.start(self.workflow, given, actor=person(adam), started_by=adam)
        until(lambda: Review.objects.filter(run=run).exists(), "the run to come to its review")
        return Review.objects.get(run=run)


@pytest.fixture(scope="module")
def _signers(chrome: Chrome, stage: Stage) -> Signers:
    source = DOCUMENT.read_text().replace("slug: answer-a-customer", "slug: answer-and-sign")
    source = source.replace("handrail/intent", "openai/triage").replace("handrail/scripted", "openai/draft")
    source = source.replace("undo_seconds: 5", f"undo_seconds: 5\n      sign: {{meaning: '{MEANING}'}}")
    workflow = workflows.publish(source, actor=person(stage.cast.adam), by=stage.cast.adam).workflow
    pia = people.welcome("pia", "Pia Lund", "pia@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(pia, stage.cast.groups["reviewer"], actor=COMMAND)
    return Signers(Room(chrome, stage.house.address.replace("127.0.0.1", "localhost")), stage, workflow, pia)


@pytest.fixture
def signers(_signers: Signers) -> Iterator[Signers]:
    """Windows that are closed after the test, with no word in the console."""
    yield _signers
    said = list(_signers.room.said)
    _signers.room.leave()
    Authenticator.objects.filter(user=_signers.pia).delete()
    assert not said, "messages in the console"


def with_device(page: Page) -> Page:
    """A window with a passkey device, which is always touched at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def enter(room: Room, path: str = "/") -> Page:
    """A window, signed in by the password."""
    page = with_device(room.enter())
    page.goto(f"/login/?next={path}")
    sign_in(page, "pia")
    return page


def add_passkey(page: Page) -> None:
    """Set a passkey up, having shown who one is."""
    page.goto("/me/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def sign_out(page: Page) -> None:
    """Leave, by the sheet of the account."""
    page.goto("/")
    page.get_by_role("button", name="Account of").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in_alone_and_after_the_password_and_signs_a_decision(signers: Signers) -> None:
    page = enter(signers.room)
    add_passkey(page)
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    sign_out(page)
    sign_in(page, "pia")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    review = signers.waiting()
    page.goto(f"/inbox/{review.pk}/")
    page.keyboard.press("a")
    expect(page.get_by_text(MEANING)).to_be_visible()
    page.get_by_role("button", name="Sign with a passkey").click()
    until(lambda: Decision.objects.filter(review=review).exists(), "the decision")
    assert (Decision.objects.get(review=review).signature or {})["method"] == "passkey"


def test_a_passkey_that_is_not_used_says_so_and_decides_nothing(signers: Signers) -> None:
    page = signers.room.enter()
    page.goto("/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "isUserVerified": False}})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The passkey was not used")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_signs_with_the_password(signers: Signers, script: bool) -> None:
    review = signers.waiting()
    page = signers.room.enter(viewport=NARROW, has_touch=True, java_script_enabled=script)
    page.goto(f"/login/?next=/inbox/{review.pk}/")
    sign_in(page, "pia")
    page.locator("#approve").click()
    page.get_by_label("Your password").fill("not the password at all")
    page.get_by_role("button", name="Sign and approve").click()
    expect(page.get_by_text("The password is not right")).to_be_visible()
    signers.room.said.clear()  # the browser itself notes the answer 403
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    until(lambda: Decision.objects.filter(review=review).exists(), "the decision")
    page.wait_for_load_state("load")


def test_the_key_of_an_app_stands_in_groups_of_four_and_is_copied_whole(signers: Signers) -> None:
    page = signers.room.enter(viewport=NARROW, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/login/?next=/me/security/app/")
    sign_in(page, "pia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    key = page.locator("#app-key")
    assert {len(four) for four in key.locator("span").all_text_contents()} == {4}
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".given button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == key.text_content()


def test_own_keys_are_in_the_key_the_button_the_tooltip_and_the_sheet(signers: Signers) -> None:
    review = signers.waiting()
    page = enter(signers.room, "/me/")
    page.get_by_label("Approve, send the answer").fill("y")
    page.locator("#keys").get_by_role("button", name="Keep").click()
    expect(page.get_by_text("instead of A")).to_be_visible()
    page.goto(f"/inbox/{review.pk}/")
    approve = page.locator("#approve")
    expect(approve.locator("kbd")).to_have_text("Y")
    expect(approve).to_have_attribute("aria-keyshortcuts", "y")
    assert "(Y)" in (approve.get_attribute("title") or "")
    page.keyboard.press("?")
    expect(page.locator("#help li", has_text="Approve").locator("kbd")).to_have_text("Y")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(approve).to_be_visible()
    page.keyboard.press("y")
    expect(page.get_by_text(MEANING)).to_be_visible()
    page.goto("/me/")
    page.get_by_role("button", name="As Handrail has them").click()
    expect(page.get_by_text("instead of A")).to_have_count(0)


def test_every_page_of_it_is_for_everybody(signers: Signers) -> None:
    page = enter(signers.room)
    add_passkey(page)
    _look(page)
    key = Authenticator.objects.get(user=signers.pia, type="webauthn").pk
    for path in ("codes/new/", "passkeys/new/", f"passkeys/{key}/", f"passkeys/{key}/remove/", "app/"):
        page.goto(f"/me/security/{path}")
        _look(page)
    secret = page.locator("#app-key").text_content() or ""
    page.get_by_label("Code that the app shows").fill(_code(secret))
    page.get_by_role("button", name="Set it up").click()
    for path in ("/me/security/", "/me/security/app/remove/", "/confirm/code/", "/confirm/passkey/"):
        page.goto(path)
        _look(page)
    review = signers.waiting()
    page.goto(f"/inbox/{review.pk}/")
    page.locator("#approve").click()
    expect(page.get_by_text(MEANING)).to_be_visible()
    _look(page)
    sign_out(page)
    sign_in(page, "pia")
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    _look(page)


def _code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _look(page: Page) -> None:
    page.wait_for_load_state()
    page.evaluate(AXE_SCRIPT)
    found = [fault for theme, view in VIEWS for fault in faults(page, theme, view)]
    assert not found, (page.url, found)
    page.set_viewport_size({"width": SMALLEST, "height": 700})
    assert widest(page) <= SMALLEST, (page.url, sticking_out(page))
    page.set_viewport_size(VIEWS[0][1])
    page.emulate_media(color_scheme="light")
    assert not re.search(r"\{[{%]", page.content())
