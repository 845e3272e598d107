"""What the tests of declared tools share: the airline's MCP server, and tools of it that two people have let in."""

from collections.abc import Iterator
from typing import Any

import pytest

from audit import proposals
from audit.models import User
from orchestration import jobs
from orchestration.catalog import connecting, inquiring, tooling
from orchestration.models import Connection, Inquiry, Tool
from orchestration.tools.mcp import sessions
from tests.airline import server
from tests.airline.server import Airline
from tests.cast import Cast
from tests.catalog.conftest import second_admin
from tests.loopback import said as said

READS = {"effect": "read", "leaves_house": False, "repeatability": "safe", "for_all": True}
WRITES = {"effect": "write", "leaves_house": False, "repeatability": "keyed", "for_all": True}


@pytest.fixture
def ada(cast: Cast) -> User:
    """A second admin."""
    return second_admin(cast)


@pytest.fixture(scope="session")
def standing() -> Iterator[Airline]:
    """The airline's server, over the bookings of the excerpt."""
    with server.standing() as airline:
        yield airline


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """No session outlives its test."""
    yield
    sessions.close()


@pytest.fixture
def airline(cast: Cast, ada: User, standing: Airline) -> Connection:
    """A connection to it that Adam proposed and Ada signed."""
    return connected("airline", cast.adam, ada, address=standing.mcp, private=True)


def connected(name: str, by: User, second: User, **wanted: Any) -> Connection:
    """A connection, signed."""
    row = connecting.add(name, {"kind": "mcp", **wanted}, by=by)
    proposal = connecting.propose(row.pk, by=by)
    proposals.countersign(proposal.pk, by=second, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    return row


def listed(connection: Connection, by: User) -> Inquiry:
    """Ask what it offers, and let a worker do what its bell says."""
    return answered(inquiring.ask_offers(connection, by=by))


def answered(inquiry: Inquiry) -> Inquiry:
    """What a worker's answer is."""
    jobs.try_model(inquiry.pk)
    inquiry.refresh_from_db()
    return inquiry


def let_in(name: str, by: User, second: User, **said: Any) -> Tool:
    """A tool that one person says something of and proposes, and the other signs."""
    row = Tool.objects.get(name=name)
    tooling.change(row.pk, said or READS, by=by, seen=tooling.state_of(row))
    proposal = tooling.propose(row.pk, by=by)
    proposals.countersign(proposal.pk, by=second, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    return row
