"""Looking names up: within their time, and in a process that was forked after others were looked up."""

import os
import socket
import time
from typing import Any

import pytest

from orchestration import addresses


@pytest.mark.filterwarnings("ignore:This process")
def test_a_fork_looks_up_for_itself() -> None:
    assert addresses.look_up("localhost", 80)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if addresses.look_up("localhost", 80, 2) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_name_that_nobody_answers_for_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*_: Any, **__: Any) -> Any:
        time.sleep(1)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    began = time.monotonic()
    with pytest.raises(addresses.Unknown):
        addresses.look_up("slow.example", 443, 0.2)
    assert time.monotonic() - began < 0.8


def test_no_more_addresses_of_a_name_are_looked_at_than_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(2, 1, 6, "", (f"10.0.{n // 250}.{n % 250}", 80)) for n in range(1000)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: many)
    assert len(addresses.look_up("many.example", 80)) == addresses.MOST
