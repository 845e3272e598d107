"""Filing records: once, whole, and never the same one twice."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from orchestration.tools import ToolFailed, get

INVOICE = {"folder": "invoices", "told_apart_by": "issuer, number", "issuer": "Harrow", "number": "7", "amount": "9.00"}


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """A data folder of its own."""
    settings.HANDRAIL_HOME = tmp_path
    return tmp_path


def test_it_files_what_it_is_given(home: Path) -> None:
    told = get("record.file").make(INVOICE, "run-1-step-book", {})
    kept = json.loads((home / "records" / told["record"]).read_text())
    assert kept == {"filed_by": "run-1-step-book", "issuer": "Harrow", "number": "7", "amount": "9.00"}


def test_a_retry_finds_it_filed(home: Path) -> None:
    first = get("record.file").make(INVOICE, "run-1-step-book", {})
    assert get("record.file").make(INVOICE, "run-1-step-book", {}) == first
    assert len(list((home / "records" / "invoices").iterdir())) == 1


def test_the_same_one_of_another_run_is_refused() -> None:
    get("record.file").make(INVOICE, "run-1-step-book", {})
    again = {**INVOICE, "issuer": " harrow ", "amount": "10.00"}
    with pytest.raises(ToolFailed, match="already with the same issuer, number"):
        get("record.file").make(again, "run-2-step-book", {})


def test_what_it_should_be_told_apart_by_must_be_there() -> None:
    with pytest.raises(ToolFailed, match="does not have"):
        get("record.file").make({**INVOICE, "told_apart_by": "vat"}, "run-1-step-book", {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"folder": "../x"},
        {"folder": "a/b"},
        {"Amount": "1"},
        {"issuer": ""},
        {"lines": ["a"]},
        {"told_apart_by": "a;b"},
    ],
)
def test_what_does_not_fit_is_told(wrong: dict[str, object]) -> None:
    assert get("record.file").problems({**INVOICE, **wrong})


def test_what_fits_does() -> None:
    assert get("record.file").problems(INVOICE) == []
