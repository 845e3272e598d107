"""A window that will not close does not hold up the tests that follow."""

import pytest

from tests.e2e import browser
from tests.e2e.browser import Chrome, Room
from tests.e2e.conftest import Stage


@pytest.fixture
def hung(chrome: Chrome, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room with a window in a browser that answers nothing any more."""
    monkeypatch.setattr(browser, "CLOSING", 2.0)
    monkeypatch.setattr(browser, "RESTING", 500)
    room = Room(Chrome(chrome.playwright, chrome.path), stage.house.address)
    room.enter("rita").goto("/inbox/")
    for process in room.chrome.processes:
        process.suspend()
    return room


def test_its_browser_is_ended_and_the_next_window_opens_in_another(hung: Room) -> None:
    (process,) = hung.chrome.processes
    hung.leave()
    assert not process.is_running()
    assert hung.contexts == []
    page = hung.enter("rita")
    page.goto("/inbox/")
    assert page.title()
    hung.leave()
    hung.chrome.end()


def test_the_others_browser_goes_on(hung: Room, chrome: Chrome) -> None:
    page = chrome.browser.new_page()
    hung.leave()
    page.set_content("<p>still here</p>")
    assert page.inner_text("p") == "still here"
    page.close()
