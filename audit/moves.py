"""The one place where a status changes, and where it is recorded that it did."""

from typing import Any

from django.db import models, transaction

from audit.actors import Actor
from audit.ledger import Receipt, record


class IllegalMove(Exception):
    """The status asked for cannot follow the one the row has."""


class LostRace(Exception):
    """Somebody else was first: the row is no longer as it was read."""


@transaction.atomic
def begin(row: models.Model, *, actor: Actor, **told: Any) -> Receipt:
    """Save a new row in its first status, and record it. `told` goes to `ledger.record`."""
    row.save(force_insert=True)
    return record(f"{row._meta.model_name}.{row.status}", row, actor=actor, **told)  # type: ignore[attr-defined]


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
    was = row.status
    if to not in row.MOVES.get(was, ()):
        raise IllegalMove(f"{row._meta.label} {row.pk}: {was} cannot become {to}.")
    rows = type(row)._base_manager.filter(pk=row.pk, status=was, **(where or {}))
    if not rows.update(status=to, **fields):
        raise LostRace(f"{row._meta.label} {row.pk} is no longer {was}.")
    for name, value in {"status": to, **fields}.items():
        if not hasattr(value, "resolve_expression"):
            setattr(row, name, value)
    told = dict(told or {})
    told["body"] = {"was": was, **told.get("body", {})}
    return record(f"{row._meta.model_name}.{to}", row, actor=actor, **told)
