"""The servers of the farm at large: one for each filter that keeps a model from a call, one for each way to fail."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from orchestration.models import Model
from orchestration.routing.candidates import CLASSES
from orchestration.states import ModelStatus, RiskTier
from tests.routing.farm import BROKEN, BUSY, CUT, SOON, Heard, Server

EVERY_WAY = (SOON, BROKEN, CUT, SOON, BUSY, CUT)
LEAVING = "farm/leaving"  # the one that is suspended halfway
PATIENCE = 2.0  # seconds after its suspension in which calls that had begun may still arrive
RULED = "farm/ruled"
RULED_FROM = "personal"  # the class from which on a rule forbids that one
AT_ONCE, A_MINUTE = 5, 30  # limits of two servers
MINUTE = 59.0  # seconds in which no more may arrive: one less for what a call takes on its way
LONGEST = 1500  # tokens that the server `narrow` can read
CHARACTERS_A_TOKEN = 4  # rather too few tokens than too many: what is forbidden here is so without doubt


def yesterday() -> date:
    """A day that has passed wherever it is."""
    return datetime.now(UTC).date() - timedelta(days=2)


def all_of_them() -> list[Server]:
    """Fresh ones. Prices are US dollars for a million tokens in; tokens out cost three times as much."""
    servers = [
        Server("slow", 0.3, wrong_one_in=25, facts={"ceiling": "special", "price": 2, "quality": 0.7}),
        Server("dear", wrong_one_in=40, facts={"ceiling": "special", "price": 30, "quality": 0.95, "tools": True}),
        Server("abroad", facts={"ceiling": "special", "price": 0.5, "quality": 0.9, "region": "us"}),
        Server(
            "failing", first=4, fails_one_in=5, wrong_one_in=30, ails=EVERY_WAY,
            facts={"ceiling": "personal", "price": 0.9, "quality": 1.0},
        ),
        Server("lying", lies=True, facts={"ceiling": "internal", "price": 0.8, "quality": 0.95, "schema": True}),
        _briefly("public", {**_SPECIAL, "price": 0.8, "ceiling": "public"}),
        Server(
            "careful", wrong_one_in=50,
            facts={**_SPECIAL, "price": 1.6, "quality": 1.0, "tiers": ["minimal", "limited"]},
        ),
        _briefly("narrow", {**_SPECIAL, "price": 1.5, "context": LONGEST}),
        _briefly("ruled", {**_SPECIAL, "price": 0.9}),
        Server("leaving", wrong_one_in=20, facts={**_SPECIAL, "price": 0.7, "ceiling": "confidential", "quality": 1.0}),
        Server("french", facts={**_SPECIAL, "price": 0.5, "languages": ["fr"]}),
        Server("keyless", facts={**_SPECIAL, "price": 0.5, "secret": "env:FARM_HAS_NO_SUCH_KEY"}),
        Server("unapproved", facts={**_SPECIAL, "price": 0.5, "status": ModelStatus.PROPOSED}),
        Server("suspended", facts={**_SPECIAL, "price": 0.5, "status": ModelStatus.SUSPENDED}),
        Server("retired", facts={**_SPECIAL, "price": 0.5, "status": ModelStatus.RETIRED}),
        Server("over", facts={**_SPECIAL, "price": 0.5, "until": yesterday()}),
        # Only limits and budgets are tried on these, so nothing else is about them.
        Server("crowded", 0.05, facts={**_LIMITED, "price": 0.1, "calls_at_once": AT_ONCE}),
        Server("scarce", 0.05, facts={**_LIMITED, "price": 0.1, "requests_per_minute": A_MINUTE}),
        Server("purse", writes=60, facts={**_APART, "price": 10, "month_budget": Decimal("0.05")}),
        Server("wordy", writes=100, facts={**_APART, "price": 10}),
        Server("wordy-liar", writes=100, lies=True, facts={**_APART, "price": 10, "quality": 1.0}),
        Server("turning", writes=100, turns=4, facts={**_APART, "price": 10, "tools": True}),
    ]  # fmt: skip
    for server in servers:
        server.counts = True
    return servers


def _briefly(name: str, facts: dict[str, Any]) -> Server:
    """One that fails now and then, and may be asked again soon."""
    return Server(name, fails_one_in=12, wrong_one_in=20, ails=(SOON, CUT), facts=facts)


_SPECIAL = {"ceiling": "special", "quality": 0.8}
_LIMITED = {"ceiling": "special", "quality": 0.8, "tags": ["limited"]}
_APART = {"ceiling": "special", "quality": 0.8, "tags": ["purse"]}


class Forbidden(NamedTuple):
    """A call that should never have come: where, what it was, and which filter forbids it."""

    model: str
    heard: Heard
    why: str


def forbidden(server: Server, left_at: float | None) -> list[Forbidden]:
    """The calls that a filter forbids, by the server's own facts and by what it read, not by what Handrail says.

    `left_at` is the moment at which the model that leaves was suspended.
    """
    gone = left_at if f"farm/{server.name}" == LEAVING else None
    return [Forbidden(f"farm/{server.name}", one, why) for one in server.heard if (why := _why_not(server, one, gone))]


def _why_not(server: Server, one: Heard, left_at: float | None) -> str:
    facts = server.facts
    for why, holds in (
        ("not approved", facts.get("status", ModelStatus.APPROVED) == ModelStatus.APPROVED),
        ("its approval has ended", "until" not in facts),
        ("another region", facts.get("region", "eu") in ("eu", "own")),
        ("not its language", facts.get("languages", ["en"]) == ["en"]),
        ("its key is missing", not facts.get("secret")),
        ("not its risk tier", one.tier in facts.get("tiers", RiskTier.values)),
        ("the class is over its ceiling", _rank(carried(one)) <= _rank(facts["ceiling"])),
        ("a rule", f"farm/{server.name}" != RULED or _rank(carried(one)) < _rank(RULED_FROM)),
        ("longer than it can read", len(one.text) // CHARACTERS_A_TOKEN <= facts.get("context", 32_000)),
        ("suspended", left_at is None or one.at <= left_at + PATIENCE),
    ):
        if not holds:
            return why
    return ""


def carried(one: Heard) -> str:
    """The class of a call: what its step declares, or what was planted in its text, whichever is higher."""
    return max([one.data, *(data for data, text in PLANTED.items() if text in one.text)], key=_rank)


def _rank(data: str) -> int:
    return CLASSES.index(data)


# What is planted in some inputs, whatever their steps declare: detectors must find it.
PLANTED = {"personal": "ines.duarte@customer.example", "confidential": "sk-f4rmf4rmf4rmf4rmf4rmf4rm"}


def most_in_a_minute(server: Server) -> int:
    """The most calls that arrived in any minute."""
    moments, first, most = sorted(one.at for one in server.heard), 0, 0
    for place, moment in enumerate(moments):
        while moment - moments[first] >= MINUTE:
            first += 1
        most = max(most, place - first + 1)
    return most


def price(name: str) -> tuple[Decimal, Decimal]:
    """US dollars for a token in and one out, by the catalog."""
    row = Model.objects.only("price_in", "price_out").get(name=name)
    return (row.price_in or Decimal(0)) / 1_000_000, (row.price_out or Decimal(0)) / 1_000_000


def costs(server: Server) -> list[Decimal]:
    """What each call that it answered cost, by the tokens that it counted itself."""
    each_in, each_out = price(f"farm/{server.name}")
    return [one.tokens_in * each_in + one.tokens_out * each_out for one in server.heard]
