"""That the farm's judges see what is wrong: each is shown one thing that must not be."""

from decimal import Decimal

import pytest

from tests.farm.budgets import Purse
from tests.farm.judging import Bought, limits, thrift
from tests.farm.servers import A_MINUTE, AT_ONCE, LEAVING, PATIENCE, PLANTED, all_of_them, forbidden
from tests.routing.farm import Heard, Server

PLAIN = Heard(1000.0, "7", "public", "minimal", "Say the word.", "", 20, 5)


def server(name: str) -> Server:
    """One of the farm."""
    return next(one for one in all_of_them() if one.name == name)


@pytest.mark.parametrize(
    ("name", "heard", "why"),
    [
        ("unapproved", PLAIN, "not approved"),
        ("suspended", PLAIN, "not approved"),
        ("over", PLAIN, "its approval has ended"),
        ("abroad", PLAIN, "another region"),
        ("french", PLAIN, "not its language"),
        ("keyless", PLAIN, "its key is missing"),
        ("careful", PLAIN._replace(tier="high"), "not its risk tier"),
        ("public", PLAIN._replace(data="internal"), "the class is over its ceiling"),
        ("lying", PLAIN._replace(text=PLANTED["personal"]), "the class is over its ceiling"),
        ("lying", PLAIN._replace(text=PLANTED["confidential"]), "the class is over its ceiling"),
        ("ruled", PLAIN._replace(data="personal"), "a rule"),
        ("narrow", PLAIN._replace(text="x" * 7000), "longer than it can read"),
    ],
)
def test_a_call_that_a_filter_forbids_is_seen(name: str, heard: Heard, why: str) -> None:
    asked = server(name)
    asked.heard = [heard]
    assert [one.why for one in forbidden(asked, None)] == [why]


def test_a_call_that_may_come_is_none() -> None:
    for name in ("public", "lying", "careful", "ruled", "narrow", "slow", "dear"):
        asked = server(name)
        asked.heard = [PLAIN]
        assert not forbidden(asked, None), name


def test_a_call_after_the_suspension_is_seen() -> None:
    leaving = server(LEAVING.removeprefix("farm/"))
    leaving.heard = [PLAIN, PLAIN._replace(at=1001.0 + PATIENCE)]
    assert [one.heard.at for one in forbidden(leaving, 1000.5)] == [1001.0 + PATIENCE]


@pytest.mark.parametrize(
    ("spent", "recorded", "holds"),
    [("0.12", "0.12", True), ("0.13", "0.13", False), ("0.09", "0.08", False), ("0.09", None, True)],
)
def test_a_budget_may_be_passed_by_one_call(spent: str, recorded: str | None, holds: bool) -> None:
    said = Decimal(recorded) if recorded else None
    assert Purse("month", "farm", Decimal("0.1"), Decimal(spent), Decimal("0.02"), 6, said).holds is holds


def test_too_many_at_once_or_in_a_minute_are_seen() -> None:
    crowded, scarce = server("crowded"), server("scarce")
    crowded.most_at_once = AT_ONCE
    scarce.heard = [PLAIN._replace(at=float(number * 60 / A_MINUTE)) for number in range(3 * A_MINUTE)]
    assert limits({"crowded": crowded, "scarce": scarce}).holds
    scarce.heard += [PLAIN._replace(at=30.5)]
    assert not limits({"crowded": crowded, "scarce": scarce}).holds
    scarce.heard.pop()
    crowded.most_at_once += 1
    assert not limits({"crowded": crowded, "scarce": scarce}).holds


@pytest.mark.parametrize(
    ("met", "cost", "holds"), [(95, "1", True), (90, "1", False), (99, "9", False)], ids=["cheaper", "worse", "dearer"]
)
def test_cheaper_counts_for_the_same_metric_alone(met: int, cost: str, holds: bool) -> None:
    assert thrift(Bought(100, met, Decimal(cost)), Bought(100, 98, Decimal(8))).holds is holds
