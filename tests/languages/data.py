"""What stands in the database: everything that people wrote, or that Handrail wrote for them."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models


def leaves() -> set[str]:
    found: set[str] = set()
    for model in apps.get_models():
        names = [f.attname for f in model._meta.concrete_fields if isinstance(f, (models.CharField, models.TextField, models.JSONField))]
        if not names: continue
        for row in model._base_manager.values_list(*names):
            for v in row:
                found.update(_in(v))
    return found

def _in(v: Any) -> Iterator[str]:
    if isinstance(v, str): yield v
    elif isinstance(v, dict):
        for k, x in v.items():
            yield str(k); yield from _in(x)
    elif isinstance(v, (list, tuple)):
        for x in v: yield from _in(x)
