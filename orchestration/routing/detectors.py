"""What a text holds that raises its data class: found by its form, and by its check digits where it has some.

Every detector is a cheap pattern first, and then a check that keeps order numbers from being taken for cards.
Sources: ISO 13616 (IBAN), ISO/IEC 7812 (cards), E.164 (telephone numbers), and the national rules that stdnum knows.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from importlib import import_module
from typing import Any

import phonenumbers
from stdnum import iban, luhn
from stdnum.exceptions import ValidationError

from orchestration.routing import presidio
from orchestration.routing.patterns import looking
from orchestration.routing.patterns.reading import BadPattern, Detector, Found, own
from orchestration.states import DataClass

__all__ = ["BadPattern", "Detector", "Found", "find", "kinds", "own", "texts"]

LONGEST = 1_000_000  # characters of one text that are looked through
DEEPEST = 100
OWN = "own"  # in rules: whatever a pattern of the workspace finds
KEYS = (
    r"sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
)
NATIONAL = (
    "at.vnr be.nn ch.ssn de.idnr dk.cpr es.dni es.nie fi.hetu fr.nir gb.nhs it.codicefiscale nl.bsn no.fodselsnummer",
    "pl.pesel pt.nif se.personnummer us.ssn",
)
NATIONAL_WORDS = re.compile(
    r"(?i)\b(?:tax|steuer|social|national|personal|insurance|identity|sozial|versicherung|ahv|svnr|nir|dni|nie|bsn|cpr|"
    r"pesel|hetu|codice|personnummer|fødselsnummer|nhs|ssn)\b"
)


def _iban(text: str) -> bool:
    return bool(iban.is_valid(text))


def _card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def _phone(text: str) -> bool:
    written = "+" + text[2:] if text.startswith("00") else text
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(written, None)))
    except phonenumbers.NumberParseException:
        return False


def _national(text: str) -> bool:
    """Whether the check digits are right by one country's rule."""
    compact = re.sub(r"[ .-]", "", text)
    return any(_valid(name, compact) for name in " ".join(NATIONAL).split())


def _valid(name: str, text: str) -> bool:
    try:
        return bool(import_module(f"stdnum.{name}").is_valid(text))
    except (ValidationError, ValueError):
        return False


DETECTORS = (
    Detector("email", re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"), lambda _: True),
    Detector("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"), _iban),
    Detector("card", re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d-])"), _card),
    Detector("phone", re.compile(r"(?<![\w.])(?:\+|00)\d[\d ()/.-]{6,20}\d(?!\d)"), _phone),
    Detector("key", re.compile(KEYS), lambda _: True, DataClass.CONFIDENTIAL),
)
ID = Detector("national_id", re.compile(r"(?<![\w.,-])[A-Z0-9](?:[ .-]?[A-Z0-9]){7,15}(?![\w-])"), _national)


def find(text: str, more: Iterable[Detector] | None = None, kinds: Collection[str] | None = None) -> list[Found]:
    """All that is found in a text, in the order of where it stands; what overlaps is one, of the kind that begins it.

    `more` are other detectors than the workspace's own patterns. `kinds`: nothing but these is looked at, so that
    nothing else hides them; `OWN` stands for whatever the workspace's own patterns find.
    """
    kept: list[Found] = []
    for one in sorted(_every(text, more, kinds), key=lambda one: (one.start, one.start - one.end)):
        if kept and one.start < kept[-1].end:
            kept[-1] = kept[-1]._replace(end=max(kept[-1].end, one.end))
        else:
            kept.append(one)
    return kept


def _every(text: str, more: Iterable[Detector] | None, kinds: Collection[str] | None = None) -> Iterator[Found]:
    """All that each detector finds, whatever others find in the same place."""
    read = text[:LONGEST]
    ours = [*DETECTORS, *([ID] if NATIONAL_WORDS.search(read) else [])]
    for detector in (*ours, *presidio.detectors(), *(looking.look() if more is None else more)):
        if kinds is None or detector.kind in kinds or (detector.own and OWN in kinds):
            yield from detector.found(read)


def texts(value: Any, deep: int = 0) -> Iterator[str]:
    """Every text in a JSON value, names of fields too, and every number as it is written."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int() | float():
            yield str(value)
        case dict():
            inner: Iterable[Any] = [*value, *value.values()]
            yield from (text for one in inner for text in texts(one, deep + 1) if deep < DEEPEST)
        case list():
            yield from (text for one in value for text in texts(one, deep + 1) if deep < DEEPEST)


def kinds(value: Any, more: Iterable[Detector] | None = None) -> dict[str, str]:
    """What kinds are found anywhere in a JSON value, each with the class that it is of."""
    own_ones = looking.look() if more is None else tuple(more)
    found: dict[str, str] = {}
    for text in texts(value):
        found |= {one.kind: one.data for one in find(text, ())}
        # Whatever else stands there: nothing that is found hides what the workspace looks for, nor the other way round.
        found |= {one.kind: one.data for detector in own_ones for one in detector.found(text[:LONGEST])}
    return found
