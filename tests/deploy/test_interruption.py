"""A request to stop is never lost, wherever it comes."""

import os
import signal

import pytest

from deploy.interruption import Interrupted, Interruption


class Finalised:
    """What is told to stop while it is thrown away: Python swallows what its finaliser raises."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(1000))  # the signal is heard between two steps of a program


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_request_that_python_swallowed_is_raised_at_the_next_look() -> None:
    interruption = Interruption(from_make=False)
    with interruption.heard():
        Finalised()
        assert interruption.asked
        with pytest.raises(Interrupted):
            interruption.check()


def test_while_it_stops_nothing_disturbs_it() -> None:
    interruption = Interruption(from_make=False)
    with interruption.heard():
        interruption.close()
        os.kill(os.getpid(), signal.SIGINT)
        interruption.check()


def test_nobody_asked() -> None:
    Interruption(from_make=False).check()
