"""The cast, made once for many tests: in a transaction that is never committed, to which each test's own goes back.

Only tests that ask for the cast stand in it. Any other closes it first, so that nobody else sees the cast's rows.
"""

import copy

import pytest
from django.db import DatabaseError, connection, transaction

from tests import cast as people
from tests.cast import Cast

OWN_WAY = {"transactional_db", "live_cast", "stage"}  # these commit, and empty the tables afterwards


class Kept:
    """The cast as it was when it had just been made, as long as the transaction around it."""

    def __init__(self) -> None:
        self._around: transaction.Atomic | None = None
        self._cast: Cast | None = None

    def before(self, item: pytest.Item) -> None:
        """Have the cast ready for a test that wants it, and be gone for any other."""
        if not _wants(item):
            self.go()
        elif not self._stands():
            self.go()
            self._make()

    def go(self) -> None:
        """Undo everything."""
        around, self._around, self._cast = self._around, None, None
        if around is None:
            return
        try:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
        except (DatabaseError, transaction.TransactionManagementError):  # a test has closed the connection
            connection.close()

    def cast(self) -> Cast:
        """A copy that the test may change; made anew where none is kept, as in the first test of all."""
        return copy.deepcopy(self._cast) if self._cast is not None else people.assemble()

    def _stands(self) -> bool:
        alive = connection.connection is not None and not connection.connection.closed
        return self._around is not None and alive and connection.in_atomic_block and not connection.needs_rollback

    def _make(self) -> None:
        if connection.in_atomic_block:  # a world of the file's own is around already
            return
        self._around = transaction.atomic()
        self._around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own: durable blocks may stand in it
        self._around.__enter__()
        self._cast = people.assemble()


def _wants(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db")
    commits = marked is not None and bool(marked.args or marked.kwargs)
    return "cast" in names and not names & OWN_WAY and not commits
