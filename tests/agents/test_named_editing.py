"""A step that a named agent does, in the editor's form: what the agent says is not asked of the step."""

import pytest
from django.http import QueryDict

from audit.models import User
from orchestration.editing import changing
from orchestration.models import Agent
from tests.agents.signed import drawn_up, signed, used
from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.flow.drawn import source

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(cast: Cast) -> User:
    """A second admin."""
    return second_admin(cast)


@pytest.fixture
def helper(cast: Cast, ada: User) -> Agent:
    """An agent that Adam drew up and Ada signed."""
    row = drawn_up(cast)
    signed(row, by=cast.adam, second=ada)
    return row


def sent(**fields: str) -> QueryDict:
    """What the form of the step sends; of each field what it showed too."""
    made = QueryDict(mutable=True)
    for name, value in fields.items():
        made.appendlist("field", name)
        made[name] = value
    return made


def test_what_the_agent_says_may_stay_empty(helper: Agent) -> None:
    text = source(used())
    came = changing.change(text, "ask", sent(prompt="", output="", model="", tools=""))
    assert (came.problems, came.source) == ({}, text)


def test_the_agent_is_a_field_of_the_step(helper: Agent) -> None:
    text = source(used())
    assert changing.shown(changing.part(text, "ask"))["agent"] == "helper"
    form = sent(agent="helper@1")
    form["was.agent"] = '"helper"'
    assert "agent: helper@1" in changing.change(text, "ask", form).source
