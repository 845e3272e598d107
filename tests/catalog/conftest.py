"""What the tests of the catalog share: a second admin, and a model that both have let in."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from audit import people, proposals
from audit.actors import COMMAND
from audit.models import User
from orchestration import catalog
from orchestration.models import Model
from tests.cast import PASSWORD, Cast
from tests.loopback import Provider, provider

type Sign = Callable[..., Model]


@pytest.fixture
def ada(cast: Cast) -> User:
    """A second admin."""
    return second_admin(cast)


def second_admin(cast: Cast) -> User:
    """Ada Lind, who administers as Adam does."""
    ada = people.welcome("ada", "Ada Lind", "ada@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(ada, cast.groups["admin"], actor=COMMAND)
    return ada


def signed(row: Model, *, by: User, second: User, until: date | None = None) -> Model:
    """One proposes, the other signs."""
    proposal = catalog.approve_until(row.pk, until, by=by)
    proposals.countersign(proposal.pk, by=second, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    return row


@pytest.fixture
def large(cast: Cast, ada: User) -> Model:
    """A model that Adam proposed and Ada signed."""
    wanted: dict[str, Any] = {"ceiling": "personal", "region": "eu", "tiers": ["limited"], "route": "openai/large"}
    return signed(catalog.add("house/large", wanted, by=cast.adam), by=cast.adam, second=ada)


@pytest.fixture
def farm() -> Iterator[Provider]:
    """A provider on loopback."""
    with provider() as said:
        yield said
