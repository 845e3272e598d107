"""What a reader sees or hears of a page: its texts, and the attributes that are read out or shown."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

UNSEEN = {"script", "style", "template", "noscript"}
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SAID = {"title", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "alt"}
VERBATIM = {"code", "pre", "kbd", "samp", "textarea"}


class Words(NamedTuple):
    """A piece of text: where it stands, and whether it is shown as it was written: code, or marked as no language."""

    where: str
    text: str
    verbatim: bool


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[Words] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        verbatim = tag in VERBATIM or told.get("translate") == "no" or any(kept for _, kept in self.open)
        for name in SAID & set(told):
            self.found.append(Words(f"{self._place()} {tag}[{name}]", told[name] or "", told.get("translate") == "no"))
        if tag == "input" and told.get("type") in {"submit", "button", "reset"}:
            self.found.append(Words(f"{self._place()} {tag}[value]", told.get("value") or "", False))
        if tag not in EMPTY:
            self.open.append((tag, verbatim))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not UNSEEN & {name for name, _ in self.open}:
            self.found.append(Words(self._place(), data, bool(self.open) and self.open[-1][1]))

    def _place(self) -> str:
        return ">".join(name for name, _ in self.open[-3:])


def words(page: str) -> Iterator[Words]:
    """Every text of a page, in its order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    yield from reader.found
