"""Several small questions to the database as one statement: how many there are of each, or the first of each."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

type Lists = Mapping[str, QuerySet[Any]]


def counts(lists: Lists, most: int) -> dict[str, int]:
    """How many each list has; none is counted further than `most`."""
    found = _asked({name: one.order_by()[:most] for name, one in lists.items()}, "SELECT count(*) FROM ({}) AS of")
    return {name: found.get(name, 0) for name in lists}


def firsts(lists: Lists) -> dict[str, int | None]:
    """The number of the first row of each list; None where it has none."""
    found = _asked({name: one[:1] for name, one in lists.items()}, "{}")
    return {name: found.get(name) for name in lists}


def _asked(lists: Lists, how: str) -> dict[str, Any]:
    parts, values = dict[str, str](), list[Any]()
    for name, one in lists.items():
        try:
            sql, given = one.values("pk").query.sql_with_params()
        except EmptyResultSet:  # Django knows already that there is nothing
            continue
        parts[name] = f"({how.format(sql)})"
        values += given
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts.values())}", values)
        return dict(zip(parts, cursor.fetchone(), strict=True))
