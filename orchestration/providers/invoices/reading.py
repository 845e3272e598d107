"""What an invoice says: who asks for how much, when, and under which number. How it was found says how sure it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from orchestration.providers.invoices import issuers, values, words
from orchestration.providers.invoices.cells import Cell, Page

FIELDS = ("issuer", "number", "date", "amount", "currency")
IDENTIFIER = re.compile(r"#?\s*([A-Za-z0-9][\w./-]*)")
LONGEST, MOST_LINES = 60, 200


@dataclass
class Found:
    """The fields as texts, "" where one was not found, and how sure each is."""

    issuer: str = ""
    number: str = ""
    date: str = ""
    amount: str = ""
    currency: str = ""
    lines: list[dict[str, str]] = field(default_factory=list)
    sure: dict[str, float] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """What was not found."""
        return [name for name in FIELDS if not getattr(self, name)]

    @property
    def confidence(self) -> float:
        """The mean over the five fields. It says how plainly they stood there; it is not calibrated."""
        return round(sum(self.sure.get(name, 0.0) for name in FIELDS) / len(FIELDS), 2)


def read(text: str) -> Found:
    """The fields of the invoice whose text this is."""
    page, found = Page.of(text), Found()
    found.currency = values.currency(text)
    found.sure["currency"] = 0.9 if found.currency else 0.0
    found.issuer, found.sure["issuer"] = issuers.find(page, text)
    found.number, found.sure["number"] = _number(page)
    found.date, found.sure["date"] = _date(page, month_first=found.currency == "USD")
    found.amount, found.sure["amount"] = _amount(page)
    found.lines = list(_lines(page))[:MOST_LINES]
    return found


def _labelled(page: Page, labels: words.Labels) -> Iterator[tuple[Cell, re.Match[str], float]]:
    """The cells with a label in them, those with the plainest labels first."""
    for label, sure in labels:
        for cell in page.cells:
            if match := label.search(cell.text):
                yield cell, match, sure


def _number(page: Page) -> tuple[str, float]:
    for cell, label, sure in _labelled(page, words.NUMBER):
        for told in page.after(cell, label):
            match = IDENTIFIER.match(told.strip(" :."))
            if match and any(char.isdigit() for char in match[1]) and not values.day(told, month_first=False):
                return match[1].rstrip(".,-/")[:LONGEST], sure
    return "", 0.0


def _date(page: Page, *, month_first: bool) -> tuple[str, float]:
    for cell, label, sure in _labelled(page, words.DATE):
        if words.OTHER_DATE.search(cell.text[: label.end()]):
            continue
        for told in page.after(cell, label):
            if read := values.day(told, month_first=month_first):
                return read[0].isoformat(), round(sure * read[1], 2)
    for cell in page.cells:  # none has a label
        if (read := values.day(cell.text, month_first=month_first)) and not words.OTHER_DATE.search(cell.text):
            return read[0].isoformat(), 0.4
    return "", 0.0


def _amount(page: Page) -> tuple[str, float]:
    """The last total with the plainest label: what comes before it is a part of it."""
    for label, sure in words.AMOUNT:
        totals = [total for cell in page.cells if (total := _total(page, cell, label)) is not None]
        if totals:
            return str(totals[-1]), sure if len(set(totals)) == 1 else round(sure * 0.85, 2)
    every = [one for cell in page.cells for one in values.amounts(cell.text)]
    return (str(max(every)), 0.3) if every else ("", 0.0)


def _total(page: Page, cell: Cell, label: re.Pattern[str]) -> Decimal | None:
    if not (match := label.search(cell.text)) or words.OTHER_AMOUNT.search(cell.text):
        return None
    rest = [cell.text[match.end() :], *(other.text for other in page.lines[cell.line] if other.start > cell.start)]
    if (total := values.amount("  ".join(rest))) is not None:
        return total
    return next((one for under in page.under(cell) if (one := values.amount(under.text)) is not None), None)


def _lines(page: Page) -> Iterator[dict[str, str]]:
    """What is charged for: rows with a text and an amount, from the heading of the table to its first total."""
    begun = False
    for line in page.lines:
        whole = " ".join(cell.text for cell in line)
        if not begun:
            begun = bool(words.HEADING.search(whole)) and values.amount(whole) is None
            continue
        if any(label.search(whole) for label, _ in words.AMOUNT):
            return
        text = max((cell.text for cell in line if re.search(r"[^\W\d_]{2}", cell.text)), key=len, default="")
        total = values.amount(line[-1].text)
        if text and total is not None and len(line) > 1 and not words.OTHER_AMOUNT.search(whole):
            yield {"text": text, "amount": str(total)}
