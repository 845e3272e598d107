"""A world made once for many tests: in a transaction that is never committed, to which each test's own goes back.

Only tests that ask for that world stand in it. Any other closes it first, so that nobody else sees its rows.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

OWN_WAY = {"transactional_db", "live_cast", "stage"}  # these commit, and empty the tables afterwards


class Kept:
    """One world as it was when it had just been made, as long as the transaction around it."""

    def __init__(self, makers: dict[str, Callable[[], Any]]) -> None:
        self._makers = makers
        self._around: transaction.Atomic | None = None
        self._world: tuple[str, Any] | None = None

    def before(self, item: pytest.Item) -> None:
        """Have the world ready that a test wants, and any other gone."""
        name = self._wanted(item)
        if name is None or not self._stands(name):
            self.go()
        if name is not None and self._around is None:
            self._make(name)

    def go(self) -> None:
        """Undo everything."""
        around, self._around, self._world = self._around, None, None
        if around is None:
            return
        try:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
        except (DatabaseError, transaction.TransactionManagementError):  # a test has closed the connection
            connection.close()

    def world(self, name: str) -> Any:
        """A copy that the test may change; made anew where none is kept, as in the first test of all."""
        if self._world is not None and self._world[0] == name:
            return copy.deepcopy(self._world[1])
        return self._makers[name]()

    def _stands(self, name: str) -> bool:
        alive = connection.connection is not None and not connection.connection.closed
        sound = alive and connection.in_atomic_block and not connection.needs_rollback
        return sound and self._world is not None and self._world[0] == name

    def _make(self, name: str) -> None:
        if connection.in_atomic_block:  # a world of the file's own is around already
            return
        self._around = transaction.atomic()
        self._around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own: durable blocks may stand in it
        self._around.__enter__()
        self._world = name, self._makers[name]()

    def _wanted(self, item: pytest.Item) -> str | None:
        """The one kept world that it asks for, unless it commits."""
        names = set(getattr(item, "fixturenames", ()))
        marked = item.get_closest_marker("django_db")
        wanted = [name for name in self._makers if name in names]
        if len(wanted) != 1 or names & OWN_WAY or (marked is not None and (marked.args or marked.kwargs)):
            return None
        return wanted[0]
