"""The one place where a status changes, and where it is recorded that it did."""

from typing import Any

from django.db import connection, models, transaction

from audit import rows
from audit.actors import Actor
from audit.ledger import Entry, NotInTransaction, Receipt, record, record_all
from audit.rows import Change


class IllegalMove(Exception):
    """The status asked for cannot follow the one the row has."""


class LostRace(Exception):
    """Somebody else was first: the row is no longer as it was read."""


@transaction.atomic
def begin(row: models.Model, *, actor: Actor, **told: Any) -> Receipt:
    """Save a new row in its first status, and record it. `told` goes to `ledger.record`."""
    row.save(force_insert=True)
    return record(_kind(row), row, actor=actor, **told)


@transaction.atomic
def move(
    row: Any,
    to: str,
    *,
    actor: Actor,
    where: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    **fields: Any,
) -> Receipt:
    """Change `row.status` to `to` exactly once, and record that it changed.

    `where` adds conditions to the compare-and-set (a fence, say), `fields` are set with the status, and `told`
    goes to `ledger.record`. Raises `IllegalMove`, or `LostRace` when no row was as expected.
    """
    was = _leaving(row, to)
    found = type(row)._base_manager.filter(pk=row.pk, status=was, **(where or {}))
    if not found.update(status=to, **fields):
        raise _lost(row, was)
    _set(row, {"status": to, **fields})
    return record(_kind(row), row, actor=actor, **_with_was(told, was))


class Batch:
    """Beginnings, moves and entries that are written together: a few statements, however many there are.

    A row has its new status at once, so that the next move is judged by it; the database has it after `write`.
    When `write` raises, the transaction must be given up, and the rows in memory with it.
    """

    def __init__(self) -> None:
        self._new: dict[int, models.Model] = {}
        self._changes: dict[int, Change] = {}
        self._entries: list[Entry] = []

    def begin(self, row: models.Model, *, actor: Actor, **told: Any) -> None:
        """As `moves.begin`. The row may point to one that was begun before."""
        self._new[id(row)] = row
        self.record(_kind(row), row, actor=actor, **told)

    def move(
        self,
        row: Any,
        to: str,
        *,
        actor: Actor,
        where: dict[str, Any] | None = None,
        told: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """As `moves.move`, with plain values alone. That the database disagrees shows in `write`."""
        was, where, fields = _leaving(row, to), where or {}, {"status": to, **fields}
        _refuse_expressions(row, {**where, **fields})
        if id(row) in self._new:
            known = {name: getattr(row, name) for name in where}
        else:
            change = self._changes.setdefault(id(row), Change(row, {"status": was}))
            known = change.was | change.to
            change.was |= {name: value for name, value in where.items() if name not in known}
            change.to |= fields
        if any(known.get(name, value) != value for name, value in where.items()):
            raise _lost(row, was)
        _set(row, fields)
        self.record(_kind(row), row, actor=actor, **_with_was(told, was))

    def record(self, kind: str, obj: Any, *, actor: Actor, **told: Any) -> None:
        """As `ledger.record`."""
        self._entries.append(Entry(kind, obj, actor, **told))

    def write(self) -> list[Receipt]:
        """Write everything, in the caller's transaction; a receipt for each call, in their order.

        Raises `LostRace` when a row was not as expected.
        """
        if not connection.in_atomic_block:
            raise NotInTransaction("A batch was to be written outside a transaction.")
        new, changes, entries = self._new, self._changes, self._entries
        self._new, self._changes, self._entries = {}, {}, []
        rows.insert(new.values())
        for lost in rows.update(list(changes.values())):
            raise _lost(lost.row, lost.was["status"])
        return record_all(entries)


def _kind(row: Any) -> str:
    return f"{row._meta.model_name}.{row.status}"


def _leaving(row: Any, to: str) -> str:
    """The status that the row leaves, when it may."""
    was: str = row.status
    if to not in row.MOVES.get(was, ()):
        raise IllegalMove(f"{row._meta.label} {row.pk}: {was} cannot become {to}.")
    return was


def _lost(row: Any, was: str) -> LostRace:
    return LostRace(f"{row._meta.label} {row.pk} is no longer {was}.")


def _set(row: Any, fields: dict[str, Any]) -> None:
    """Set what is known; what the database works out stays unknown."""
    for name, value in fields.items():
        if not hasattr(value, "resolve_expression"):
            setattr(row, name, value)


def _with_was(told: dict[str, Any] | None, was: str) -> dict[str, Any]:
    told = told or {}
    return {**told, "body": {"was": was, **told.get("body", {})}}


def _refuse_expressions(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        row._meta.get_field(name)
        if hasattr(value, "resolve_expression"):
            raise TypeError(f"{name}: a batch takes values alone; `move` takes expressions.")
