"""A step that waits gets its review, sooner or later, and once."""

from typing import Any

import pytest

from orchestration.models import StepRun
from orchestration.signals import step_waiting
from reviews import intake, points
from reviews.models import Review
from tests.cast import Cast, carry_out_all

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def deaf() -> Any:
    """Nobody hears the engine's signal."""
    step_waiting.disconnect(dispatch_uid="reviews.intake")
    yield
    intake.connect()


@pytest.mark.usefixtures("deaf")
def test_it_opens_what_a_missed_signal_left(cast: Cast) -> None:
    cast.start()
    carry_out_all()
    assert StepRun.objects.waiting().count() == 1
    assert not Review.objects.exists()
    assert intake.open_missed() == 1
    assert intake.open_missed() == 0
    assert Review.objects.open_for(cast.rita).count() == 1


def test_it_leaves_the_step_waiting_when_the_review_cannot_be_opened(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(points, "ask", broken)
        cast.start()
        carry_out_all()
        assert StepRun.objects.waiting().count() == 1
        assert intake.open_missed() == 0
    assert intake.open_missed() == 1
