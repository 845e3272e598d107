"""Shifting the one clock that decides anything, in the test database alone."""

import uuid

from django.db import connection as default

from tests import owner

SHIFTED = """
CREATE OR REPLACE FUNCTION handrail_now() RETURNS timestamptz LANGUAGE sql STABLE AS
'SELECT statement_timestamp() + interval ''{seconds} seconds'''
"""
_shift = 0.0


def jump(seconds: float) -> None:
    """Let workers, clock and web all believe that so much more time has passed."""
    _set(_shift + seconds)


def back() -> None:
    """The real time again."""
    if _shift:
        _set(0.0)


def _set(seconds: float) -> None:
    global _shift
    _shift = seconds
    with owner.connect() as connection:
        connection.execute(SHIFTED.format(seconds=seconds))
    if default.in_atomic_block:  # such a transaction does not hear that the function is another
        with default.cursor() as cursor:
            # It hears of it when it has to look something up in the catalogue that it does not know yet.
            cursor.execute("SELECT to_regproc(%s)", [f"nothing_{uuid.uuid4().hex}"])
            cursor.execute("DISCARD PLANS")
