"""The agent of the sample can be signed as it is written, and is drawn up once."""

import pytest

from deploy.sample import helper
from orchestration.agents import text
from orchestration.models import Agent
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_it_is_drawn_up_once_and_can_be_signed(cast: Cast) -> None:
    helper.draw_up(cast.adam)
    helper.draw_up(cast.adam)
    row = Agent.objects.get()
    assert (row.status, row.current) == ("proposed", None)
    assert text.problems(row.source) == []
