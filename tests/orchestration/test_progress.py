"""What a long step says of itself: kept for an hour, never in the way."""

from collections.abc import Iterator

import pytest
from redis.exceptions import ConnectionError as Away

from orchestration import progress, queue
from orchestration.progress import Progress


@pytest.fixture(autouse=True)
def _nothing_said() -> Iterator[None]:
    connection = queue.bells().connection
    yield
    connection.delete("handrail:progress:7", "handrail:progress:8")


def test_it_reads_what_was_said_last() -> None:
    progress.report(7, 0.25, "1,250 of 5,000")
    progress.report(7, 0.5, "2,500 of 5,000")
    assert progress.read([7, 8]) == {7: Progress(0.5, "2,500 of 5,000")}


def test_it_forgets_after_an_hour() -> None:
    progress.report(7, None, "Reading")
    assert 3500 < int(queue.bells().connection.ttl("handrail:progress:7")) <= 3600
    assert progress.read([7]) == {7: Progress(None, "Reading")}


@pytest.mark.parametrize(("said", "kept"), [(1.4, 1.0), (-1.0, 0.0), (float("nan"), None), (float("inf"), None)])
def test_it_keeps_a_share_that_can_be_drawn(said: float, kept: float | None) -> None:
    progress.report(7, said, "line\none " + "x" * 500)
    found = progress.read([7])[7]
    assert (found.fraction, found.line[:9], len(found.line)) == (kept, "line one ", 200)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[[], 2]", "[" * 100_000])
def test_it_leaves_out_what_it_does_not_understand(text: str) -> None:
    queue.bells().connection.set("handrail:progress:7", text, ex=60)
    progress.report(8, 1, "done")
    assert progress.read([7, 8]) == {8: Progress(1.0, "done")}


def test_it_works_on_while_redis_is_away(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away() -> None:
        raise Away("nobody there")

    monkeypatch.setattr(queue, "bells", away)
    progress.report(7, 0.5, "half")
    assert progress.read([7]) == {}
    assert len(caplog.records) == 2


def test_it_asks_nothing_for_no_steps() -> None:
    assert progress.read([]) == {}
