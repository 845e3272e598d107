"""What a worker does beside its steps: calls that somebody asked for on a page, one at a time, in a thread."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

LOOK = 1.0  # seconds between two looks of a busy worker


class Beside[Row, Came]:
    """One sort of such calls. The row is the request; `begun` says what is done for it, or that nothing is."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: tuple[Row, Future[Came]] | None = None
        self._looked = time.monotonic()

    def taken(self) -> Row | None:
        """The next that nobody does yet, for this worker."""
        raise NotImplementedError

    def begun(self, row: Row) -> Callable[[], Came] | None:
        """What is to be done in a thread, which asks no database; None where it has ended already."""
        raise NotImplementedError

    def ended(self, row: Row, came: Came | None, broken: BaseException | None) -> None:
        """Write what came of it, once."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """Whether a call is under way, or its end not yet written."""
        return self._under_way is not None

    def fresh(self) -> None:
        """A drain begins: it looks for requests only once it has lasted."""
        self._looked = time.monotonic()

    def pulse(self) -> None:
        """What a worker does between its steps: begin one, or write what one came to. It waits for nothing."""
        if self._under_way is not None:
            if self._under_way[1].done():
                self._write()
        elif time.monotonic() - self._looked > LOOK:
            self.look()

    def look(self) -> None:
        """Take one up, if one waits."""
        self._looked = time.monotonic()
        if self._under_way is not None or (row := self.taken()) is None or (act := self.begun(row)) is None:
            return
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._under_way = row, self._pool.submit(act)

    def _write(self) -> None:
        assert self._under_way is not None
        row, future = self._under_way
        self._under_way = None
        broken = future.exception()
        self.ended(row, None if broken else future.result(), broken)
