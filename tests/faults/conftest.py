"""What every fault has: its load and its figures, printed as they come."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import inside
from tests.faults.figures import NAMED, Fault, Figure

_terminal: list[pytest.TerminalReporter] = []


def pytest_configure(config: pytest.Config) -> None:
    """The mark that names the fault."""
    config.addinivalue_line("markers", "fault(name): which fault of design/safety.md a test puts in")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    _terminal[:] = [reporter] if reporter is not None else []


@pytest.fixture
def marks(tmp_path: Path) -> inside.Marks:
    """What a process needs to know to leave its marks: see `tests.faults.inside`."""
    return {inside.MARKS: str(tmp_path)}


@pytest.fixture
def fault(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Fault:
    """The fault that the test's mark names."""
    mark = request.node.get_closest_marker("fault")
    return Fault(mark.args[0], full=request.config.getoption("--full"), record=record_property)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print the figures of a test that has ended, beside its dot."""
    if report.when != "call":
        return
    figures = [value for name, value in report.user_properties if name == NAMED and isinstance(value, Figure)]
    for terminal in _terminal:
        for figure in figures:
            terminal.ensure_newline()
            terminal.write_line(figure.line())
