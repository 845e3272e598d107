"""What a text holds that raises its data class: found by its form, and by its check digits where it has some.

Every detector is a cheap pattern first, and then a check that keeps order numbers from being taken for cards.
Sources: ISO 13616 (IBAN), ISO/IEC 7812 (cards), E.164 (telephone numbers), and the national rules that stdnum knows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import phonenumbers
import re2
from stdnum import iban, luhn
from stdnum.exceptions import ValidationError

from orchestration.states import DataClass

LONGEST = 1_000_000  # characters of one text that are looked through
DEEPEST = 100
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


class Found(NamedTuple):
    """Something that was found: what it is, where it stands, and the class that it is of."""

    kind: str
    start: int
    end: int
    data: str


class Detector(NamedTuple):
    """A pattern (Python's, or RE2's), a check of what it finds, and the class that the found is of."""

    kind: str
    pattern: Any
    is_one: Callable[[str], bool]
    data: str = DataClass.PERSONAL


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


class BadPattern(ValueError):
    """A workspace's own pattern cannot be read, or finds the empty text."""


def own(kind: str, pattern: str, data: str) -> Detector:
    """A workspace's own pattern, in RE2's words, which take no longer than a text is long. Or `BadPattern`."""
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        read = re2.compile(pattern, quiet)
    except re2.error as error:
        raise BadPattern(str(error)) from error
    if read.match("") is not None:
        raise BadPattern("It finds the empty text.")
    return Detector(kind, read, lambda _: True, data)


def find(text: str, more: Iterable[Detector] = ()) -> list[Found]:
    """All that is found in a text, in the order of where it stands; nothing is found inside of something else."""
    read = text[:LONGEST]
    detectors = [*DETECTORS, *([ID] if NATIONAL_WORDS.search(read) else []), *more]
    found = [one for detector in detectors for one in _by(detector, read)]
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, one.start - one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _by(detector: Detector, text: str) -> Iterator[Found]:
    for match in detector.pattern.finditer(text):
        if detector.is_one(match.group()):
            yield Found(detector.kind, match.start(), match.end(), detector.data)


def texts(value: Any, deep: int = 0) -> Iterator[str]:
    """Every text in a JSON value, and every number as it is written."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int() | float():
            yield str(value)
        case dict():
            inner: Iterable[Any] = value.values()
            yield from (text for one in inner for text in texts(one, deep + 1) if deep < DEEPEST)
        case list():
            yield from (text for one in value for text in texts(one, deep + 1) if deep < DEEPEST)


def kinds(value: Any, more: Iterable[Detector] = ()) -> dict[str, str]:
    """What kinds are found anywhere in a JSON value, each with the class that it is of."""
    search = partial(find, more=tuple(more))
    return {one.kind: one.data for text in texts(value) for one in search(text)}
