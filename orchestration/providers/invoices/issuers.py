"""Who sends an invoice: named by a word beside it, by a web address, by the form of a company, or at the top."""

import re
from collections import defaultdict
from collections.abc import Iterator

from orchestration.providers.invoices import words
from orchestration.providers.invoices.cells import NEAR, Cell, Page

DOMAIN = re.compile(r"(?:@|https?://(?:www\.)?|www\.|(?<![\w.@-]))((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w@])", re.IGNORECASE)
COMMON = {"gmail", "yahoo", "hotmail", "outlook", "gmx", "web", "example", "orange", "icloud", "live"}
LONGEST = 80
BLOCK = 8  # lines under the word for the receiver that are about the receiver
LABEL, SAME, BEGINS, LEGAL, TOP, AGAIN = 4.0, 4.0, 2.5, 1.5, 1.0, 0.5
PLAIN = 6.0  # points from which it is as sure as it gets


def find(page: Page, text: str) -> tuple[str, float]:
    """The name with the most for it, and how sure it is."""
    points: dict[str, float] = defaultdict(float)
    shown: dict[str, str] = {}
    for name, worth in _named(page, _brands(text)):
        key = _letters(bare(name))
        if len(key) > 2 and len(name) <= LONGEST:
            points[key] += worth
            shown.setdefault(key, name)
    if not points:
        return "", 0.0
    best = max(points, key=lambda key: points[key])
    return shown[best], round(min(points[best] / PLAIN, 1.0), 2)


def bare(name: str) -> str:
    """A name without the form of the company."""
    return words.LEGAL.sub("", f" {name}").strip(" .,:")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def _brands(text: str) -> set[str]:
    """The names in web and mail addresses: `azureinterior` of www.azure-interior.com."""
    found = {domain.split(".")[-2].lower() for domain in DOMAIN.findall(text)}
    return {_letters(brand) for brand in found - COMMON if len(brand) > 2}


def _named(page: Page, brands: set[str]) -> Iterator[tuple[str, float]]:
    for label, worth in ((label, LABEL * sure) for label, sure in words.ISSUER):
        for cell in page.cells:
            if match := label.search(cell.text):
                names = (_name(told) for told in page.after(cell, match) if not told.startswith("("))
                yield from ((name, worth) for name in list(names)[:1] if name)
    aside = set(_of_the_receiver(page))
    seen: set[str] = set()
    for place, cell in enumerate(page.cells):
        name = _name(cell.text)
        if not name or cell in aside:
            continue
        if place < 2:
            yield name, TOP
        yield name, _worth(name, brands) if name not in seen else AGAIN
        seen.add(name)


def _worth(name: str, brands: set[str]) -> float:
    """What a name has for it by itself."""
    letters = _letters(bare(name))
    of_brand = SAME if letters in brands else BEGINS if any(letters.startswith(brand) for brand in brands) else 0.0
    return of_brand + (LEGAL if words.LEGAL.search(f" {name}") and len(name.split()) <= 6 else 0.0)


def _name(text: str) -> str:
    """What could be a name in a cell: no sentence, no address, no title, no figure."""
    text = words.TITLE.sub("", re.split(r"\s[-–|]\s", text)[0]).strip(" :,;*#/")
    if not text or len(text.split()) > 7 or re.search(r"[@:#]|\d{3}|://", text) or words.RECEIVER.search(text):
        return ""
    return text if re.match(r"[^\W\d_]", text) else ""


def _of_the_receiver(page: Page) -> Iterator[Cell]:
    """The cells under the words for whoever is to pay."""
    for head in (cell for cell in page.cells if words.RECEIVER.search(cell.text)):
        yield head
        for line in page.lines[head.line : head.line + BLOCK]:
            yield from (cell for cell in line if cell.start - NEAR <= head.start <= cell.end)
