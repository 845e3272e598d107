"""The crew: RQ workers forked from one warm parent, which has imported what is slow and opened nothing."""

import contextlib
import logging
import os
import signal
import threading
import time
from types import FrameType

from django.db import DatabaseError, connections
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.worker import WorkerStatus

from audit import garbage
from orchestration import call, claims, expressions, jobs, providers, queue
from orchestration.drain import LINGER
from orchestration.tools import kinds

RESTART_WAIT = 0.05  # seconds between the end of a worker and the next fork
PULSE = 30.0  # seconds between two signs of life to RQ in a long drain
IMPATIENCE = 25.0  # seconds that a worker has to end its step

logger = logging.getLogger("worker")


class Crew:
    """`size` workers, kept at that number until told to stop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.pids: set[int] = set()
        self.dead: list[int] = []  # those whose steps nobody has taken over yet
        self.stopping = False

    def run(self) -> None:
        """Warm up, fork, and fork again whoever dies. Returns when told to stop and all have ended."""
        call.warm_up()
        providers.warm()
        kinds.warm()
        expressions.read("true")
        close_database()
        garbage.settle_in()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        logger.info("%s workers begin.", self.size)
        while not self.stopping:
            while len(self.pids) < self.size:
                self._fork(self.dead.pop() if self.dead else 0)
            self._reap()
            time.sleep(RESTART_WAIT)
        self._wait_for_all()

    def _fork(self, after: int) -> None:
        if pid := os.fork():
            self.pids.add(pid)
            return
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it holds nothing until RQ listens
            if not self.stopping:
                _work(after)
        finally:
            os._exit(0)

    def _reap(self) -> None:
        for pid in list(self.pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.pids.discard(pid)
                if not self.stopping:
                    self.dead.append(pid)
                    logger.warning(
                        "Worker %s ended (%s); another takes its place.",
                        pid,
                        os.waitstatus_to_exitcode(status),
                    )

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True  # no more: a worker may just be forked, and is not among the others yet

    def _wait_for_all(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + IMPATIENCE
        while self.pids and time.monotonic() < until:
            self._reap()
            time.sleep(0.02)
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


class _Worker(SimpleWorker):
    """A worker that ends its drain early when it is asked to stop."""

    def handle_warm_shutdown_request(self) -> None:
        """The first SIGTERM: end the step at hand, then no more."""
        jobs.drain().stopping.set()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do a bell, and say now and then that the worker is alive: a drain may last for hours."""
        execution = self.prepare_execution(job)
        last = time.monotonic()

        def pulse() -> None:
            nonlocal last
            if time.monotonic() - last > PULSE:
                last = time.monotonic()
                with contextlib.suppress(RedisError, OSError):
                    self.maintain_heartbeats(job, execution)

        jobs.pulses[:] = [pulse]
        self.perform_job(job, queue, execution)
        self.set_state(WorkerStatus.IDLE)


def _work(after: int) -> None:
    jobs.drain().linger = LINGER
    if after:
        _take_over(after)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    bells = queue.bells()
    worker = _Worker([bells], connection=bells.connection, job_class=bells.job_class, serializer=bells.serializer)
    worker.log_result_lifespan = False
    try:
        worker.work(logging_level="WARNING")
    finally:
        close_database()


def _take_over(pid: int) -> None:
    """What a worker held that is known to be dead need not wait for the end of its lease."""
    try:
        claims.bury(jobs.worker_name(pid))
    except DatabaseError as error:
        logger.warning("Worker %s cannot be buried now (%s): the sweep will.", pid, type(error).__name__)
        close_database()


def _leave_with_parent(parent: int) -> None:
    """A worker whose leader was killed ends its step and goes too: nobody would stop it otherwise."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def close_database() -> None:
    """Close every connection and the pool's threads: none of them may live on across a fork."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
