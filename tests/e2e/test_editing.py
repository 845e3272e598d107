"""The editor in a browser: it saves itself, completes expressions, and two people at it lose nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, Route, expect

from orchestration import drafts
from orchestration.documents.loading import load
from orchestration.models import Aside, Version, Workflow
from orchestration.states import VersionStatus
from tests.e2e.browser import NARROW, WIDE, Room
from tests.e2e.conftest import Stage
from tests.e2e.keys import Keys
from tests.e2e.test_pages import LAYOUT, SMALLEST, faults, sticking_out, widest
from tests.processes import until

EDITOR = "/workflows/answer-a-customer/draft/"


@pytest.fixture
def draft(stage: Stage) -> Iterator[Version]:
    """A draft of the workflow, put away after the test."""
    workflow = Workflow.objects.get(pk=stage.cast.workflow.pk)
    if (old := workflow.versions.filter(status=VersionStatus.DRAFT).first()) is not None:
        drafts.discard(old.pk, by=stage.cast.adam)
    made = drafts.draft_of(workflow, by=stage.cast.adam)
    yield made
    if Version.objects.filter(pk=made.pk).exists():
        drafts.discard(made.pk, by=stage.cast.adam)


def source(draft: Version) -> str:
    return Version.objects.get(pk=draft.pk).source


def step(draft: Version, key: str) -> dict[str, object]:
    found = next(one for one in load(source(draft)).value["steps"] if one["key"] == key)
    return dict(found)


def edit(room: Room, query: str) -> Keys:
    """Adam's window on the draft."""
    keys = Keys(room.enter("adam"))
    keys.page.goto(EDITOR + query)
    keys.live()
    return keys


def into(keys: Keys, place: str, text: str) -> None:
    """Write something in the place of what stands in a field."""
    keys.page.locator(place).focus()
    keys.over(text)


def saved(page: Page) -> None:
    expect(page.locator("#ed-say")).to_have_text("")


@contextmanager
def held_up(page: Page) -> Iterator[None]:
    """What this window sends in the block reaches the server when the block ends."""
    held: list[Route] = []
    page.route("**/draft/save/", lambda route: held.append(route))
    yield
    for _ in range(200):
        if not held:
            page.wait_for_timeout(50)
    assert held
    for route in held:
        route.continue_()
    page.unroute("**/draft/save/")


def test_it_saves_itself(room: Room, draft: Version) -> None:
    keys = edit(room, "?step=triage")
    into(keys, "#f-purpose", "Sort it.")
    saved(keys.page)
    assert step(draft, "triage")["purpose"] == "Sort it."
    expect(keys.page.locator("#f-purpose")).to_be_focused()
    expect(keys.page.locator("#ed-steps")).to_contain_text("changed")


def test_a_way_to_another_page_leaves_nothing_behind(room: Room, draft: Version) -> None:
    keys = edit(room, "?step=triage")
    into(keys, "#f-purpose", "Sort it soon.")
    keys.page.locator("a[href*='step=send']").first.focus()
    keys.lead("step=send", "Enter")
    until(lambda: step(draft, "triage")["purpose"] == "Sort it soon.", "the field to be saved")


def test_an_expression_is_completed_by_keys(room: Room, draft: Version) -> None:
    keys = edit(room, "?step=send")
    into(keys, "#f-review-summary", "steps.tri")
    offers = keys.page.get_by_role("listbox")
    expect(offers).to_contain_text("steps.triage.label")
    keys.press("ArrowDown", "ArrowDown", "Enter")
    expect(keys.page.locator("#f-review-summary")).to_have_value("steps.triage.confidence")
    expect(offers).to_have_count(0)
    keys.type(" > input.q")
    expect(offers).to_contain_text("input.question")
    keys.press("Escape")
    expect(offers).to_have_count(0)
    expect(keys.page.locator("#f-review-summary")).to_have_value("steps.triage.confidence > input.q")


def test_two_windows_at_one_field_keep_both_texts(room: Room, draft: Version) -> None:
    mine, theirs = edit(room, "?step=triage"), edit(room, "?step=triage")
    with held_up(mine.page):
        into(mine, "#f-purpose", "Mine.")
        into(theirs, "#f-purpose", "Theirs.")
        saved(theirs.page)
    expect(mine.page.locator("#ed-notes")).to_contain_text("kept beside this draft")
    assert step(draft, "triage")["purpose"] == "Theirs."
    kept = Aside.objects.get(version=draft, closed_at=None)
    assert "Mine." in kept.source
    mine.page.locator("#ed-notes a").click()
    expect(mine.page.locator("main")).to_contain_text("Mine.")


def test_two_windows_at_two_fields_are_merged_without_a_word(room: Room, draft: Version) -> None:
    mine, theirs = edit(room, "?step=triage"), edit(room, "?step=triage")
    with held_up(mine.page):
        into(mine, "#f-purpose", "Mine, and alone.")
        into(theirs, "#f-name", "Sorting")
        saved(theirs.page)
    saved(mine.page)
    expect(mine.page.locator("#f-name")).to_have_value("Sorting")
    assert (step(draft, "triage")["purpose"], step(draft, "triage")["name"]) == ("Mine, and alone.", "Sorting")
    assert not Aside.objects.filter(version=draft).exists()
    expect(mine.page.locator("#ed-notes")).not_to_contain_text("kept")


def test_what_is_half_written_stays(room: Room, draft: Version) -> None:
    """A name alone is no pair yet: it is told so, and neither a save nor a slow answer takes it away."""
    keys = edit(room, "?step=send")
    name = keys.page.locator("[name='input.name']").last
    name.focus()
    with held_up(keys.page):
        keys.type("cc")
        keys.press("Tab")
        keys.page.wait_for_timeout(900)
    expect(keys.page.locator("#row-input")).to_contain_text("Say what cc is")
    expect(keys.page.locator("[name='input.name'][value='cc'], [name='input.name'].mono").nth(3)).to_have_value("cc")
    keys.type("input.customer")
    keys.press("Escape")
    saved(keys.page)
    assert step(draft, "send")["input"]["cc"] == "input.customer"  # type: ignore[index]


def test_steps_are_moved_by_alt_and_arrows(room: Room, draft: Version) -> None:
    keys = edit(room, "?step=draft")

    def order() -> list[str]:
        return [one["key"] for one in load(source(draft)).value["steps"]]

    before = order()
    keys.press("Alt+ArrowUp")
    until(lambda: order()[0] == "draft", "the step to be moved up")
    expect(keys.page.locator("#ed-ready")).to_contain_text("comes later")
    expect(keys.page.locator("button[data-alt=ArrowUp]")).to_be_focused()
    keys.press("Alt+ArrowDown")
    until(lambda: order() == before, "the step to be moved down")
    expect(keys.page.locator("#ed-ready")).not_to_contain_text("comes later")


def test_a_text_is_broken_and_mended(room: Room, draft: Version) -> None:
    keys, good = edit(room, "?view=yaml"), draft.source
    keys.page.locator("#source").focus()
    keys.press("Control+End")
    keys.type("- [")
    expect(keys.page.locator("#ed-ready")).to_contain_text("The text cannot be read")
    expect(keys.page.locator("main")).to_have_class(re.compile("broken"))
    expect(keys.page.locator("#source")).to_be_focused()
    keys.press("Backspace", "Backspace", "Backspace")
    expect(keys.page.locator("main")).not_to_have_class(re.compile("broken"))
    saved(keys.page)
    assert source(draft) == good


UNFOLD = """() => {
  document.querySelectorAll("#row-review details.fold").forEach((fold) => { fold.open = true; });
  return document.querySelectorAll("#row-review details.fold[open]").length;
}"""
NARROWEST = """() => Math.min(...[...document.querySelectorAll("#row-review .fold .in.g")]
  .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().width))"""


def test_a_review_is_for_everybody_with_all_its_folds_open(room: Room, draft: Version) -> None:
    page = edit(room, "?step=send").page
    assert page.evaluate(UNFOLD) == 5
    page.evaluate(AXE_SCRIPT)
    for view in (WIDE, NARROW):
        assert faults(page, "light", view) + faults(page, "dark", view) == []
        assert page.evaluate(LAYOUT) == []
    assert page.evaluate(NARROWEST) > NARROW["width"] * 0.7, "a text has a line of its own"
    page.set_viewport_size({"width": SMALLEST, "height": 700})
    assert widest(page) <= SMALLEST, sticking_out(page)


def test_what_others_change_appears_by_itself(room: Room, draft: Version, stage: Stage) -> None:
    keys = edit(room, "?step=triage")
    keys.page.evaluate("window.mark = 'the same page'")
    draft = Version.objects.select_related("workflow").get(pk=draft.pk)
    drafts.edit(draft, draft.source.replace("name: Triage", "name: Sorting by Mina"), by=stage.cast.mina)
    expect(keys.page.locator("#f-name")).to_have_value("Sorting by Mina")
    expect(keys.page.locator("#ed-say")).to_contain_text("Mina Sato changed this draft.")
    assert keys.page.evaluate("window.mark") == "the same page"


def test_a_workflow_is_drawn_up_and_published_without_script(room: Room, stage: Stage) -> None:
    page = room.enter("adam", java_script_enabled=False)
    page.goto("/workflows/")
    page.get_by_role("link", name="New workflow").click()
    page.get_by_label("Name", exact=True).fill("Write it down")
    page.get_by_label("Purpose").fill("Keep what somebody says.")
    page.get_by_role("button", name="Begin the draft").click()
    page.locator("[name='input.name']").fill("said")
    page.locator("#f-outcome").fill("It is written down.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name='input.name']")).to_have_count(2)
    page.locator("#add summary").click()
    page.locator("#kind").select_option("wait")
    page.get_by_role("button", name="Add it").click()
    page.locator("#f-for_seconds").fill("1")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Move down").click()
    draft = Version.objects.get(workflow__slug="write-it-down")
    assert [one["key"] for one in load(draft.source).value["steps"]] == ["outcome", "wait"]
    page.get_by_role("button", name="Move up").click()
    page.get_by_role("link", name="YAML", exact=True).click()
    text = page.locator("#source").input_value()
    page.locator("#source").fill(text.replace("label: \"'done'\"", "label: \"'written down'\""))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#source")).to_have_value(re.compile("'written down'"))
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.locator(".notices")).to_contain_text("Version 1 is published.")
    document = Version.objects.get(pk=draft.pk).document
    assert (document["outcome"], [one["key"] for one in document["steps"]]) == (
        "It is written down.",
        ["wait", "outcome"],
    )
