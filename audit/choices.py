"""The workspace's settings: read anywhere, changed here, each change an event."""

from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.ledger import record
from audit.models import Setting


def read(key: str, default: Any) -> Any:
    """The setting's value, or `default` when nobody chose one."""
    found = Setting.objects.filter(pk=key).values_list("value", flat=True).first()
    return default if found is None else found


@transaction.atomic
def write(key: str, value: Any, *, actor: Actor) -> None:
    """Set a setting and record who did, and what it was before."""
    row, _ = Setting.objects.select_for_update().get_or_create(pk=key, defaults={"value": None})
    if row.value != value:
        record("setting.changed", row, actor=actor, body={"key": key, "was": row.value, "value": value})
        Setting.objects.filter(pk=key).update(value=value)
