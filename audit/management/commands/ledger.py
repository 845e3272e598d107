"""`manage.py ledger key|rotate|restored|verifier`: the key of the record, and the program that checks it elsewhere."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import COMMAND
from audit.proof import rotating
from audit.proof.folder import Folder, NoKey
from audit.proof.program import NAME, verifier


class Command(BaseCommand):
    """What only whoever runs the installation may do with the key of the record."""

    help = "The key of the record: show it, let another follow, sign again after an old copy was put back."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of four."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("key", help="the public keys with their fingerprints, the newest first")
        acts.add_parser("rotate", help="let a new key follow; both sign the next checkpoint")
        restored = acts.add_parser("restored", help="sign again from what the database holds now")
        restored.add_argument("why", metavar="WHY", help="why an older copy was put back; it is recorded")
        written = acts.add_parser("verifier", help="write the program that checks packs anywhere")
        written.add_argument("path", metavar="PATH", nargs="?", type=Path, default=Path(NAME))

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        try:
            getattr(self, f"_{act}")(options)
        except (NoKey, OSError) as error:
            raise CommandError(str(error)) from error

    def _key(self, options: dict[str, Any]) -> None:
        folder = Folder.here()
        folder.secret()
        for key in folder.publics():
            self.stdout.write(f"{key}\n    {key.fingerprint}")

    def _rotate(self, options: dict[str, Any]) -> None:
        new = rotating.rotate(actor=COMMAND)
        self.stdout.write(f"From the next checkpoint on this key signs:\n{new}\n    {new.fingerprint}")

    def _restored(self, options: dict[str, Any]) -> None:
        if not (why := options["why"].strip()):
            raise CommandError("Say why an older copy was put back: it is recorded.")
        rotating.go_on(why, actor=COMMAND)
        self.stdout.write("The record is signed again from what the database holds now.")

    def _verifier(self, options: dict[str, Any]) -> None:
        options["path"].write_bytes(verifier())
        self.stdout.write(f"Written to {options['path']}.")
