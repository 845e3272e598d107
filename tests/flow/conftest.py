"""Every story begins with tools that have heard nothing."""

from collections.abc import Iterator

import pytest

from tests import tools


@pytest.fixture(autouse=True)
def _forgetful_tools() -> Iterator[None]:
    tools.forget()
    yield
    tools.gone_on.set()


@pytest.fixture
def failures() -> "dict[str, int]":
    """How often the tool still has to fail, by the word it is given."""
    return tools.failures
