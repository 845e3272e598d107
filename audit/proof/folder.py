"""What the signer keeps outside the database: its key, what it signed last, and the file of anchors.

`signer.key` signs and is its owner's alone; `signer.pub` is for everybody; `signed` holds the newest note. Whoever
can change the database and not this folder can forge nothing that is not seen.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from audit.verifier.notes import BadNote, Checkpoint, Key, SecretKey, parted


class NoKey(RuntimeError):
    """The signer's folder cannot be read or written, or does not hold what it should."""


@dataclass(frozen=True)
class Folder:
    """The folder of one installation's signer."""

    root: Path

    @classmethod
    def here(cls) -> "Folder":
        """That of this installation."""
        return cls(Path(settings.HANDRAIL_LEDGER_FOLDER))

    @property
    def anchors(self) -> Path:
        """The file outside the database into which checkpoints are put."""
        return self.root / "anchors.txt"

    def secret(self) -> SecretKey:
        """The key that signs; made at the first use."""
        try:
            if not self._secret.exists():
                self.replace(SecretKey.new(settings.HANDRAIL_LEDGER_NAME))
            return SecretKey.read(self._secret.read_text("utf-8"))
        except (OSError, BadNote) as error:
            raise NoKey(f"The key of the record cannot be used: {error}") from error

    def replace(self, key: SecretKey) -> None:
        """Put another key in the place of the one that signs."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._put(self._secret, f"{key}\n", 0o600)
        self._put(self.root / "signer.pub", f"{key.public}\n", 0o644)

    def public(self) -> Key:
        """The key that checks."""
        try:
            return Key.read((self.root / "signer.pub").read_text("utf-8"))
        except (OSError, BadNote) as error:
            raise NoKey(f"The public key of the record cannot be read: {error}") from error

    def signed(self) -> Checkpoint | None:
        """The newest checkpoint that was signed here; None before the first."""
        try:
            note = self._signed.read_text("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NoKey(f"What was signed last cannot be read: {error}") from error
        try:
            return Checkpoint.read(parted(note)[0])
        except BadNote as error:
            raise NoKey(f"What was signed last is not whole: {error}") from error

    def remember(self, note: str) -> None:
        """Keep the newest note. It is kept after the database has it, so that the database is never behind."""
        try:
            self._put(self._signed, note, 0o644)
        except OSError as error:
            raise NoKey(f"What was signed cannot be kept: {error}") from error

    @property
    def _secret(self) -> Path:
        return self.root / "signer.key"

    @property
    def _signed(self) -> Path:
        return self.root / "signed"

    @staticmethod
    def _put(path: Path, text: str, mode: int) -> None:
        unfinished = path.with_name(f"{path.name}.new")
        unfinished.touch(mode=mode)
        unfinished.write_text(text, "utf-8")
        os.replace(unfinished, path)
