"""A form that somebody leaves half filled in stands as they left it when they come back; and so it is with triggers."""

import re

from playwright.sync_api import expect

from orchestration.models import Begun, Trigger
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage
from tests.processes import until

START = "/workflows/answer-a-customer/start/"
FIELDS = {"Question": "payload.text", "Customer's name": "'Ines'", "Customer's e-mail address": "payload.mail"}


def test_what_was_typed_is_kept_by_itself(room: Room, stage: Stage) -> None:
    page = room.enter("adam")
    page.goto(START)
    page.get_by_label("Question").fill("Half a question")
    page.get_by_label("Customer's name").focus()
    until(lambda: Begun.objects.filter(user=stage.cast.adam).exists(), "the form to be kept")
    page.goto("/workflows/")
    page.goto(START)
    expect(page.get_by_label("Question")).to_have_value("Half a question")
    page.get_by_role("button", name="Begin afresh").click()
    expect(page.get_by_label("Question")).to_have_value("")
    assert not Begun.objects.exists()


def test_without_script_a_button_keeps_it(room: Room, stage: Stage) -> None:
    page = room.enter("adam", java_script_enabled=False)
    page.goto(START)
    page.get_by_label("Question").fill("Half a question")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.get_by_label("Question")).to_have_value("Half a question")
    expect(page.get_by_text("You began this form")).to_be_visible()
    page.get_by_role("button", name="Begin afresh").click()
    assert not Begun.objects.exists()


def test_a_webhook_is_made_without_script_and_by_keyboard(room: Room, stage: Stage) -> None:
    page = room.enter("adam", java_script_enabled=False)
    page.goto("/workflows/answer-a-customer/")
    page.get_by_role("link", name="Add a trigger").press("Enter")
    page.get_by_role("link", name="Choose A webhook").press("Enter")
    for label, text in FIELDS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Customer's e-mail address").press("Enter")
    expect(page.get_by_label("Secret")).to_have_value(re.compile("hrs_.{40,}"))
    assert Trigger.objects.get(kind="webhook").config["mapping"]["question"] == "payload.text"
