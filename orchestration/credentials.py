"""Keys of models, by reference: `env:NAME`, `file:/path` or `kept:NAME`. Only whoever makes a call asks for the value.

A value stands in no row, log or event: `Way` shows all but the key, and what is missing is told by its reference.
"""

import os
import re
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from audit import hot
from orchestration import encrypted
from orchestration.models import KeptKey, Model

PURPOSE = b"handrail: keys of models"
LARGEST = 16 * 1024  # bytes of a file
BELIEVED = 5.0  # seconds that remembered keys are believed where the database can be asked
# Variables that open this installation itself: no model is given one of them.
OURS = re.compile(r"HANDRAIL_|DJANGO_|PG[A-Z]+$|(MIGRATE_)?DATABASE_URL$|REDIS_URL$")

_kept: dict[str, str] = {}  # closed, by name
_looked = float("-inf")


class KeyMissing(Exception):
    """The key is not where the reference says: a sentence that names the reference, never the key."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is reached, as `call.acomplete` is told. `public_only`: its address must not lie inside the house."""

    route: str
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    public_only: bool = False


def way(row: Model) -> Way:
    """How a model is reached now, with its key. Or `KeyMissing`."""
    return Way(
        row.asked, row.endpoint or None, value(row.secret) or None, bool(row.endpoint) and not row.private_endpoint
    )


def value(reference: str) -> str:
    """The key that a reference names; "" for no reference. Or `KeyMissing`."""
    if not reference:
        return ""
    sort, _colon, name = reference.partition(":")
    if sort not in READING:
        raise KeyMissing("The key is not named as env:, file: or kept:.")
    found = READING[sort](name)
    if not found.isprintable():
        raise KeyMissing(f"{reference} holds more than one line, so it is no key.")
    return found


def missing(references: Iterable[str]) -> dict[str, str]:
    """Why there is no key for some of these references, each in a sentence. One query at the most."""
    wanted, told = {one for one in references if one}, {}
    names = {one.removeprefix("kept:") for one in wanted if one.startswith("kept:")}
    rows = KeptKey.objects.filter(name__in=names).values_list("name", "closed") if names else []
    closed = dict(rows)
    for reference in sorted(wanted):
        sort, _colon, name = reference.partition(":")
        try:
            if sort == "kept":
                _opened(name, closed.get(name))
            else:
                value(reference)
        except KeyMissing as error:
            told[reference] = str(error)
    return told


def remember(closed: Mapping[str, str]) -> None:
    """The kept keys as they are now, still closed: for event loops, which cannot ask the database."""
    global _kept, _looked
    _kept, _looked = dict(closed), time.monotonic()


def forget() -> None:
    """Ask again at the next chance."""
    global _kept, _looked
    _kept, _looked = {}, float("-inf")


def close(key: str) -> str:
    """A key as it is kept."""
    return encrypted.close(key, PURPOSE)


def renewed(closed: str) -> str | None:
    """A kept key under the secret key of today; None where it is under that already, or cannot be read."""
    return encrypted.renewed(closed, PURPOSE)


def refuses(variable: str) -> bool:
    """Whether a variable opens this installation itself."""
    return OURS.match(variable) is not None


def _of_environment(name: str) -> str:
    if refuses(name):
        raise KeyMissing(f"{name} belongs to Handrail itself, and is given to no model.")
    found: str = settings.HANDRAIL_SECRETS.value(name)
    if not found:
        raise KeyMissing(f"{name} is not in the environment.")
    return found


def _of_file(name: str) -> str:
    folder = Path(settings.HANDRAIL_SECRETS_FOLDER).resolve()
    path = Path(name).resolve()
    if not path.is_relative_to(folder) or path == folder:
        raise KeyMissing(f"file:{name} does not lie in the folder for secrets.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise KeyMissing(f"file:{name} cannot be read.") from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise KeyMissing(f"file:{name} is no file.")
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            raise KeyMissing(f"file:{name} can be read by everybody on the host. Take that right away: chmod o= it.")
        content = os.read(handle, LARGEST + 1)
    finally:
        os.close(handle)
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise KeyMissing(f"file:{name} holds no text.") from None
    if not text or len(content) > LARGEST:
        raise KeyMissing(f"file:{name} is {'too long' if text else 'empty'}, so it holds no key.")
    return text


def _of_kept(name: str) -> str:
    if time.monotonic() - _looked < BELIEVED or not hot.can_ask():
        return _opened(name, _kept.get(name))
    return _opened(name, KeptKey.objects.filter(name=name).values_list("closed", flat=True).first())


def _opened(name: str, closed: str | None) -> str:
    if closed is None:
        raise KeyMissing(f"There is no kept key called {name}.")
    try:
        return encrypted.open_up(closed, PURPOSE)
    except encrypted.Lost:
        told = f"The kept key {name} was closed under another secret key of this installation. Give it anew."
        raise KeyMissing(told) from None


READING = {"env": _of_environment, "file": _of_file, "kept": _of_kept}
