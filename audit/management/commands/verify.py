"""`manage.py verify`: whether the record in the database is whole. Exit 0: it is. 1: it is not. 2: no telling."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import COMMAND
from audit.proof import verifying
from audit.proof.folder import NoKey
from audit.verifier import program
from audit.verifier.notes import BadNote, Key
from audit.verifier.receipts import BadReceipt


class Command(BaseCommand):
    """Works every hash out again, from the first entry to the last."""

    help = "Check the whole record against its signed checkpoints; an event says that it was checked."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to hold it against."""
        parser.add_argument("--key", metavar="KEY", help="the public key, if not the one of this installation")
        parser.add_argument("--known", metavar="FILE", type=Path, action="append", default=[])

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, record, say."""
        try:
            keys = [Key.read(options["key"])] if options["key"] else []
            known = program.known(options["known"])
            found = verifying.check(keys, held=known.held, claims=known.claims, progress=self._progress)
        except (NoKey, BadNote, BadReceipt, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"It could not be found out: {error}", returncode=program.UNKNOWN) from error
        verifying.tell(found, actor=COMMAND)
        program.say(found)
        if not found.whole:
            sys.exit(program.CHANGED)

    def _progress(self, count: int) -> None:
        self.stderr.write(f"{count} entries …")
