"""Whether an event is as it was written: every hash of it worked out again, now."""

import hashlib
import json
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from audit import sealer
from audit.models import Event, Exhibit, Leaf
from audit.verifier import events

SHOWN = 100_000  # characters of an exhibit on a page


class Check(NamedTuple):
    """One hash: what it is of, what stands there, and whether it is what comes out now. None: nothing to check."""

    name: str
    stands: str
    agrees: bool | None
    said: str


class Shown(NamedTuple):
    """An exhibit as text."""

    name: str
    text: str
    cut: bool
    commitment: str = ""


type Kept = dict[str, Exhibit]


def kept(event: Event) -> Kept:
    """The exhibits of an event that stand in a table of their own, by commitment; erased ones are missing."""
    pointed = _pointed(event)
    return {row.commitment: row for row in Exhibit.objects.filter(commitment__in=pointed.values())} if pointed else {}


def checks(event: Event, leaf: Leaf | None, large: Kept) -> list[Check]:
    """Body, personal part and leaf, in that order, then the large exhibits."""
    found = [_exhibit(name, commitment, large.get(commitment)) for name, commitment in _pointed(event).items()]
    return [_body(event), _personal(event), _leaf(event, leaf), *found]


def _body(event: Event) -> Check:
    agrees = hashlib.sha256(event.body.encode()).hexdigest() == event.body_hash
    return Check(_("Body"), event.body_hash, agrees, _said(agrees))


def _personal(event: Event) -> Check:
    part = getattr(event, "personal", None)
    if not event.personal_hash:
        return Check(_("Personal part"), "", None, _("It never had one."))
    if part is None:
        return Check(_("Personal part"), event.personal_hash, None, _("Erased. The hash stays, and so does the proof."))
    agrees = hashlib.sha256(bytes(part.salt) + part.data.encode()).hexdigest() == event.personal_hash
    return Check(_("Personal part"), event.personal_hash, agrees, _said(agrees))


def _leaf(event: Event, leaf: Leaf | None) -> Check:
    if leaf is None:
        return Check(_("Leaf"), "", None, _("It waits for its number."))
    stands = bytes(leaf.leaf_hash)
    agrees = events.leaf_hash(sealer.of(event)) == stands
    return Check(_("Leaf"), stands.hex(), agrees, _said(agrees))


def _exhibit(name: str, commitment: str, row: Exhibit | None) -> Check:
    label = _("Exhibit %(name)s") % {"name": name}
    if row is None:
        return Check(label, commitment, None, _("Erased. The hash stays, and so does the proof."))
    agrees = hashlib.sha256(bytes(row.salt) + bytes(row.content)).hexdigest() == commitment
    return Check(label, commitment, agrees, _said(agrees))


def _said(agrees: bool) -> str:
    return _("Unchanged since it was written.") if agrees else _("It is not what was written.")


def exhibits(event: Event, large: Kept) -> list[Shown]:
    """What was seen or done, as text: small ones from the personal part, large ones from their table."""
    small = [_shown(name, value) for name, value in event.about.get("exhibits", {}).items()]
    pointed = {name: large[commitment] for name, commitment in _pointed(event).items() if commitment in large}
    return small + [_shown(name, _read(row), row.commitment) for name, row in pointed.items()]


def _pointed(event: Event) -> dict[str, str]:
    return dict(event.data.get("exhibits", {}))


def _read(row: Exhibit) -> Any:
    content = bytes(row.content)
    return json.loads(content) if row.media_type == "application/json" else content.decode("utf-8", "replace")


def _shown(name: str, value: Any, commitment: str = "") -> Shown:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return Shown(name, text[:SHOWN], len(text) > SHOWN, commitment)
