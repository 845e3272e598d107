"""Files of the record: everything, in any number, safe to open, and enough to check every hash again."""

import csv
import hashlib
import io
import json
import re

import pytest
import rfc8785

from audit.models import Event, Leaf
from audit.reading import exports
from tests.audit.conftest import Decide, Get
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a handful of events takes several."""
    monkeypatch.setattr(exports, "SLICE", 3)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_holds_every_numbered_event_once(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    found = rows(get("/record/export.csv").html)
    assert [int(row["event"]) for row in found] == list(range(Leaf.objects.count()))
    assert found[0]["kind"] == "model.approved"
    assert {row["sentence"] for row in found if row["kind"] == "review.approved"} == {
        "Rita Bauer approved Ines Duarte: Your pending card payment"
    }


def test_the_export_itself_is_an_event(cast: Cast, get: Get) -> None:
    get("/record/export.jsonl?kind=grant", cast.adam)
    event = Event.objects.get(kind="record.exported")
    assert event.data == {"form": "jsonl", "up_to": Leaf.objects.count() - 1, "filters": {"kind": "grant"}}
    assert event.about["actor"] == "Adam Novak"


def test_filters_are_carried(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    kinds = {row["kind"] for row in rows(get("/record/export.csv?kind=review").html)}
    assert kinds == {"review.open", "review.approved"}


def test_lines_of_json_are_enough_to_check_every_hash_again(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    lines = [json.loads(line) for line in get("/record/export.jsonl").html.splitlines()]
    assert [line["leaf_index"] for line in lines] == list(range(Leaf.objects.count()))
    for line in lines:
        event, private = line["event"], line["personal"]
        assert hashlib.sha256(b"\x00" + rfc8785.dumps(event)).hexdigest() == line["leaf_hash"]
        assert hashlib.sha256(event["body"].encode()).hexdigest() == event["body_hash"]
        salted = bytes.fromhex(private["salt"]) + private["data"].encode() if private else b""
        assert (hashlib.sha256(salted).hexdigest() if private else "") == event["personal_hash"]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM", "-2+3", "+1", "\tx", "\rx"])
def test_no_text_is_read_as_a_formula(name: str) -> None:
    assert exports.cell(name) == f"'{name}"


@pytest.mark.parametrize("value", [-5, -0.5, None, True, "a=b", ""])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert exports.cell(value) is value


def test_a_title_from_outside_is_no_formula(cast: Cast, decide: Decide, get: Get) -> None:
    decide(customer_name="=HYPERLINK(1)")
    titles = [row["title"] for row in rows(get("/record/export.csv?of=decisions&period=7").html)]
    assert titles == ["'=HYPERLINK(1): Your pending card payment"]


def test_decisions_come_with_the_filters_of_their_page(cast: Cast, decide: Decide, get: Get) -> None:
    for _ in range(4):
        decide()
    decide(cast.ravi, "rejected", after=2 * 3600)
    address = re.search(r'href="([^"]*export[^"]*)"', get("/reports/decisions/?period=7&late=1").html)
    assert address
    (row,) = rows(get(address[1].replace("&amp;", "&")).html)
    assert (row["verdict"], row["reviewer"], row["late"]) == ("rejected", "Ravi Menon", "True")
    assert row["reason"] == "The rate is wrong."
    assert len(rows(get("/record/export.csv?of=decisions&period=7").html)) == 5


def test_an_export_of_nothing_still_has_its_head(cast: Cast, get: Get) -> None:
    assert get("/record/export.csv?kind=moon").html.strip() == ",".join(exports.RECORD)
    assert get("/record/export.jsonl?kind=moon").html == ""
    assert get("/record/export.csv?of=decisions").html.strip() == ",".join(exports.DECISIONS)


@pytest.mark.parametrize("path", ["/record/export.xlsx", "/record/export.", "/record/export.jsonl?of=decisions"])
def test_an_unknown_form_is_not_there(cast: Cast, get: Get, path: str) -> None:
    assert get(path).status == 404


@pytest.mark.parametrize("login", ["rita", "noah"])
def test_others_find_nothing_there(cast: Cast, get: Get, login: str) -> None:
    assert get("/record/export.csv", getattr(cast, login)).status == 404
    assert not Event.objects.filter(kind="record.exported").exists()
