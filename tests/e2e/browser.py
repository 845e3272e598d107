"""The one browser of these tests, and the people at it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

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


def found() -> str:
    """The chromium of this machine, or nothing. CHROMIUM names another one."""
    return os.environ.get("CHROMIUM", "") or next((path for name in NAMES if (path := shutil.which(name))), "")


@contextmanager
def opened(path: str) -> Iterator[Browser]:
    """A browser, as long as the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Room:
    """Everybody's windows on one address, and what went wrong in any of them."""

    browser: Browser
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
        context = self.browser.new_context(
            base_url=self.address, storage_state=state, **{"viewport": WIDE, "reduced_motion": "reduce", **options}
        )
        self.contexts.append(context)
        page = context.new_page()
        self._listen(page)
        return page

    def leave(self) -> None:
        """Close every window."""
        for context in self.contexts:
            _close(context)
        self.contexts.clear()
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
    """Close its windows, then it: one that closes while a page is on its way was seen never to end."""
    for page in context.pages:
        page.close()
    context.close()


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Fill in the login form and send it."""
    page.get_by_label("User name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
