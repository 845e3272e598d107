"""`python verify.pyz PACK`: whether a record is whole. Exit 0: it is. 1: it is not. 2: that could not be found out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import parts, trust
from .checking import Check
from .findings import Claim, Findings, Held
from .notes import BadNote, Key
from .packs import BadPack, Pack, exhibit_faults, notes_in
from .receipts import BEGINS, BadReceipt, Receipt

WHOLE, CHANGED, UNKNOWN = 0, 1, 2


class Known(NamedTuple):
    """What somebody outside holds: checkpoints, and what receipts say of single entries."""

    held: list[Held]
    claims: list[Claim]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, check, say."""
    asked = _parser().parse_args(arguments)
    try:
        given = _given(asked.key)
        if _is_receipt(asked.pack):
            return _receipt(asked.pack, given)
        with Pack(asked.pack) as pack:
            found = check(pack, given, known(asked.known))
    except (BadPack, BadNote, BadReceipt, OSError, UnicodeDecodeError) as error:
        print(f"It could not be found out: {error}", file=sys.stderr)
        return UNKNOWN
    say(found, came_with_it=not given)
    return WHOLE if found.whole else CHANGED


def check(pack: Pack, given: Sequence[Key], known: Known) -> Findings:
    """Everything in a pack: entries, the tree over them, exhibits. Where no key is given, those of the pack count."""
    manifest, offered, notes = pack.manifest(), pack.keys(), pack.notes()
    keys = trust.linked(given, offered, [one.note for one in notes]) if given else offered
    held = [*notes, *known.held]
    if manifest.get("form") == "picked":
        found = parts.picked(pack, held, keys, known.claims)
    else:
        start, after = parts.start(manifest), parts.after(manifest)
        found = Check(held, keys, start, after=after, claims=known.claims).run(pack.entries(), progress=_progress)
        if found.entries != pack.count():
            found.tell(f"{pack.count()} entries were packed, and {found.entries} are here.")
    for fault in exhibit_faults(pack):
        found.tell(fault)
    return found


def known(paths: Sequence[Path]) -> Known:
    """What these files hold: anchors, receipts, mails."""
    held, claims = [], []
    for path in paths:
        text = path.read_text("utf-8")
        held += [Held(note, path.name) for note in notes_in(text)]
        if text.startswith(BEGINS):
            claims.append(Receipt.read(text).claim(path.name))
    return Known(held, claims)


def say(found: Findings, *, came_with_it: bool = False) -> None:
    """Tell what was found, in words."""
    absent = f"{found.absent} personal parts erased or left out"
    print(f"{found.entries} entries, {found.signed} signed checkpoints, {absent}.")
    if found.newest:
        print(f"The newest checkpoint of {found.newest.origin} is {found.newest.short}.")
    if came_with_it:
        print("The key came with the pack: compare its fingerprint with one from elsewhere, or give --key.")
    for key in found.keys:
        print(f"Key: {key}\nFingerprint: {key.fingerprint}")
    if found.whole:
        print("WHOLE: nothing was changed, removed, added or moved.")
        return
    print("NOT WHOLE:", file=sys.stderr)
    for sentence in found.wrong:
        print(f"  {sentence}", file=sys.stderr)
    if found.more:
        print(f"  and {found.more} more.", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.pyz", description=__doc__)
    parser.add_argument(
        "pack", type=Path, metavar="PACK", help="a ZIP file or folder that Handrail wrote, or a receipt (with --key)"
    )
    parser.add_argument("--key", metavar="KEY", help="the public key, or a file with it, from elsewhere than the pack")
    parser.add_argument(
        "--known", type=Path, action="append", default=[], metavar="FILE",
        help="checkpoints that somebody outside holds: a file of anchors, a receipt, a mail (may be given again)",
    )  # fmt: skip
    return parser


def _given(key: str | None) -> list[Key]:
    if not key:
        return []
    path = Path(key)
    text = path.read_text("utf-8") if path.is_file() else key
    return [Key.read(line) for line in text.splitlines() if line.strip()]


def _is_receipt(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(BEGINS)) == BEGINS.encode()


def _receipt(path: Path, given: Sequence[Key]) -> int:
    """A receipt by itself: whether the entry that it is for is in the record that was signed."""
    if not given:
        raise BadReceipt("A receipt is checked with the public key of the record: give --key.")
    receipt = Receipt.read(path.read_text("utf-8"))
    checkpoint, holds = receipt.checked(given)
    for name, value in receipt.lines.items():
        print(f"{name}: {value}")
    print(f"Entry {receipt.number} of {checkpoint.origin}, under the checkpoint {checkpoint.short}.")
    print("WHOLE: it is in the record that was signed." if holds else "NOT WHOLE: the proof does not lead there.")
    return WHOLE if holds else CHANGED


def _progress(count: int) -> None:
    print(f"{count} entries …", file=sys.stderr)
