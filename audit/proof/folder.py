"""What the signer keeps outside the database: its key, what it signed last, and the file of anchors.

`signer.key` signs and is its owner's alone; `signer.pub` is for everybody; `signed` holds the newest note, and
`signer.next` the key that follows, until both have signed. Whoever can change the database and not this folder can
forge nothing that is not seen.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from audit.verifier.notes import BadNote, Checkpoint, Key, SecretKey, parted
from audit.verifier.packs import notes_in


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

    def secrets(self) -> list[SecretKey]:
        """What signs the next checkpoint: the key, and the one that is to follow it."""
        key = self.secret()
        try:
            return [key, SecretKey.read(self._next.read_text("utf-8"))] if self._next.exists() else [key]
        except (OSError, BadNote) as error:
            raise NoKey(f"The key that is to follow cannot be used: {error}") from error

    def replace(self, key: SecretKey) -> None:
        """Put another key in the place of the one that signs. The public keys of all before stay."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = [str(one) for one in self.publics() if one != key.public] if self._public.exists() else []
        self._put(self._public, "".join(f"{line}\n" for line in (str(key.public), *before)), 0o644)
        self._put(self._secret, f"{key}\n", 0o600)

    def announce(self, key: SecretKey) -> None:
        """Let a key follow: the next checkpoint is signed by both."""
        self._put(self._next, f"{key}\n", 0o600)

    def hand_over(self) -> None:
        """The key that was announced signs from now on."""
        self.replace(SecretKey.read(self._next.read_text("utf-8")))
        self._next.unlink()

    def public(self) -> Key:
        """The key that checks what is signed now."""
        return self.publics()[0]

    def publics(self) -> list[Key]:
        """Every key that ever signed here, the newest first."""
        try:
            found = [Key.read(line) for line in self._public.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, BadNote) as error:
            raise NoKey(f"The public key of the record cannot be read: {error}") from error
        if not found:
            raise NoKey("The file of public keys is empty.")
        return found

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

    def kept_outside(self) -> list[tuple[str, str]]:
        """Every note that is kept here, with where: the one signed last, and those in the file of anchors."""
        try:
            found = [("the signer's folder", self._signed.read_text("utf-8"))] if self._signed.exists() else []
            if self.anchors.exists():
                found += [("the file of anchors", note) for note in notes_in(self.anchors.read_text("utf-8"))]
        except (OSError, BadNote) as error:
            raise NoKey(f"What was kept outside of the database cannot be read: {error}") from error
        return found

    def put_aside(self, moment: datetime) -> None:
        """Forget what was signed last, so that signing begins again. The note is kept beside it."""
        if self._signed.exists():
            os.replace(self._signed, self.root / f"signed.{moment:%Y%m%dT%H%M%S}")

    @property
    def _public(self) -> Path:
        return self.root / "signer.pub"

    @property
    def _next(self) -> Path:
        return self.root / "signer.next"

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
