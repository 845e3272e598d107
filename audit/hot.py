"""Statements that run for every step: the database keeps their plans, where Django's own cursor has them planned anew.

Values travel beside the statement instead of inside it, so their types must be plain from the statement (`%s::jsonb`).
Plans are made anew now and then: those of a new installation would read its tables from end to end for ever.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection

type Rows = list[tuple[Any, ...]]

KEPT = 2.0  # seconds that plans are kept
_planned: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()


def can_ask() -> bool:
    """Whether the database can be asked here: not on an event loop, which others wait for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def rows(statement: str, values: Sequence[Any] = ()) -> Rows:
    """The rows that a statement returns, in the transaction that is open. It is wrapped and logged as any other."""
    execute = _execute
    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    began = time.monotonic()
    found: Rows = execute(statement, values, False, {"connection": connection, "cursor": None})
    if connection.queries_logged:
        took = time.monotonic() - began
        connection.queries_log.append({"sql": statement, "time": f"{took:.3f}"})
    return found


def _execute(statement: str, values: Sequence[Any], many: bool, context: dict[str, Any]) -> Rows:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        if _are_old(connection.connection):
            cursor.execute("DISCARD PLANS")
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchall()


def _are_old(session: psycopg.Connection[Any]) -> bool:
    moment = time.monotonic()
    if moment - _planned.setdefault(session, moment) < KEPT:
        return False
    _planned[session] = moment
    return True
