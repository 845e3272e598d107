"""Conversations of the airline held through Handrail itself: agent, MCP server, inbox and workers are all real.

The whole of it, with every recorded conversation, is `make airline`.
"""

from collections.abc import Iterator

import pytest

from tests.airline import ground, promised
from tests.airline.ground import Ground, Played
from tests.airline.recordings import EXCERPT, Conversation, file_of
from tests.airline.rounds import KINDS
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

GATE, _, _, KILLS = KINDS
FILE = file_of(EXCERPT)
WRONG_AND_RIGHT = (
    2,
    5,
    7,
)  # of the excerpt: one without a write, one with a wrong write and a right one, one with a right one


@pytest.fixture
def standing(live_cast: Cast) -> Iterator[Ground]:
    """The ground over the excerpt's bookings."""
    with ground.standing(live_cast, EXCERPT) as made:
        yield made


def ends(played: Played) -> dict[int, tuple[str, bool]]:
    """How each conversation ended, and whether its bookings are right."""
    return {came.conversation.number: (came.how, came.ends_right) for came in played.came}


def test_only_what_was_rightly_approved_reaches_the_bookings_whatever_becomes_of_workers(
    standing: Ground, excerpt: dict[int, Conversation]
) -> None:
    played = standing.play(GATE, FILE, list(excerpt.values()), limit=120)
    assert promised.broken(played, EXCERPT) == []
    assert ends(played) == {
        0: ("unfit", False),
        1: ("goodbye", True),
        2: ("over", True),
        3: ("goodbye", True),
        4: ("over", False),
        5: ("unfit", False),
        6: ("unfit", False),
        7: ("goodbye", True),
    }
    figures = {line["name"]: line["value"] for line in promised.lines(played) if "name" in line}
    assert (figures["writes_asked_wrong"], figures["writes_made"], figures["right_writes_made_once"]) == (3, 6, 6)
    killed = standing.play(KILLS, FILE, [excerpt[number] for number in WRONG_AND_RIGHT], limit=120, kills=2)
    assert promised.broken(killed, EXCERPT) == []
    assert ends(killed) == {2: ("over", True), 5: ("goodbye", True), 7: ("goodbye", True)}
