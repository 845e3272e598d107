"""What every fault has: its load, its marks, and its figures, printed as they come."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import queue
from tests.faults import forked, inside
from tests.faults.figures import NAMED, Fault, Figure


class Printer:
    """Prints the figures of each test that has ended."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One JSON object a line, also of a test that failed."""
        terminal: pytest.TerminalReporter | None = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.when != "call" or terminal is None:
            return
        figures = [
            Figure(*value) for name, value in report.user_properties if name == NAMED and isinstance(value, tuple)
        ]
        for line in ["", *(figure.line() for figure in figures)] if figures else []:
            terminal.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    """The mark that names the fault, and the printer."""
    config.addinivalue_line("markers", "fault(name): which fault of design/safety.md a test puts in")
    config.pluginmanager.register(Printer(config), "figures of faults")


def pytest_collection_finish(session: pytest.Session) -> None:
    """The warm parent imports everything while the tests before these run."""
    if any(item.get_closest_marker("fault") for item in session.items) and not session.config.option.collectonly:
        forked.warm_up()


@pytest.fixture(autouse=True)
def _empty_queue() -> None:
    """No bell of an earlier test."""
    queue.bells().connection.flushall()


@pytest.fixture
def marks(tmp_path: Path) -> inside.Marks:
    """What a process needs to know to leave its marks: see `tests.faults.inside`."""
    return {inside.MARKS: str(tmp_path)}


@pytest.fixture
def fault(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Fault:
    """The fault that the test's mark names."""
    mark = request.node.get_closest_marker("fault")
    return Fault(mark.args[0], full=request.config.getoption("--full"), record=record_property)
