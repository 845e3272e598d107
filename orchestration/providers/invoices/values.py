"""Amounts, currencies and dates as invoices write them, in English, German, French and Spanish."""

import re
from datetime import date
from decimal import Decimal

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene",
            "february feb februar février févr fév febrero",
            "march mar märz mrz mär mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août aout agosto ago",
            "september sep sept septembre septiembre set",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY"}
CODES = ("USD", "EUR", "GBP", "INR", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "MXN")
WRITTEN = {"us dollars": "USD", "euro": "EUR", "euros": "EUR", "pounds sterling": "GBP", "rupees": "INR"}
FIGURE = r"(?<![\w.,/-])-?(?:\d{1,3}(?:[.,'\u202f ]\d{3})+|\d+)[.,]\d{2}(?![\w/-]|[.,]\d)"
AMOUNT = re.compile(FIGURE)
CURRENCY = re.compile(rf"[{''.join(SIGNS)}]|\b(?:{'|'.join(CODES)})\b|\bRs\b\.?|\bINR\b")
NUMERIC = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b")
ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:\.|st|nd|rd|th|er)?\s*(?:de\s+)?([A-Za-zÀ-ÿ]{3,10})\.?\s*,?\s*(?:de\s+)?(\d{4})\b"
)
MONTH_FIRST = re.compile(r"\b([A-Za-zÀ-ÿ]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(\d{4})\b")


def amount(text: str) -> Decimal | None:
    """The last amount with two decimals in a text."""
    found = AMOUNT.findall(text)
    return _decimal(found[-1]) if found else None


def amounts(text: str) -> list[Decimal]:
    """All of them."""
    return [_decimal(one) for one in AMOUNT.findall(text)]


def _decimal(text: str) -> Decimal:
    """The last mark parts the decimals, whichever it is."""
    whole, decimals = text[:-3], text[-2:]
    return Decimal(f"{re.sub(r'[^0-9-]', '', whole)}.{decimals}")


def currency(text: str) -> str:
    """The currency that is named most often, or ""."""
    named = [_code(one) for one in CURRENCY.findall(text)]
    for words, code in WRITTEN.items():
        named += [code] * len(re.findall(rf"\b{words}\b", text, re.IGNORECASE))
    return max(dict.fromkeys(named), key=named.count) if named else ""


def _code(text: str) -> str:
    return "INR" if text.startswith("Rs") else SIGNS.get(text, text)


def day(text: str, *, month_first: bool) -> tuple[date, float] | None:
    """The first date in a text, and how sure it is: 03/04/2024 is one day here and another there."""
    if found := ISO.search(text):
        return _made(int(found[1]), int(found[2]), int(found[3]), 1.0)
    if (found := MONTH_FIRST.search(text)) and (month := MONTHS.get(found[1].lower())):
        return _made(int(found[3]), month, int(found[2]), 1.0)
    if (found := DAY_FIRST.search(text)) and (month := MONTHS.get(found[2].lower())):
        return _made(int(found[3]), month, int(found[1]), 1.0)
    if found := NUMERIC.search(text):
        one, two, year = (int(part) for part in found.groups())
        return _numeric(one, two, year + 2000 if year < 100 else year, month_first=month_first)
    return None


def _numeric(one: int, two: int, year: int, *, month_first: bool) -> tuple[date, float] | None:
    if one > 12 or two > 12 or one == two:
        return _made(year, min(one, two) if max(one, two) > 12 else two, max(one, two), 1.0)
    return _made(year, one, two, 0.6) if month_first else _made(year, two, one, 0.8)


def _made(year: int, month: int, number: int, sure: float) -> tuple[date, float] | None:
    try:
        return date(year, month, number), sure
    except ValueError:
        return None
