"""The only reader of the environment. Each helper refuses a wrong value in one sentence."""

import os
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "yes", "true", "on"}
NO = {"", "0", "no", "false", "off"}


def text(name: str, default: str = "") -> str:
    """The value of `name`, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or no."""
    value = text(name).lower()
    if not value:
        return default
    if value in YES | NO:
        return value in YES
    raise ImproperlyConfigured(f"{name} is {value!r}. Say yes or no.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number between `low` and `high`, both included."""
    value = text(name, str(default))
    if not value.isdecimal() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}. Give a whole number from {low} to {high}.")
    return int(value)


def amount(name: str) -> Decimal | None:
    """An amount of money; None where none is said."""
    if not (given := text(name)):
        return None
    try:
        said = Decimal(given)
    except InvalidOperation:
        said = Decimal("nan")
    if not said.is_finite() or said < 0:
        raise ImproperlyConfigured(f"{name} must be an amount such as 250.00, not {given!r}.")
    return said


def rates(name: str) -> dict[str, Decimal]:
    """What one unit of each currency is worth in US dollars: EUR=1.08 CHF=1.12. A dollar is a dollar."""
    found = {"USD": Decimal(1)}
    for pair in words(name):
        currency, _sign, worth = pair.partition("=")
        try:
            found[currency] = Decimal(worth)
        except InvalidOperation:
            raise ImproperlyConfigured(f"{name} must hold pairs such as EUR=1.08, not {pair!r}.") from None
    return found


def words(name: str, default: str = "") -> list[str]:
    """A list, parted by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def commands(name: str) -> dict[str, str]:
    """Command lines by name: `time: mcp-server-time --local-timezone UTC; notes: notes-server`."""
    found = {}
    for part in text(name).split(";"):
        if not part.strip():
            continue
        called, colon, line = part.partition(":")
        if not colon or not called.strip() or not line.strip():
            raise ImproperlyConfigured(f"{name} must hold parts such as time: mcp-server-time, not {part.strip()!r}.")
        found[called.strip()] = line.strip()
    return found


def hosts(name: str, default: str) -> dict[str, tuple[str, ...]]:
    """Hosts by a word before them: `slack: hooks.slack.com slack.com; mmost: inside:chat.example.org`."""
    found = {}
    for part in filter(str.strip, text(name, default).split(";")):
        called, colon, named = part.partition(":")
        if not colon or not called.strip().isalnum() or not named.split():
            raise ImproperlyConfigured(f"{name} must hold parts such as slack: hooks.slack.com, not {part.strip()!r}.")
        found[called.strip().lower()] = tuple(named.lower().split())
    return found


def folder(name: str, default: Path) -> Path:
    """A folder's absolute path; it need not exist yet."""
    return Path(text(name, str(default))).expanduser().resolve()


def folders(name: str) -> dict[str, Path]:
    """Folders by name: `invoices: /srv/invoices; letters: /srv/letters`. They need not exist yet."""
    found = {}
    for part in filter(str.strip, text(name).split(";")):
        called, colon, path = (word.strip() for word in part.partition(":"))
        if not colon or not called or not Path(path).is_absolute():
            raise ImproperlyConfigured(f"{name} must hold parts such as invoices: /srv/invoices, not {part.strip()!r}.")
        found[called] = Path(path)
    return found


def database(name: str, *, fallback: str = "") -> Mapping[str, Any]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket/folder` address."""
    address = text(name, text(fallback) if fallback else "")
    if not address:
        return {"ENGINE": "django.db.backends.dummy"}  # refuses every query with a sentence
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://. Handrail runs on PostgreSQL only.")
    options: dict[str, str] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "handrail",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(options.pop("port", parts.port or "")),
        "OPTIONS": options,
    }


class Names:
    """Which variables are set, for those who name a secret; `value` is for whoever makes the call that needs it."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(text(name))

    def value(self, name: str) -> str:
        """The value of a variable, or ""."""
        return text(name)
