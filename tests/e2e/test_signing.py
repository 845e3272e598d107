"""A second signature in the browser: by keys alone, without script, by touch, and when somebody was first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from audit import proposals
from audit.models import Proposal, User
from orchestration import waived, waivers
from tests import signing
from tests.e2e.browser import NARROW, Room
from tests.e2e.conftest import Stage
from tests.flow import drawn

WHY = "A person reads every letter before it leaves."


@pytest.fixture(scope="module")
def otto(stage: Stage) -> User:
    """Somebody else who manages what is drawn here."""
    return signing.olga(stage.cast, "otto")


@pytest.fixture
def proposal(stage: Stage, otto: User, request: pytest.FixtureRequest) -> Proposal:
    """Otto asks Adam to sign a waiver."""
    last = waived.today() + timedelta(days=30)
    step = drawn.step("sort", review={"waiver": {"reason": WHY, "until": last.isoformat()}})
    groups = {"see": ["reviewer", "admin"], "start": ["admin"], "decide": ["reviewer"], "manage": ["admin", "owner"]}
    slug = request.node.name.replace("_", "-")[:60]
    workflow = drawn.publish(replace(stage.cast, adam=otto), step, slug=slug, groups=groups)
    return waivers.ask(workflow, "sort", WHY, last, by=otto)


def status(proposal: Proposal) -> tuple[str, str]:
    row = Proposal.objects.get(pk=proposal.pk)
    return row.status, row.reason


def test_it_is_signed_by_a_key(room: Room, proposal: Proposal) -> None:
    page = room.enter("adam")
    page.goto("/")
    expect(page.locator("#governance")).to_contain_text("asks for your signature")
    page.locator(f"#p-{proposal.pk}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(proposal.content_hash)).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator(".notices")).to_contain_text("Signed, and done")
    assert status(proposal) == ("signed", "")


def test_enter_in_the_reason_signs_nothing_and_a_phone_refuses(room: Room, proposal: Proposal) -> None:
    page = room.enter("adam", viewport=NARROW, has_touch=True)
    page.goto(f"/proposals/{proposal.pk}/")
    page.locator("#reason").tap()
    page.keyboard.type("Not so")
    page.keyboard.press("Enter")
    page.keyboard.type("long.")
    assert status(proposal) == ("open", "")
    page.locator("#refuse").tap()
    expect(page.locator(".notices")).to_contain_text("Refused")
    assert status(proposal) == ("refused", "Not so\nlong.")


def test_it_is_signed_without_script_and_words_are_kept(room: Room, proposal: Proposal, stage: Stage) -> None:
    page = room.enter("adam", java_script_enabled=False)
    page.goto("/proposals/")
    page.locator(f"#proposal-{proposal.pk}").click()
    page.locator("#refuse").click()
    expect(page.locator("#reason-problem")).to_be_visible()
    page.locator("#reason").fill("These words stay.")
    proposals.countersign(proposal.pk, by=signing.olga(stage.cast, "osman"), shown_hash=proposal.content_hash)
    page.locator("#sign").click()
    expect(page.locator("[role=alert]")).to_contain_text("Olga Brandt was first: signed")
    expect(page.locator("#reason")).to_have_value("These words stay.")
    room.said.clear()  # the browser itself notes the answers 422 and 409
