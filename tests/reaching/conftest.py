"""A mail server, a folder for letters, and everything that the clock does with notices, here and now."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.actors import COMMAND, person
from orchestration import workflows
from reviews.models import Review
from reviews.notices import sending, spreading
from reviews.reaching import Channel
from tests.cast import DOCUMENT, Cast
from tests.fakes import FakeModels
from tests.reaching.postbox import Postbox, name_it

type Send = Callable[[], int]
__all__ = ["COMMAND"]


@pytest.fixture(autouse=True)
def _outbox(settings: Any, tmp_path: Path) -> None:
    settings.OUTBOX = tmp_path / "outbox"
    settings.SMTP_HOST = ""
    settings.HANDRAIL_ADDRESS = "https://handrail.example"
    sending.wake()


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server that stands, and settings that name it."""
    with Postbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        name_it(settings, server.server_address[1])
        yield server
        server.shutdown()


@pytest.fixture
def send() -> Send:
    """What the clock does: spread, gather, send. How many messages were sent."""

    def everything() -> int:
        spreading.plan()
        return sum(sending.send_over(channel) for channel in Channel.values)

    return everything


@pytest.fixture
def review(cast: Cast, models: FakeModels) -> Review:
    """One e-mail that waits for approval."""
    return cast.waiting()


def with_content(cast: Cast, data: str = "internal") -> None:
    """A version whose messages may say what they are about."""
    source = DOCUMENT.read_text().replace(
        "      undo_seconds: 5", "      notices: {content: true}\n      undo_seconds: 5"
    )
    assert "notices:" in source, "the document has another indentation"
    cast.version = workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    cast.workflow = cast.version.workflow
