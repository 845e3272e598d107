"""The registry of erasers: each part says how what its tables hold of a person goes, or why it stays.

A table that nobody speaks for is an error: `unspoken` names it, and nobody is erased until it is spoken for. What
stands in the record's own erasable part is not reached from here: the application's role may not delete there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models, transaction

from audit.actors import Actor
from audit.ledger import record
from audit.models import User

type Eraser = Callable[[User], None]

WORDS = (models.TextField, models.CharField, models.JSONField, models.BinaryField, ArrayField, SearchVectorField)

_erasers: list[Eraser] = []
_spoken: dict[str, str] = {}


class Unspoken(RuntimeError):
    """Tables that may hold something of a person, and that no eraser speaks for."""


def erases(*labels: str) -> Callable[[Eraser], Eraser]:
    """Register what takes a person's traces out of these tables, in the order in which parts are loaded."""

    def register(function: Eraser) -> Eraser:
        _erasers.append(function)
        _spoken.update(dict.fromkeys(labels, ""))
        return function

    return register


def stays(why: str, *labels: str) -> None:
    """Say why these tables need no eraser."""
    _spoken.update(dict.fromkeys(labels, why))


def spoken_for() -> dict[str, str]:
    """Each table that is spoken for, with the reason where it stays as it is."""
    return dict(_spoken)


def may_hold_traces(model: type[models.Model]) -> bool:
    """Whether rows of a table name a person, or hold text."""
    fields = [field for field in model._meta.get_fields() if getattr(field, "concrete", False)]
    return any(field.related_model is User or _is_text(field) for field in fields)


def _is_text(field: Any) -> bool:
    return isinstance(field, WORDS) and not getattr(field, "choices", None)


def unspoken() -> list[str]:
    """The tables that may hold traces of a person and that nobody speaks for."""
    return sorted(
        model._meta.label for model in _tables() if may_hold_traces(model) and model._meta.label not in _spoken
    )


def _tables() -> Iterable[type[models.Model]]:
    return (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)


@transaction.atomic
def erase(user: User, *, actor: Actor) -> None:
    """Take what working tables hold of a person out of them, all or nothing. Their number stays, and nothing else."""
    if lacking := unspoken():
        raise Unspoken(", ".join(lacking))
    held = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    for eraser in _erasers:
        eraser(held)
    record("user.erased", held, actor=actor)
