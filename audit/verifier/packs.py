"""Reading a pack: a folder, or a ZIP file of one, that holds entries, checkpoints, exhibits and a public key.

record.jsonl      a line for each entry, in the order of their numbers
checkpoints.txt   signed notes, oldest first; the last one covers every entry
manifest.json     what the pack is of, and for a part of the record the proof of where it stands
exhibits.jsonl    what was seen and done, each with its salt: the entries name its salted hash
signer.pub        the public keys of the record, the one that signs now first
"""

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from . import events
from .events import Entry
from .findings import Held
from .notes import BadNote, Key

LARGEST = 64 * 1024 * 1024  # bytes of one line: no entry is larger
NOTES = re.compile(r"[^\n]+\n\d+\n[^\n]+\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+")


class BadPack(ValueError):
    """It is no pack, or a part of it is missing or cannot be read."""


class Pack:
    """One pack, opened. Its files are read line by line, however long they are."""

    def __init__(self, path: Path) -> None:
        self._open = ExitStack()
        self._zip: zipfile.ZipFile | None = None
        if path.is_dir():
            self._folder = path
        elif zipfile.is_zipfile(path):
            self._zip = self._open.enter_context(zipfile.ZipFile(path))
        else:
            raise BadPack(f"{path} is neither a folder nor a ZIP file.")

    def __enter__(self) -> "Pack":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def manifest(self) -> dict[str, Any]:
        """What it is of."""
        try:
            with self._text("manifest.json") as text:
                found = json.load(text)
        except ValueError as error:
            raise BadPack(f"manifest.json cannot be read: {error}.") from None
        if not isinstance(found, dict):
            raise BadPack("manifest.json says nothing.")
        return found

    def size(self) -> int:
        """How many entries the checkpoint covers that the pack was made for."""
        return self._number("size")

    def count(self) -> int:
        """How many entries were packed."""
        return self._number("count")

    def keys(self) -> list[Key]:
        """The keys that came with it: the one that signs now, then those before."""
        with self._text("signer.pub") as text:
            return [Key.read(line) for line in text.read(100_000).splitlines() if line.strip()]

    def notes(self) -> list[Held]:
        """The checkpoints that came with it."""
        with self._text("checkpoints.txt") as text:
            return [Held(note) for note in notes_in(text.read())]

    def entries(self) -> Iterator[Entry]:
        """Every entry, in the order in which they stand there."""
        for number, line in enumerate(self._lines("record.jsonl"), 1):
            try:
                yield events.read(line)
            except ValueError as error:
                raise BadPack(f"Line {number} of record.jsonl: {error}") from None

    def proofs(self) -> Iterator[tuple[int, list[bytes]]]:
        """Of entries that do not follow on each other: each one's number and its proof."""
        for number, line in enumerate(self._lines("record.jsonl"), 1):
            try:
                found = json.loads(line)
                yield int(found["leaf_index"]), [bytes.fromhex(one) for one in found["proof"]]
            except (KeyError, TypeError, ValueError):
                raise BadPack(f"Line {number} of record.jsonl has no proof.") from None

    def exhibits(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Commitment, salt and content of each thing that was seen or done."""
        if not self._has("exhibits.jsonl"):
            return
        for number, line in enumerate(self._lines("exhibits.jsonl"), 1):
            try:
                found = json.loads(line)
                yield found["commitment"], bytes.fromhex(found["salt"]), bytes.fromhex(found["content"])
            except (KeyError, TypeError, ValueError):
                raise BadPack(f"Line {number} of exhibits.jsonl cannot be read.") from None

    def _number(self, name: str) -> int:
        found = self.manifest().get(name)
        if not isinstance(found, int) or isinstance(found, bool):
            raise BadPack(f"manifest.json does not say its {name}.")
        return found

    def _lines(self, name: str) -> Iterator[str]:
        with self._text(name) as text:
            while line := text.readline(LARGEST):
                if line.strip():
                    yield line

    def _has(self, name: str) -> bool:
        return name in self._zip.namelist() if self._zip else (self._folder / name).is_file()

    def _text(self, name: str) -> TextIO:
        try:
            if self._zip:
                return TextIOWrapper(self._zip.open(name), "utf-8", newline="\n")
            return (self._folder / name).open(encoding="utf-8", newline="\n")
        except (KeyError, OSError):
            raise BadPack(f"{name} is missing.") from None


def notes_in(text: str) -> list[str]:
    """Every signed note in a text."""
    found = NOTES.findall(text)
    if text.strip() and not found:
        raise BadNote("No signed checkpoint stands there.")
    return found


def exhibit_faults(pack: Pack) -> Iterator[str]:
    """Which exhibits are not what their hash says."""
    for commitment, salt, content in pack.exhibits():
        if sha256(salt + content).hexdigest() != commitment:
            yield f"The exhibit {commitment[:12]}… is not what was hashed."
