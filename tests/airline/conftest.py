"""The excerpt's conversations, always; the whole data's where it is there."""

import pytest

from tests.airline import figures
from tests.airline.figures import Plain
from tests.airline.recordings import EXCERPT, WHOLE, Conversation, file_of, read, there


@pytest.fixture(scope="session")
def excerpt() -> dict[int, Conversation]:
    """Eight conversations, by their numbers in the excerpt."""
    return {conversation.number: conversation for conversation in read(file_of(EXCERPT))}


@pytest.fixture(scope="session")
def whole() -> list[Conversation]:
    """All of them."""
    if not there():
        pytest.skip(f"THE WHOLE AIRLINE IS NOT TESTED: {WHOLE} is not there; HANDRAIL_AIRLINE names its folder.")
    return read(file_of(WHOLE))


@pytest.fixture(scope="session")
def played(whole: list[Conversation]) -> list[tuple[Conversation, Plain]]:
    """All of them, played with nobody between."""
    return [(conversation, figures.plain(conversation, WHOLE)) for conversation in whole]
