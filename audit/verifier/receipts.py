"""Receipts: what somebody holds of one entry, as text that a person can read and this program can check."""

from collections.abc import Sequence
from typing import NamedTuple

from . import tree
from .findings import Claim
from .notes import Checkpoint, Key, opened

BEGINS = "Handrail receipt"


class BadReceipt(ValueError):
    """It is no receipt, or not whole."""


class Receipt(NamedTuple):
    """One entry, its place, and the proof of that against a signed checkpoint."""

    lines: dict[str, str]  # what it says for people, by name
    number: int
    leaf_hash: bytes
    proof: list[bytes]
    note: str

    def __str__(self) -> str:
        said = {
            **self.lines,
            "number": str(self.number),
            "entry": self.leaf_hash.hex(),
            "proof": " ".join(one.hex() for one in self.proof) or "-",
        }
        return "\n".join([BEGINS, "", *(f"{name}: {value}" for name, value in said.items()), "", self.note])

    @classmethod
    def read(cls, text: str) -> "Receipt":
        """A receipt from its text."""
        head, blank, rest = text.partition("\n\n")
        told, blank_too, note = rest.partition("\n\n")
        if head.strip() != BEGINS or not blank or not blank_too:
            raise BadReceipt(f"A receipt begins with {BEGINS!r}, and ends with a signed checkpoint.")
        lines = dict(line.partition(": ")[::2] for line in told.splitlines())
        try:
            number, entry, proof = int(lines.pop("number")), lines.pop("entry"), lines.pop("proof")
            hashes = [bytes.fromhex(one) for one in proof.split() if one != "-"]
            return cls(lines, number, bytes.fromhex(entry), hashes, note)
        except (KeyError, ValueError):
            raise BadReceipt("The receipt has no number, entry or proof that can be read.") from None

    def claim(self, where: str) -> Claim:
        """What it says of the record."""
        return Claim(self.number, self.leaf_hash, where)

    def checked(self, keys: Sequence[Key]) -> tuple[Checkpoint, bool]:
        """The checkpoint that it carries, and whether the proof leads there. `BadNote` where nobody known signed it."""
        checkpoint, _ = opened(self.note, keys)
        return checkpoint, tree.is_included(self.leaf_hash, self.number, checkpoint.size, self.proof, checkpoint.root)
