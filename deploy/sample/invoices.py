"""How well `handrail/invoice` reads: its fields beside the right answers of six real invoices."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.files import MARK
from orchestration.providers.invoices import issuers, reading
from orchestration.tools import get

FOLDER = Path(__file__).parent / "data" / "invoices"
ANSWERS = {
    "issuer": "issuer",
    "number": "invoice_number",
    "date": "date",
    "amount": "amount",
    "currency": "currency",
}


class Scored(NamedTuple):
    """One field of one invoice: what was read, and what is right."""

    invoice: str
    field: str
    read: str
    answer: str
    right: bool


def score() -> list[Scored]:
    """Every field for which there is an answer."""
    scored = []
    for path in sorted(FOLDER.glob("*.pdf")):
        found = reading.read(text(path))
        answers = json.loads(path.with_suffix(".json").read_text("utf-8"))[0]
        for field, name in ANSWERS.items():
            if name in answers:
                read, answer = str(getattr(found, field)), str(answers[name])
                scored.append(Scored(path.stem, field, read, answer, _same(field, read, answer)))
    return scored


def text(path: Path) -> str:
    """The text of a PDF, as the tool reads it."""
    told: dict[str, Any] = get("pdf.text").make({"file": {MARK: "it"}}, "score", {"it": path.read_bytes()})
    return str(told["text"])


def _same(field: str, read: str, answer: str) -> bool:
    """An issuer is the same with or without the form of its company, a number with or without its #."""
    match field:
        case "amount":
            return bool(read) and Decimal(read) == Decimal(answer)
        case "issuer":
            return issuers.bare(read).casefold() == issuers.bare(answer).casefold()
        case "number":
            return read.lstrip("#") == answer.lstrip("#")
    return read == answer
