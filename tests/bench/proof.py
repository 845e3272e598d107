"""The proof of the record: writing and sealing side by side with many writers, and the check of everything."""

import resource
import subprocess
import sys
import threading
import time
from statistics import quantiles

from django.db import connection, transaction

from audit import ledger as product
from audit import sealer
from audit.actors import COMMAND
from audit.ledger import Entry
from tests.bench.figures import Figure, Sizes
from tests.wiping import wipe

WRITERS = 8
STEP = 20  # events a transaction: what a worker settles together
PACE = 3000  # events a second of all writers, where what one waits is measured
MANY = """
WITH event AS (
    INSERT INTO audit_event (schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type,
        object_id, object_version, run_id, workflow_id, content_hash, personal_hash, body, body_hash)
    SELECT 1, 'steprun.done', 'worker', '', '', '', 'internal', 'steprun', n::text, 0, n / 10, 7, '', '', body,
        encode(sha256(convert_to(body, 'UTF8')), 'hex')
    FROM (SELECT n, '{"outcome":"sent as written","seconds":"' || n || '","was":"running"}' AS body
          FROM generate_series(1, %s) AS n) AS bodies
    RETURNING id
) INSERT INTO audit_pending (event_id) SELECT id FROM event
"""
CHECK = """
import re, time
import django; django.setup()
from django.db import connection
from audit.proof import verifying
connection.ensure_connection()
begun = time.perf_counter()
found = verifying.check()
assert found.whole, found.wrong[:3]
took = time.perf_counter() - begun
most = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]
print(found.entries, took, int(most) / 1024)
"""


def proof(sizes: Sizes) -> list[Figure]:
    """Events a second written and sealed by eight writers and a sealer, and the check of a long record."""
    wipe()
    cpu, fast, paced = _spent(), _side_by_side(sizes.sealed, 0), _side_by_side(sizes.sealed // 2, PACE)
    used = (_spent() - cpu) * 1000 / (fast.count + paced.count)
    return [
        ("written_and_sealed", fast.count / fast.took, "events/s"),
        ("written_and_sealed_cpu", used, "CPU-ms"),
        ("writer_p99", quantiles(paced.waits, n=100)[98], "ms"),
        ("seal_lag_p99", quantiles(paced.lags, n=100)[98], "s"),
        *_checked(sizes.verified),
    ]


def _side_by_side(events: int, pace: int) -> "_Seen":
    """Write by eight and seal by one, as fast as it goes or so many events a second."""
    seen, each = _Seen(), events // WRITERS // STEP
    pause = WRITERS * STEP / pace if pace else 0.0
    writers = [threading.Thread(target=_write, args=(each, pause, seen.waits)) for _ in range(WRITERS)]
    begun = time.perf_counter()
    for one in writers:
        one.start()
    while any(one.is_alive() for one in writers) or seen.seal():
        seen.seal()
    seen.took = time.perf_counter() - begun
    return seen


class _Seen:
    """How long writers waited for their commits, in ms, and what was sealed for its seal, in seconds."""

    def __init__(self) -> None:
        self.count, self.took = 0, 0.0
        self.waits: list[float] = []
        self.lags: list[float] = []

    def seal(self) -> bool:
        """Seal once, and measure the first that was waiting."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM clock_timestamp() - min(occurred_at)) FROM audit_event e"
                " WHERE id = (SELECT min(event_id) FROM audit_pending)"
            )
            waited = cursor.fetchone()[0]
        sealed = sealer.seal()
        if sealed is None:
            time.sleep(0.002)
            return False
        self.count += len(sealed.events)
        if waited is not None:
            self.lags.append(float(waited))
        return True


def _write(transactions: int, pause: float, waits: list[float]) -> None:
    entries = [Entry("bench.event", "x", COMMAND, body={"a": 1})] * STEP
    due = time.perf_counter()
    for _ in range(transactions):
        time.sleep(max(0.0, due - time.perf_counter()))
        due += pause
        began = time.perf_counter()
        with transaction.atomic():
            product.record_all(entries)
        waits.append((time.perf_counter() - began) * 1000)
    connection.close()


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _checked(count: int) -> list[Figure]:
    """The check of so many entries, by a process of its own, so that its memory is its own too."""
    wipe()
    with connection.cursor() as cursor:
        for _ in range(0, count, 50_000):
            cursor.execute(MANY, [min(count, 50_000)])
    while sealer.seal():
        pass
    said = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True).stdout.split()
    entries, seconds, memory = int(said[0]), float(said[1]), float(said[2])
    wipe()
    return [
        ("verified", entries / seconds, "events/s"),
        ("verified_million", 1_000_000 * seconds / entries, "s"),
        ("verified_memory", memory, "MiB"),
    ]
