"""A form that was begun is kept for its person and workflow, and offered again."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.canonical import clean
from audit.clock_time import HandrailNow
from audit.models import User
from orchestration.models import Begun, Workflow

LONGEST = 100_000  # characters of all fields together


def keep(user: User, workflow: Workflow, texts: Mapping[str, str]) -> bool:
    """Keep what was typed so far, in place of what was kept before; nothing when it is empty or too much."""
    fields = {name: text for name, text in clean(dict(texts))[0].items() if text}
    if not fields or sum(map(len, fields.values())) > LONGEST:
        return False
    Begun.objects.update_or_create(user=user, workflow=workflow, defaults={"fields": fields, "at": HandrailNow()})
    return True


def of(user: User, workflow: Workflow, names: Iterable[str]) -> tuple[dict[str, Any], Begun | None]:
    """What was kept of the fields that the form still has, and since when."""
    kept = Begun.objects.filter(user=user, workflow=workflow).first()
    if kept is None:
        return {}, None
    known = set(names)
    found = {name: text for name, text in kept.fields.items() if name in known}
    return found, kept if found else None


def drop(user: User, workflow: Workflow) -> None:
    """Forget it: it was sent, or is no longer wanted."""
    Begun.objects.filter(user=user, workflow=workflow).delete()
