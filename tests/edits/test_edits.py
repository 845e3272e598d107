"""Edits between approval and act, at random moments, against real workers: nothing arrives that was not approved."""

import json
import os
import random

import pytest

from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.edits.rounds import Rounds
from tests.faults.forked import crew
from tests.injected.obeying import obeying
from tests.outgoing.watching import listener

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

AT_ONCE = 60  # runs of a round, each with an edit
SHORT = 40  # edits in `make test`


def test_nothing_arrives_that_was_not_approved(live_cast: Cast) -> None:
    wanted = int(os.environ.get("HANDRAIL_EDITS", SHORT))
    random.seed()
    with listener() as here, listener() as elsewhere, obeying() as said, crew(2, environment=said.environment):
        rounds = Rounds(live_cast, second_admin(live_cast), here, elsewhere)
        rounds.stand(min(AT_ONCE, wanted))
        number = 0
        while rounds.counted["edits"] < wanted:
            number += 1
            rounds.round(number, min(AT_ONCE, wanted - rounds.counted["edits"]))
            print(json.dumps({"round": number, **rounds.counted, "wrong": len(rounds.wrong)}), flush=True)
    assert rounds.wrong == []
    assert rounds.counted["arrived as approved"] > 0
    assert rounds.counted["edits"] >= wanted
