"""What open pages are told: what became of which review, and many things in one message where much moves."""

import pytest

from audit import live
from audit.live import Nudges
from audit.sealer import Sealed


def sealed(*events: tuple[int | None, int | None, str, str], head: int = 7) -> Sealed:
    return Sealed(head, list(events))


def told(nudges: Nudges, group: str) -> dict[str, object]:
    return dict(nudges.messages())[group]


def test_it_names_what_became_of_which_review() -> None:
    nudges = Nudges()
    nudges.take(sealed((3, 1, "review.approved", "12"), (3, 1, "review.open", "13"), (3, 1, "run.done", "3")))
    assert told(nudges, "workflow.1") == {
        "type": "ledger.moved",
        "leaf": 7,
        "runs": [3],
        "workflows": [1],
        "kinds": ["review", "run"],
        "reviews": {"gone": [12], "open": [13]},
    }


def test_it_names_reviews_to_those_of_their_workflow_alone() -> None:
    nudges = Nudges()
    nudges.take(sealed((3, 1, "review.approved", "12"), (4, 2, "run.done", "4")))
    assert "reviews" not in told(nudges, "workflow.2")


def test_it_gathers_what_follows_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 100.0
    monkeypatch.setattr("audit.live.time.monotonic", lambda: moment)
    nudges = Nudges()
    nudges.take(sealed((3, 1, "review.approved", "12")))
    assert nudges.due_in == 0
    nudges.messages()
    nudges.take(sealed((3, 1, "review.approved", "14"), head=8))
    nudges.take(sealed((3, 1, "review.rejected", "15"), head=9))
    assert 0 < nudges.due_in <= live.REST
    moment += live.REST
    assert nudges.due_in == 0
    message = told(nudges, "workflow.1")
    assert (message["leaf"], message["reviews"]) == (9, {"gone": [14, 15]})


def test_it_is_never_due_where_nothing_moved() -> None:
    assert Nudges().due_in == float("inf")


def test_it_tells_everybody_when_rights_change() -> None:
    nudges = Nudges()
    nudges.take(sealed((None, None, "grant.given", "1")))
    assert ("everyone", {"type": "access.changed"}) in nudges.messages()
