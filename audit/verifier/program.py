"""`python verify.pyz PACK`: whether a record is whole. Exit 0: it is. 1: it is not. 2: that could not be found out."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import parts
from .checking import Check, Findings, Held
from .notes import BadNote, Key
from .packs import BadPack, Pack, exhibit_faults, notes_in

WHOLE, CHANGED, UNKNOWN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, check, say."""
    asked = _parser().parse_args(arguments)
    try:
        with Pack(asked.pack) as pack:
            found = check(pack, _keys(asked.key, pack), [held for path in asked.known for held in _known(path)])
    except (BadPack, BadNote, OSError, UnicodeDecodeError) as error:
        print(f"It could not be found out: {error}", file=sys.stderr)
        return UNKNOWN
    _say(found, came_with_it=not asked.key)
    return WHOLE if found.whole else CHANGED


def check(pack: Pack, keys: Sequence[Key], known: Sequence[Held]) -> Findings:
    """Everything in a pack: entries, the tree over them, exhibits."""
    manifest = pack.manifest()
    held = [*pack.notes(), *known]
    if manifest.get("form") == "picked":
        found = parts.picked(pack, held, keys)
    else:
        start = parts.start(manifest)
        found = Check(held, keys, start, after=parts.after(manifest)).run(pack.entries(), progress=_progress)
    for fault in exhibit_faults(pack):
        found.tell(fault)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify.pyz", description=__doc__)
    parser.add_argument("pack", type=Path, metavar="PACK", help="a ZIP file or folder that Handrail wrote")
    parser.add_argument("--key", metavar="KEY", help="the public key, or a file with it, from somewhere else than the pack")
    parser.add_argument(
        "--known", type=Path, action="append", default=[], metavar="FILE",
        help="checkpoints that somebody outside holds: a file of anchors, a receipt, a mail (may be given again)",
    )  # fmt: skip
    return parser


def _keys(given: str | None, pack: Pack) -> list[Key]:
    if not given:
        return [pack.key()]
    path = Path(given)
    text = path.read_text("utf-8") if "+" not in given and path.is_file() else given
    return [Key.read(line) for line in text.splitlines() if line.strip()]


def _known(path: Path) -> list[Held]:
    return [Held(note, path.name) for note in notes_in(path.read_text("utf-8"))]


def _progress(count: int) -> None:
    print(f"{count} entries …", file=sys.stderr)


def _say(found: Findings, *, came_with_it: bool) -> None:
    print(f"{found.entries} entries, {found.signed} signed checkpoints, {found.erased} erased personal parts.")
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
