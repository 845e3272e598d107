"""The workspace's settings: declared by whom they belong to, read anywhere, changed here, each change an event."""

from typing import Any, NamedTuple

from django.db import transaction
from django.utils.functional import Promise

from audit.actors import Actor
from audit.ledger import record
from audit.models import Setting

SWITCH = "switch"  # a choice that is on or off
ONE_OF = "one-of"  # a choice of one among several


class Choice(NamedTuple):
    """One thing that can be chosen on the settings page. `key` is part of an address: letters, digits, hyphens.

    `options` are the values and words of a choice among several.
    """

    key: str
    label: str | Promise
    help: str | Promise
    default: Any
    kind: str
    options: tuple[tuple[str, str | Promise], ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What a form may send, and the value that it stands for."""
        return {"on": True, "off": False} if self.kind == SWITCH else {value: value for value, _ in self.options}

    def said(self, value: Any) -> str:
        """A value in words."""
        return str(dict(self.options).get(value, value))


_declared: dict[str, Choice] = {}


def declare(
    key: str,
    label: str | Promise,
    help: str | Promise,  # noqa: A002
    default: Any,
    *,
    options: tuple[tuple[str, str | Promise], ...] = (),
) -> None:
    """Put a choice on the settings page: a switch, or one among several where there are `options`."""
    _declared[key] = Choice(key, label, help, default, ONE_OF if options else SWITCH, options)


def declared() -> dict[str, Choice]:
    """Every declared choice by its key, in the order of their declaration."""
    return dict(_declared)


def chosen() -> list[tuple[Choice, Any]]:
    """Every declared choice with its value now."""
    values = dict(Setting.objects.filter(pk__in=_declared).values_list("pk", "value"))
    return [(choice, values.get(choice.key, choice.default)) for choice in _declared.values()]


def read(key: str, default: Any) -> Any:
    """The setting's value, or `default` when nobody chose one."""
    found = Setting.objects.filter(pk=key).values_list("value", flat=True).first()
    return default if found is None else found


@transaction.atomic
def write(key: str, value: Any, *, actor: Actor) -> None:
    """Set a setting and record who did, and what it was before (None: nobody had chosen)."""
    row, created = Setting.objects.select_for_update().get_or_create(pk=key, defaults={"value": value})
    was = None if created else row.value
    if was != value:
        record("setting.changed", row, actor=actor, body={"key": key, "was": was, "value": value})
        Setting.objects.filter(pk=key).update(value=value)
