"""An agent whose model says what the test wants, over real HTTP."""

from collections.abc import Iterator

import pytest

from tests import tools
from tests.loopback import Provider, provider


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that litellm finds through the environment, and tools that have heard nothing."""
    tools.forget()
    with provider() as said:
        for name, value in said.environment.items():
            monkeypatch.setenv(name, value)
        yield said
    tools.gone_on.set()
