"""Changes of what people say of a connection or a tool: on record, and signed again where something decides."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.actors import person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from audit.moves import move
from orchestration.catalog.changing import ChangedMeanwhile, plain
from orchestration.catalog.looking import forget
from orchestration.catalog.signing import PROPOSED, UNSIGNED
from orchestration.models import Tool
from orchestration.models.catalog import Signed

SIGNED = ("approved", "off", "changed")


def state_of(row: Signed, shown: Iterable[str]) -> str:
    """The hash of all that a form shows: whether somebody changed it meanwhile."""
    return digest({name: _plain(getattr(row, name)) for name in shown} | {"status": str(row.status)})


@transaction.atomic
def revise[R: Signed](row: R, now: dict[str, Any], *, by: User, seen: str, shown: Iterable[str], **also: Any) -> R:
    """Change these fields, as the row stood when `seen` was its `state_of`; `also` is set where something decides.

    Raises `ChangedMeanwhile`.
    """
    held: R = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if state_of(held, shown) != seen:
        raise ChangedMeanwhile
    if not now:
        return held
    was = {name: _plain(getattr(held, name)) for name in now}
    before = held.content
    for name, value in now.items():
        setattr(held, name, value)
    decides = held.content != before
    body = {"was": was, "now": {name: _plain(value) for name, value in now.items()}, "decides": decides}
    record("tool.revised" if isinstance(held, Tool) else "connection.revised", held, actor=person(by), body=body)
    editor: dict[str, Any] = {"edited_by": by, **also} if decides else {}
    type(held)._base_manager.filter(pk=held.pk).update(**now, **editor)
    if decides and held.status in SIGNED:
        told = {"body": {"changed": sorted(now)}}
        move(held, PROPOSED, actor=person(by), told=told, **UNSIGNED)
    held.refresh_from_db()
    forget()
    transaction.on_commit(forget)
    return held


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Signed) else value if isinstance(value, dict | list) else plain(value)
