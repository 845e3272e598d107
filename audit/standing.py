"""What stands and what does not: database, queue and clock, asked without waiting long."""

from typing import NamedTuple

import redis
from django.conf import settings
from django.db import Error, connection

from audit import sealer

SECONDS = 1.0
CLOCK_LOCK = 0x434C4F43  # held by the one clock as long as it runs
CLOCK_HELD = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class Standing(NamedTuple):
    """Yes or no, and the number of the last event."""

    database: bool
    queue: bool
    clock: bool
    leaf: int


def look() -> Standing:
    """Ask each once."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(CLOCK_HELD, [CLOCK_LOCK])
            clock = bool(cursor.fetchone()[0])
        return Standing(database=True, queue=_queue(), clock=clock, leaf=sealer.head())
    except Error:
        return Standing(database=False, queue=_queue(), clock=False, leaf=-1)


def _queue() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
