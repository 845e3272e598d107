"""Made-up customers: the data has questions, but rightly nobody's name."""

import unicodedata
from pathlib import Path

NAMES = (Path(__file__).parent / "data" / "names.txt").read_text("utf-8").splitlines()
FIRST, LAST = NAMES[0].split(), NAMES[1].split()
# Domains kept for examples by RFC 2606: nothing sent there can reach anybody.
DOMAINS = ("example.com", "example.net", "example.org")


def customer(number: int) -> tuple[str, str]:
    """The name of customer `number`, counted from 0, and an e-mail address that belongs to one alone."""
    first, last = FIRST[number % len(FIRST)], LAST[number * 7 % len(LAST)]
    return f"{first} {last}", f"{_plain(first)}.{_plain(last)}.{number + 1}@{DOMAINS[number % len(DOMAINS)]}"


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
