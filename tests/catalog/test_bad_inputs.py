"""What cannot be said of a model is refused in a sentence, whichever door it comes through."""

import ipaddress
from decimal import Decimal
from typing import Any

import pytest

from orchestration import addresses, catalog
from orchestration.catalog import CannotChange
from orchestration.models import Model
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NAN, ENDLESS = Decimal("NaN"), Decimal("Infinity")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 121),
        ("title", "two\nlines"),
        ("route", "no spaces please"),
        ("route", "handrail/intent"),
        ("route", "huggingface/https://models.example.org"),
        ("secret", "sk-proj-0123456789abcdef0123456789abcdef"),
        ("secret", "env:sk-0123"),
        ("secret", "file:relative/path"),
        ("secret", "kept:Not A Name"),
        ("secret", "env:HANDRAIL_SECRET_KEY"),
        ("secret", "env:DATABASE_URL"),
        ("secret", "env:PGPASSWORD"),
        ("secret", "env:REDIS_URL"),
        ("region", "the European Union"),
        ("ceiling", "secret"),
        ("capabilities", ["flying"]),
        ("tiers", ["enormous"]),
        ("languages", ["German"]),
        ("tags", ["No Spaces"]),
        ("tags", [f"tag-{number}" for number in range(41)]),
        ("context", -1),
        ("context", 2**31),
        ("retention_days", 1.5),
        ("calls_at_once", True),
        ("price_in", Decimal(-1)),
        ("price_out", NAN),
        ("month_budget", ENDLESS),
        ("price_in", 2.5),
        ("quality", Decimal("1.1")),
        ("quality", NAN),
        ("priced_on", "yesterday"),
        ("endpoint", "ftp://models.example.org"),
        ("endpoint", "https://"),
        ("endpoint", "https://somebody:word@203.0.113.9/v1"),
        ("endpoint", "https://203.0.113.9/v1?key=abc"),
        ("endpoint", "https://203.0.113.9/v1#a"),
        ("endpoint", "https://203.0.113.9:99999/v1"),
        ("endpoint", "https://[::1"),
        ("endpoint", "https://exa mple.org/"),
        ("endpoint", "https://" + "x" * 300),
        ("endpoint", "http://203.0.113.9/v1"),
        ("endpoint", "https://127.0.0.1/v1"),
        ("endpoint", "https://localhost:8000/v1"),
        ("endpoint", "https://10.1.2.3/v1"),
        ("endpoint", "https://169.254.169.254/latest"),
        ("endpoint", "https://[::1]/v1"),
        ("endpoint", "https://[::ffff:127.0.0.1]/v1"),
        ("endpoint", "https://2130706433/v1"),
        ("endpoint", "https://0x7f.1/v1"),
        ("endpoint", "https://nobody-knows-this.invalid/v1"),
        ("private_endpoint", True),
    ],
)
def test_it_is_refused_by_its_field(cast: Cast, name: str, value: Any) -> None:
    with pytest.raises(CannotChange) as refused:
        catalog.add("house/large", {name: value}, by=cast.adam)
    assert [field for field, told in refused.value.problems if told] == [name]
    assert not Model.objects.filter(name="house/large").exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "handrail/mine",
        "a b",
        "x" * 121,
        "ünïcode",
        "<b>",
        "-dash",
        "a\nb",
        "a\x00b",
        "huggingface/https://models.example.org",
    ],
)
def test_a_name_that_is_none_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(CannotChange) as refused:
        catalog.add(name, {}, by=cast.adam)
    assert [field for field, _told in refused.value.problems] == ["name"]


@pytest.mark.parametrize(
    "private", ["http://127.0.0.1:8080/v1", "http://gateway.house.internal/v1", "https://10.0.0.7/"]
)
def test_an_address_inside_the_house_is_taken_where_an_admin_says_so(cast: Cast, private: str) -> None:
    row = catalog.add("house/large", {"endpoint": private, "private_endpoint": True}, by=cast.adam)
    assert (row.endpoint, row.private_endpoint, row.status) == (private, True, "proposed")


def test_that_it_may_lie_inside_cannot_be_taken_back_while_it_does(cast: Cast) -> None:
    wanted = {"endpoint": "https://127.0.0.1/v1", "private_endpoint": True}
    row = catalog.add("house/large", wanted, by=cast.adam)
    with pytest.raises(CannotChange) as refused:
        catalog.change(row.pk, {"private_endpoint": False}, by=cast.adam, seen=catalog.state_of(row))
    assert [field for field, _told in refused.value.problems] == ["endpoint"]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("2002:7f00:1::", True),
        ("64:ff9b::7f00:1", True),
        ("64:ff9b::808:808", False),
        ("fd00::1", True),
        ("fe80::1", True),
    ],
)
def test_it_knows_what_lies_inside(address: str, inside: bool) -> None:
    assert addresses.is_inside(ipaddress.ip_address(address)) is inside
