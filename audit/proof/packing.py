"""Evidence packs: entries with all that belongs to them and the proof of where they stand, as one ZIP that streams.

Whoever gets it needs nothing of ours: the verifier and a page to read are in it. See `audit.verifier.packs`.
"""

import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDate

from audit.clock_time import now
from audit.models import Event, Exhibit, Leaf
from audit.proof import proofs
from audit.proof.folder import Folder
from audit.proof.program import NAME, verifier
from audit.proof_models import Checkpoint
from audit.reading import exports

SLICE = 500
README = """Evidence from the record of {workspace}.

Made at {at}. {count} entries, proven against the checkpoint
{short}

To read: open record.html in a browser.
To check, with Python 3.11 or newer and the package `cryptography`:

    python verify.pyz {name} --key 'THE PUBLIC KEY, AS YOU GOT IT FROM ELSEWHERE'

It answers WHOLE (exit 0), or says what was changed, where and since when (exit 1). The key in this pack is
    {key}
    {fingerprint}
and proves nothing by itself: compare it with one that you were given by another way. With --known FILE the pack is held
against checkpoints that somebody outside has kept: a file of anchors, a receipt, a mail.
"""

type Form = Literal["whole", "stretch", "picked"]
type Page = Callable[[Sequence[Leaf]], str]  # of the page to read: some entries


@dataclass(frozen=True)
class Wanted:
    """What goes into a pack: these leaves, under this checkpoint. `first` and `end` bound a stretch.

    `read` writes the page to read; `without` leaves out what is personal, and the exhibits.
    """

    leaves: QuerySet[Leaf]
    checkpoint: Checkpoint
    form: Form
    name: str
    read: Page
    first: int = 0
    end: int = 0
    without: bool = False
    filters: dict[str, Any] | None = None


class _Sink:
    """What a ZIP is written into, and taken out of bit by bit."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


async def stream(wanted: Wanted) -> AsyncIterator[bytes]:
    """The ZIP, slice by slice, each read in a short query of its own."""
    chunks = pack(wanted)
    while (chunk := await sync_to_async(_next)(chunks)) is not None:
        yield chunk


def _next(chunks: Iterator[bytes]) -> bytes | None:
    try:
        return next(chunks, None)
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


def pack(wanted: Wanted) -> Iterator[bytes]:
    """The bytes of the ZIP."""
    sink, at = _Sink(), now()
    counted = [0]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # it writes alone
        for name, texts in _files(wanted, counted, at):
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as member:
                for text in texts:
                    member.write(text if isinstance(text, bytes) else text.encode())
                    if chunk := sink.take():
                        yield chunk
    yield sink.take()


def _files(wanted: Wanted, counted: list[int], at: datetime) -> Iterator[tuple[str, Iterable[str | bytes]]]:
    yield NAME, [verifier()]
    yield "signer.pub", (f"{key}\n" for key in Folder.here().publics())
    yield "checkpoints.txt", (f"{note}\n" for note in _notes(wanted))
    yield "record.jsonl", _lines(wanted, counted)
    if not wanted.without:
        yield "exhibits.jsonl", _exhibits(wanted)
    yield "record.html", (wanted.read(leaves) for leaves in (*_slices(wanted), []))
    yield "README.txt", [_readme(wanted, counted[0], at)]
    yield "manifest.json", [json.dumps(_manifest(wanted, counted[0], at), indent=2, ensure_ascii=False)]


def _manifest(wanted: Wanted, count: int, at: datetime) -> dict[str, Any]:
    size = wanted.checkpoint.tree_size
    told: dict[str, Any] = {
        "form": wanted.form,
        "workspace": settings.HANDRAIL_WORKSPACE,
        "made_at": at.isoformat(timespec="seconds"),
        "size": size,
        "count": count,
        "filters": wanted.filters or {},
        "without_personal": wanted.without,
    }
    if wanted.form == "stretch":
        before = proofs.before(wanted.first)
        told["before"] = {"size": before.size, "roots": [one.hex() for one in before.roots]}
        told["after"] = [one.hex() for one in proofs.after(wanted.end, size)]
    return told


def _readme(wanted: Wanted, count: int, at: datetime) -> str:
    key = Folder.here().public()
    return README.format(
        workspace=settings.HANDRAIL_WORKSPACE,
        at=at.isoformat(timespec="seconds"),
        count=count,
        short=wanted.checkpoint.short,
        name=wanted.name,
        key=key,
        fingerprint=key.fingerprint,
    )


def _notes(wanted: Wanted) -> Iterable[str]:
    """The checkpoint that covers everything, those of two keys, and of a stretch the last one of each day."""
    rows = Checkpoint.objects.filter(tree_size__lte=wanted.checkpoint.tree_size)
    sizes = {wanted.checkpoint.tree_size, *rows.filter(keys__gt=1).values_list("tree_size", flat=True)}
    if wanted.form != "picked":
        within = rows.filter(tree_size__gt=wanted.first, tree_size__lte=wanted.end).order_by()
        days = within.annotate(day=TruncDate("created_at")).values("day").annotate(last=Max("tree_size"))
        sizes |= set(days.values_list("last", flat=True))
    return rows.filter(tree_size__in=sizes).order_by("tree_size").values_list("note", flat=True)


def _slices(wanted: Wanted) -> Iterator[list[Leaf]]:
    after = -1
    leaves = wanted.leaves.filter(leaf_index__lt=wanted.checkpoint.tree_size).order_by("leaf_index")
    while found := list(leaves.filter(leaf_index__gt=after)[:SLICE]):
        after = found[-1].leaf_index
        for leaf in found if wanted.without else ():
            _without_personal(leaf.event)
        yield found


def _without_personal(event: Event) -> None:
    event._state.fields_cache["personal"] = None


def _lines(wanted: Wanted, counted: list[int]) -> Iterator[str]:
    size = wanted.checkpoint.tree_size
    for leaves in _slices(wanted):
        counted[0] += len(leaves)
        rows = [exports.whole(leaf) for leaf in leaves]
        if wanted.form == "picked":
            proven = proofs.inclusions([leaf.leaf_index for leaf in leaves], size)
            rows = [{**row, "proof": [one.hex() for one in proof]} for row, proof in zip(rows, proven, strict=True)]
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _exhibits(wanted: Wanted) -> Iterator[str]:
    for leaves in _slices(wanted):
        named = [one for leaf in leaves for one in leaf.event.data.get("exhibits", {}).values()]
        for row in Exhibit.objects.filter(commitment__in=named).iterator() if named else ():
            told = {
                "commitment": row.commitment,
                "media_type": row.media_type,
                "salt": bytes(row.salt).hex(),
                "content": bytes(row.content).hex(),
            }
            yield json.dumps(told) + "\n"
