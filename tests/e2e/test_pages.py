"""Every page, in both themes, at three widths and in longer languages: for everybody, and nothing sideways."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize, expect

from audit.models import Event
from orchestration.models import Run
from reviews import decisions
from reviews.models import Review
from reviews.who import holding
from tests import matrix
from tests.e2e.browser import NARROW, WIDE, Chrome, Room
from tests.e2e.conftest import Stage
from tests.e2e.drawn import draw
from tests.e2e.pages import NOT_PAGES, PAGES, Showing, Shown
from tests.languages import pseudo
from tests.processes import until, web

type View = tuple[Literal["light", "dark"], ViewportSize]
type Window = Callable[[str], Page]

SMALLEST = 320
LAYOUT = Path(__file__).with_name("layout.js").read_text("utf-8")
# The made-up one is longer than any; German, which people read, is looked at too in the long run (`--full`).
LONGER, SPOKEN = ("en-XA",), ("de",)
# Both themes and both widths; in the long run (`--full`) each theme at each width.
VIEWS: tuple[View, ...] = (("light", WIDE), ("dark", NARROW))
OTHER_VIEWS: tuple[View, ...] = (("light", NARROW), ("dark", WIDE))
OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@pytest.fixture(scope="module")
def shown(stage: Stage) -> Shown:
    """An item that waits, one that was decided with an edit and sent, and runs of every kind of step."""
    opened, decided = stage.waiting(), stage.waiting()
    decision = decisions.decide(
        decided.pk,
        by=stage.cast.rita,
        verdict="approved",
        version=decided.version,
        shown_hash=decided.content_hash,
        arguments={**decided.arguments, "subject": "Your card payment is on its way"},
        reason="Shorter.",
    )
    until(lambda: Run.objects.filter(pk=decided.run_id, status="done").exists(), "the run's end")
    event = Event.objects.get(event_id=decision.receipt)
    return Shown(opened, Review.objects.get(pk=decided.pk), event, draw(stage.cast), stage.cast)


def test_it_lists_every_page() -> None:
    shown = {name for name, row in matrix.TABLE.items() if "GET" in row.methods} - NOT_PAGES
    assert {page.name for page in PAGES} == shown


@pytest.fixture(scope="module")
def gallery(chrome: Chrome, stage: Stage) -> Iterator[Room]:
    """Windows that stay open from page to page."""
    room = Room(chrome, stage.house.address)
    yield room
    room.leave()


@pytest.fixture(scope="module")
def opened() -> dict[str, Page]:
    """Each person's."""
    return {}


@pytest.fixture
def window(gallery: Room, opened: dict[str, Page]) -> Iterator[Window]:
    """A person's window. No page may leave a word in the console or ask another host."""

    def found(login: str) -> Page:
        if login not in opened:
            opened[login] = gallery.enter(login)
        return opened[login]

    yield found
    said, strangers = list(gallery.said), list(gallery.strangers)
    gallery.said.clear()
    gallery.strangers.clear()
    assert not said, "messages in the console"
    assert not strangers, "requests to another host"


@pytest.mark.parametrize("showing", PAGES, ids=str)
def test_it_is_for_everybody(
    showing: Showing, shown: Shown, window: Window, gallery: Room, pytestconfig: pytest.Config
) -> None:
    missing = showing.label == "missing"
    with showing.during(shown):
        page = window(showing.by)
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        answer = page.goto(showing.at(shown))
        assert answer is not None
        assert answer.status == (404 if missing else 200)
        page.evaluate(AXE_SCRIPT)
        views = VIEWS + (OTHER_VIEWS if pytestconfig.getoption("full") else ())
        assert not [fault for theme, view in views for fault in faults(page, theme, view)]
        page.set_viewport_size({"width": SMALLEST, "height": 700})
        assert widest(page) <= SMALLEST, sticking_out(page)
    if missing:
        gallery.said.clear()  # the browser itself notes the answer 404


@pytest.fixture(scope="module")
def windows(
    stage: Stage, chrome: Chrome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Page]]:
    """A window of each person in each language, on a web process that speaks one more; each is opened once."""
    told = {"DJANGO_SETTINGS_MODULE": "tests.languages.settings", "HANDRAIL_HOME": str(stage.house.home)}
    told["HANDRAIL_TEST_LOCALE"] = str(pseudo.compile_into(tmp_path_factory.mktemp("locale")))
    opened: dict[tuple[str, str], Page] = {}
    with web(**stage.models.environment, **told) as address:
        room = Room(chrome, address)

        def window(login: str, language: str) -> Page:
            if (login, language) not in opened:
                opened[login, language] = room.enter(login, locale=language)
            return opened[login, language]

        yield window
        room.leave()


@pytest.mark.parametrize("showing", PAGES, ids=str)
def test_it_bears_a_longer_language(
    showing: Showing, shown: Shown, windows: Callable[[str, str], Page], pytestconfig: pytest.Config
) -> None:
    with showing.during(shown):
        for language in LONGER + (SPOKEN if pytestconfig.getoption("full") else ()):
            page = windows(showing.by, language)
            page.set_viewport_size(WIDE)
            page.goto(showing.at(shown))
            assert page.locator("html").get_attribute("lang") == language.lower()
            found = page.evaluate(LAYOUT)
            page.set_viewport_size(NARROW)
            found += page.evaluate(LAYOUT)
            assert found == [], language


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p style='width:3000px'>wide</p>", "sideways"),
        ("<button style='width:3em;overflow:hidden;white-space:nowrap'>longer than this</button>", "cut off"),
        ("<p style='height:20px'>one</p><p style='margin:-30px 0 0'>other</p>", "over each other"),
    ],
)
def test_what_breaks_is_seen(body: str, fault: str, chrome: Chrome) -> None:
    page = chrome.browser.new_page()
    page.set_content(body)
    assert [one.partition(":")[0] for one in page.evaluate(LAYOUT)] == [fault]
    page.close()


def faults(page: Page, theme: Literal["light", "dark"], view: ViewportSize) -> list[str]:
    """What axe finds, one line for each place."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(view)
    found = page.evaluate("(options) => axe.run(options).then((all) => all.violations)", OPTIONS)
    where = f"{theme} {view['width']}"
    return [
        f"{where}: {fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        for node in fault["nodes"]
    ]


def widest(page: Page) -> int:
    return int(page.evaluate("document.scrollingElement.scrollWidth"))


def sticking_out(page: Page) -> list[str]:
    """The elements that reach past the right edge."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
            .slice(0, 12).map((node) => `${node.tagName}.${node.className.baseVal ?? node.className}`)"""
        )
    )


def test_the_live_line_writes_nowhere_else(shown: Shown, room: Room) -> None:
    page = room.enter("rita")
    page.goto(f"/inbox/{shown.open.pk}/")
    expect(page.locator(".nav .live")).to_have_attribute("data-state", "live")
    expect(page.locator("#item .crumbs span")).to_have_text(shown.open.step_run.step.name)


def test_a_hold_is_seen_at_once(shown: Shown, room: Room) -> None:
    page = room.enter("ravi")
    page.goto(f"/inbox/{shown.open.pk}/")
    expect(page.locator(".nav .live")).to_have_attribute("data-state", "live")
    holding.claim(shown.open.pk, by=shown.cast.rita)
    try:
        expect(page.locator("#who")).to_contain_text("Rita Bauer holds it until")
        expect(page.locator(f"#row-{shown.open.pk} .held")).to_contain_text("Held by Rita Bauer")
    finally:
        holding.release(shown.open.pk, by=shown.cast.rita)
    expect(page.locator("#who")).not_to_contain_text("Rita Bauer holds it until")


MIRRORED = (
    "home",
    "inbox",
    "review",
    "bulk",
    "team",
    "people",
    "me",
    "me-notices",
    "runs",
    "run",
    "workflow",
    "reports",
    "record",
)
BESIDE = """() => document.querySelector(".queue").getBoundingClientRect().left
  >= document.querySelector(".detail").getBoundingClientRect().right - 1"""
BEYOND = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
SIDES = """() => {
  const box = (one) => document.querySelector(one)?.getBoundingClientRect();
  const heading = getComputedStyle(document.querySelector("main :is(h1, h2)"));
  return {nav: box("nav.nav").left >= box(".view").right - 1, text: heading.direction};
}"""


@pytest.mark.parametrize("showing", [page for page in PAGES if str(page) in MIRRORED], ids=str)
def test_it_is_mirrored_from_right_to_left(showing: Showing, shown: Shown, room: Room) -> None:
    page = room.enter(showing.by)
    page.goto(showing.at(shown))
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(SIDES) == {"nav": True, "text": "rtl"}
    if page.locator(".split > .queue").count():
        assert page.evaluate(BESIDE), "the list stands at the right of the item"
    for view in (WIDE, NARROW):
        page.set_viewport_size(view)
        assert page.evaluate(BEYOND) <= 0, sticking_out_left(page)


def sticking_out_left(page: Page) -> list[str]:
    """The elements that reach past the left edge."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().left < -0.5)
            .slice(0, 12).map((node) => `${node.tagName}.${node.className.baseVal ?? node.className}`)"""
        )
    )


def test_it_remembers_the_chosen_theme(room: Room, stage: Stage) -> None:
    page = room.enter("rita")
    page.goto("/")
    page.get_by_role("button", name="Account of Rita Bauer").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
