"""An invoice from its PDF to the books, and a clause that no model assesses: through the pages, as people do it."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from audit.models import User
from deploy.sample import invoices
from orchestration.models import Run
from reviews.models import Decision, Review
from tests.cast import carry_out_all
from tests.clock import jump
from tests.sampled import Sample
from tests.templates.test_pdf import with_stream

REAL = invoices.FOLDER / "AzureInterior.pdf"
SAID = ("Harrow Machines Ltd", "Invoice number: HM-7", "Invoice date: 2024-03-12", "Total due: EUR 2,500.00")
LARGE = " 0 -20 Td ".join(f"({line}) Tj" for line in SAID)


def browser(user: User) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def begin(sample: Sample, slug: str, **given: Any) -> Run:
    """A run that Adam starts with the form, carried as far as it goes."""
    sent = {f"input-{name}": value for name, value in given.items()}
    answer = browser(sample.adam).post(f"/workflows/{slug}/start/", sent)
    assert answer.status_code == 303, answer.content.decode()
    carry_out_all()
    return Run.objects.latest("pk")


def send(sample: Sample, name: str, data: bytes) -> Run:
    """An invoice is sent in."""
    return begin(sample, "approve-an-invoice", invoice=SimpleUploadedFile(name, data, "application/pdf"))


def approve(user: User, edit: dict[str, str] | None = None) -> HttpResponse:
    """What somebody's page sends when they approve, with an edit that they saved before."""
    review = Review.objects.get(status="open")
    page = browser(user)
    if edit:
        shown = {f"arg.{name}": str(value) for name, value in {**review.arguments, **edit}.items()}
        assert page.post(f"/inbox/{review.pk}/draft/", shown).status_code == 303
    standing = {**review.arguments, **(edit or {})}
    sent = {f"arg.{name}": str(value) for name, value in standing.items()}
    sent |= {"verdict": "approved", "version": str(review.version), "shown_hash": review.content_hash, "reason": ""}
    answer = page.post(f"/inbox/{review.pk}/decide/", sent)
    jump(seconds=40)
    carry_out_all()
    return answer  # type: ignore[return-value]


def booked(home: Path) -> list[dict[str, str]]:
    """The records in the books."""
    return [json.loads(path.read_text()) for path in (home / "records" / "invoices").glob("*.json")]


def test_a_real_invoice_is_booked_once(sample: Sample, tmp_path: Path) -> None:
    run = send(sample, "azure.pdf", REAL.read_bytes())
    page = browser(sample.rita).get(f"/inbox/{Review.objects.get().pk}/").text
    assert "Azure Interior, 279.84 USD" in page
    assert "It is filed in the house" in page
    assert approve(sample.rita).status_code == 303
    run.refresh_from_db()
    assert (run.status, run.outcome) == ("done", "booked")
    (record,) = booked(tmp_path)
    assert (record["issuer"], record["number"], record["amount"]) == ("Azure Interior", "INV/2023/03/0008", "279.84")
    again = send(sample, "azure-again.pdf", REAL.read_bytes())
    approve(sample.rita)
    again.refresh_from_db()
    assert again.status == "failed"
    assert len(booked(tmp_path)) == 1


def test_a_large_one_takes_two_people(sample: Sample, tmp_path: Path) -> None:
    run = send(sample, "harrow.pdf", with_stream(zlib.compress(f"BT /F 12 Tf 10 180 Td {LARGE} ET".encode())))
    approve(sample.rita)
    assert booked(tmp_path) == []
    assert "1 of 2 approved, waiting for Finance leads" in browser(sample.mina).get(f"/runs/{run.pk}/").text
    assert approve(sample.lena).status_code == 403  # she is of finance, and not its lead
    approve(sample.olga)
    run.refresh_from_db()
    assert run.outcome == "booked"
    assert [one.by.username for one in Decision.objects.order_by("place")] == ["rita", "olga"]
    assert booked(tmp_path)[0]["amount"] == "2500.00"


def test_what_cannot_be_read_is_filled_in_by_a_person(sample: Sample, tmp_path: Path) -> None:
    send(sample, "scan.pdf", with_stream(zlib.compress(b"")))
    assert approve(sample.rita).status_code == 422  # nothing is filled in yet
    fields = {"issuer": "Papeterie", "number": "F-2", "date": "2024-02-29", "amount": "18.00", "currency": "EUR"}
    assert approve(sample.rita, fields).status_code == 303
    approve(sample.lena)
    assert booked(tmp_path)[0]["issuer"] == "Papeterie"


def test_what_is_no_pdf_fails_in_a_sentence(sample: Sample) -> None:
    run = send(sample, "broken.pdf", b"%PDF-1.7 and nothing more")
    assert run.status == "failed"
    assert "no PDF, or one that is broken" in browser(sample.adam).get(f"/runs/{run.pk}/?step=text").text


def test_without_a_model_a_lawyer_writes_the_assessment(sample: Sample) -> None:
    clause = "The contract renews for three years each time unless it is ended a year before."
    run = begin(sample, "review-a-clause", contract="Hosting", heading="Term", clause=clause)
    page = browser(sample.adam).get(f"/runs/{run.pk}/?step=assess").text
    assert "No model is plugged in here" in page
    finding = {"risk": "high", "finding": "It binds us for four years in fact.", "proposal": "A year each time."}
    approve(sample.rita, finding)
    approve(sample.olga)
    run.refresh_from_db()
    assert (run.status, run.outcome) == ("done", "high risk")
    assert (run.result or {})["risk"] == "high"


@pytest.mark.parametrize("decision", ["invite", "decline"])
def test_two_people_decide_on_an_application(sample: Sample, tmp_path: Path, decision: str) -> None:
    run = begin(
        sample,
        "screen-an-application",
        applicant="Sam Okafor",
        email="sam@applicant.example",
        role="Accountant",
        criteria="Five years in a works.",
        application="I have kept the books of two machine works for eleven years.",
    )
    approve(sample.rita, {"summary": "Eleven years of bookkeeping in works.", "met": "Five years", "not_met": "none"})
    approve(sample.lena, {"decision": decision, "grounds": "It meets the one criterion, as its text shows."})
    assert not (tmp_path / "outbox").exists()
    approve(sample.olga)
    approve(sample.rita)
    run.refresh_from_db()
    assert (run.status, run.outcome) == ("done", {"invite": "invited", "decline": "declined"}[decision])
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
