"""What the tests of routing share."""

import pytest

from tests.cast import Cast
from tests.fakes import FakeModels
from tests.pages.conftest import look as look
from tests.routing import world


@pytest.fixture
def house(cast: Cast, models: FakeModels) -> Cast:
    """The cast, with models between which a step can choose."""
    world.models()
    return cast
