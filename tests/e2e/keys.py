"""Somebody who has no mouse: every press is counted, and a way that is too long is a failure."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

FOCUSED = "(selector) => document.activeElement !== null && document.activeElement.matches(selector)"
MARKED = """() => {
  const around = [document.activeElement, document.activeElement.closest("label, .in")].filter(Boolean);
  return around.map((node) => getComputedStyle(node)).some((s) => s.outlineStyle !== "none" || s.boxShadow !== "none");
}"""
WHERE = """() => {
  const at = document.activeElement;
  return `${at.tagName} ${at.id} ${at.name ?? ""} ${at.textContent.trim().slice(0, 40)}`;
}"""
CHOSEN = "() => document.activeElement.selectedOptions[0]?.textContent ?? ''"
LIVE = re.compile("^Live, at event ")
ENOUGH = 60  # presses of Tab


@dataclass
class Keys:
    """One window that is worked by keys alone."""

    page: Page
    pressed: int = 0

    def press(self, *keys: str) -> None:
        """Press them, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def lead(self, to: str, *keys: str) -> None:
        """Press them, and be on that page then, with its line up."""
        self.press(*keys)
        self.page.wait_for_url(re.compile(to))
        self.live()

    def live(self) -> None:
        """The page stands, its keys work and its line is up."""
        expect(self.page.locator("[data-live]").first).to_have_text(LIVE)

    def type(self, text: str) -> None:
        """Write where the focus is."""
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def over(self, text: str) -> None:
        """Write it in the place of what stands there."""
        self.press("Control+a")
        self.type(text)

    def at(self, selector: str) -> bool:
        """Whether the focus is there."""
        return bool(self.page.evaluate(FOCUSED, selector))

    def where(self) -> str:
        """Where the focus is, for whoever reads a failure."""
        return str(self.page.evaluate(WHERE))

    def tab_to(self, selector: str, *, back: bool = False, most: int = ENOUGH) -> None:
        """Press Tab until the focus is there, and can be seen."""
        for _ in range(most):
            self.press("Shift+Tab" if back else "Tab")
            if self.at(selector):
                assert self.page.evaluate(MARKED), f"no focus is shown on {selector}"
                return
        raise AssertionError(f"{selector} was not reached by {most} presses of Tab; the focus is at {self.where()}")

    def next(self, selector: str) -> None:
        """The next Tab leads there."""
        self.tab_to(selector, most=1)

    def choose(self, label: str) -> None:
        """In the list that has the focus: down, or up from its end, until that is chosen."""
        for key in ["Home", *["ArrowDown"] * 40]:
            if self.page.evaluate(CHOSEN).strip().startswith(label):
                return
            self.press(key)
        raise AssertionError(f"{label} cannot be chosen there")
