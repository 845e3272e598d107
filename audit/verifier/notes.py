"""Signed notes (C2SP signed-note) with Ed25519, and the checkpoints of a log that they carry (C2SP tlog-checkpoint).

A public key is written `name+id+key`, a secret one `PRIVATE+KEY+name+id+key`: the id is four bytes in hex, the key
base64 with the kind of signature (1) in front.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
SECRET = "PRIVATE+KEY+"  # noqa: S105 - how a written secret key begins
DASH = "— "
LONGEST = 10_000  # characters of a note


class BadNote(ValueError):
    """It is no note, no key, or not signed by a key that is known."""


@dataclass(frozen=True)
class Key:
    """A public key by its name."""

    name: str
    raw: bytes

    @classmethod
    def read(cls, written: str) -> "Key":
        """A key from its written form."""
        try:
            name, number, rest = written.strip().split("+", 2)
            kept = base64.b64decode(rest, validate=True)
        except (ValueError, binascii.Error):
            raise BadNote("That is no public key: it is written name+id+key.") from None
        key = cls(name, kept[1:])
        if kept[:1] != ED25519 or len(kept) != 33 or key.id.hex() != number or not _is_name(name):
            raise BadNote(f"The public key of {name!r} is not whole.")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature says whose it is."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """The key's SHA-256 in groups of four, to be read out and compared."""
        digest = sha256(ED25519 + self.raw).hexdigest()[:32]
        return " ".join(digest[place : place + 4] for place in range(0, 32, 4))

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.raw).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SecretKey:
    """What signs."""

    name: str
    seed: bytes

    @classmethod
    def new(cls, name: str) -> "SecretKey":
        """One that nobody had before."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, written: str) -> "SecretKey":
        """A key from its written form."""
        name, _, rest = written.strip().removeprefix(SECRET).partition("+")
        try:
            number, _, body = rest.partition("+")
            kept = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise BadNote("That is no secret key.") from None
        if not written.strip().startswith(SECRET) or kept[:1] != ED25519 or len(kept) != 33:
            raise BadNote("That is no secret key.")
        key = cls(name, kept[1:])
        if key.public.id.hex() != number:
            raise BadNote("The secret key is not whole.")
        return key

    @property
    def public(self) -> Key:
        """What checks its signatures."""
        return Key(self.name, self._key.public_key().public_bytes_raw())

    def __str__(self) -> str:
        return f"{SECRET}{self.name}+{self.public.id.hex()}+{base64.b64encode(ED25519 + self.seed).decode()}"

    def __repr__(self) -> str:
        return f"SecretKey({self.name!r})"

    def sign(self, text: bytes) -> bytes:
        """64 bytes over these bytes."""
        return self._key.sign(text)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: whose it is, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def short(self) -> str:
        """`size:root` in hex, as it stands in receipts and under reports."""
        return f"{self.size}:{self.root.hex()}"

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """The checkpoint in a note's text. Lines after the third belong to others."""
        lines = text.split("\n")
        try:
            origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
        except (IndexError, binascii.Error):
            raise BadNote("That is no checkpoint: it has origin, size and root, a line each.") from None
        if not origin or not size.isascii() or not size.isdigit() or str(int(size)) != size or len(root) != 32:
            raise BadNote("That is no checkpoint: its size or its root is not one.")
        return cls(origin, int(size), root)


def signed(text: str, keys: Sequence[SecretKey]) -> str:
    """A note: the text, and a line for each signature."""
    lines = [f"{DASH}{key.name} {base64.b64encode(key.public.id + key.sign(text.encode())).decode()}" for key in keys]
    return text + "\n" + "".join(line + "\n" for line in lines)


def opened(note: str, keys: Iterable[Key]) -> tuple[Checkpoint, list[Key]]:
    """The checkpoint in a note, and which of these keys signed it. `BadNote` where none did, or one did wrongly."""
    text, signatures = parted(note)
    found = []
    known = {(key.name, key.id): key for key in keys}
    for name, number, signature in signatures:
        key = known.get((name, number))
        if key is None:
            continue
        if not key.signed(text.encode(), signature):
            raise BadNote(f"The signature of {name} does not fit the checkpoint.")
        found.append(key)
    if not found:
        raise BadNote("The checkpoint is signed by no key that is known here.")
    return Checkpoint.read(text), found


def parted(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The signed text of a note, and its signatures as name, key id and bytes."""
    text, blank, rest = note.rpartition("\n\n")
    if not blank or len(note) > LONGEST or not rest.endswith("\n"):
        raise BadNote("That is no signed note.")
    return text + "\n", [_signature(line) for line in rest[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, written = line.removeprefix(DASH).partition(" ")
    try:
        kept = base64.b64decode(written, validate=True)
    except binascii.Error:
        kept = b""
    if not line.startswith(DASH) or len(kept) < 5 or not _is_name(name):
        raise BadNote("A signature of the note is not written as one.")
    return name, kept[:4], kept[4:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)
