"""The one browser of these tests, and the people at it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import psutil
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    ViewportSize,
    sync_playwright,
)

from tests.cast import PASSWORD

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
RESTING = 3_000  # milliseconds for a page to come to rest before it is closed
CLOSING = 30.0  # seconds; a window that is not closed by then takes its browser with it


def found() -> str:
    """The chromium of this machine, or nothing. CHROMIUM names another one."""
    return os.environ.get("CHROMIUM", "") or next((path for name in NAMES if (path := shutil.which(name))), "")


@contextmanager
def opened(path: str) -> Iterator["Chrome"]:
    """A browser, as long as the block."""
    with sync_playwright() as playwright:
        chrome = Chrome(playwright, path)
        yield chrome
        chrome.end()


class Chrome:
    """A browser that is there when it is asked for: one that was lost is started anew."""

    def __init__(self, playwright: Playwright, path: str) -> None:
        self.playwright = playwright
        self.path = path
        self.started: Browser | None = None
        self.processes: list[psutil.Process] = []

    @property
    def browser(self) -> Browser:
        """The browser that runs."""
        if self.started is None or not self.started.is_connected():
            before = set(_running())
            self.started = self.playwright.chromium.launch(executable_path=self.path, args=list(ARGUMENTS))
            self.processes = [process for process in _running() if process not in before]
        return self.started

    @contextmanager
    def bounded(self, seconds: float) -> Iterator[None]:
        """Closing in the very moment a page arrives may never end in chromium: then the browser is ended instead."""
        timer = Timer(seconds, self.kill)
        timer.start()
        try:
            with suppress(Error):
                yield
        finally:
            timer.cancel()

    def kill(self) -> None:
        for process in self.processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def end(self) -> None:
        if self.started and self.started.is_connected():
            with self.bounded(CLOSING):
                self.started.close()


def _running() -> list[psutil.Process]:
    """The browsers that this process has started, each without the processes it has made itself."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if _is_browser(process)]


def _is_browser(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        command = process.cmdline()
        return "--remote-debugging-pipe" in command and not any(part.startswith("--type=") for part in command)
    return False


@dataclass
class Room:
    """Everybody's windows on one address, and what went wrong in any of them."""

    chrome: Chrome
    address: str
    passwords: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Any] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def enter(self, login: str = "", **options: Any) -> Page:
        """A window of that person, signed in; of nobody when no login is named."""
        if login and login not in self.sessions:
            self.sessions[login] = self._sign_in(login)
        state = self.sessions[login] if login else None
        context = self.chrome.browser.new_context(
            base_url=self.address, storage_state=state, **{"viewport": WIDE, "reduced_motion": "reduce", **options}
        )
        self.contexts.append(context)
        page = context.new_page()
        self._listen(page)
        return page

    def leave(self) -> None:
        """Close every window, and forget even one that will not close."""
        contexts, self.contexts = self.contexts, []
        for context in contexts:
            with self.chrome.bounded(CLOSING):
                _close(context)
        self.said.clear()
        self.strangers.clear()

    def _listen(self, page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            self.said.append(f"{message.type}: {message.text} ({page.url})")

        def asked(request: Request) -> None:
            if not request.url.startswith((self.address, self.address.replace("http", "ws", 1))):
                self.strangers.append(request.url)

        page.on("console", heard)
        page.on("pageerror", lambda error: self.said.append(f"{error} ({page.url})"))
        page.on("request", asked)

    def _sign_in(self, login: str) -> Any:
        page = self.enter()
        page.goto("/login/")
        sign_in(page, login, self.passwords.get(login, PASSWORD))
        page.wait_for_url(f"{self.address}/")
        return page.context.storage_state()


def _close(context: BrowserContext) -> None:
    """Close it once its pages have come to rest."""
    for page in context.pages:
        with suppress(Error):
            page.goto("about:blank", timeout=RESTING)
    context.close()


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Fill in the login form and send it."""
    page.get_by_label("User name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
