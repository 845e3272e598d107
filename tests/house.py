"""A whole house: web, worker and clock as real processes, with a data folder of its own."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.processes import children, manage, until, web


@dataclass(frozen=True)
class House:
    """Where it answers, and where its letters lie."""

    address: str
    home: Path

    def letters(self, to: str) -> list[EmailMessage]:
        """The e-mails in the outbox folder for one addressee."""
        return letters_in(self.home, to)


def letters_in(home: Path, to: str) -> list[EmailMessage]:
    """The e-mails in a data folder's outbox for one addressee."""
    found = [_read(path) for path in sorted((home / "outbox").glob("*.eml"))]
    return [letter for letter in found if letter["To"] == to]


def _read(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=email.policy.default)


@contextmanager
def standing(home: Path, **environment: str) -> Iterator[House]:
    """All three processes, ready, as long as the block."""
    given = {**environment, "HANDRAIL_HOME": str(home)}
    with ExitStack() as stack:
        stack.enter_context(manage("clock", **given))
        crew = stack.enter_context(manage("worker", "--number", "2", **given))
        address = stack.enter_context(web(**given))
        until(lambda: len(children(crew.pid)) == 2, "two workers")
        yield House(address, home)
