"""The rules that read invoices: scored on six real ones, and on what they must not fall for."""

import json
from typing import Any

import pytest

from deploy.sample import invoices
from orchestration.providers.invoices import Invoice, reading

LEAST_RIGHT = 27  # of 29, as measured when the rules were written

SPANISH = """
Talleres Vega S.L.                         Factura
CIF B12345678
Facturar a:                                Número de factura:   A-2024/031
Harrow Machines Ltd                        Fecha de emisión:    3 de mayo de 2024

Descripción              Importe
Revisión anual           1.100,00 €
Base imponible           1.100,00 €
IVA 21 %                   231,00 €
Total a pagar            1.331,00 €
www.talleresvega.example
"""
GERMAN = """
Nordlicht Hosting GmbH

Rechnungsnummer:     2024-1187
Rechnungsdatum:      07.05.2024
Zwischensumme        1.029,18 EUR
MwSt. 19 %             195,54 EUR
Gesamtbetrag         1.224,72 EUR
"""


def read(text: str) -> dict[str, Any]:
    """What the provider answers to a step."""
    asked = [{"role": "user", "content": f"<input>\n{json.dumps({'text': text})}\n</input>"}]
    answer: dict[str, Any] = json.loads(Invoice().answer(asked).text)
    return answer


def test_it_reads_real_invoices(capsys: pytest.CaptureFixture[str]) -> None:
    scored = invoices.score()
    right = [one for one in scored if one.right]
    with capsys.disabled():
        print(f"\nhandrail/invoice: {len(right)} of {len(scored)} fields right on six real invoices")
        for one in scored:
            if not one.right:
                print(f"  {one.invoice} {one.field}: read {one.read!r}, right is {one.answer!r}")
    assert len(scored) == 29
    assert len(right) >= LEAST_RIGHT


def test_it_reads_spanish() -> None:
    found = read(SPANISH)
    assert (found["issuer"], found["number"], found["date"]) == ("Talleres Vega S.L.", "A-2024/031", "2024-05-03")
    assert (found["amount"], found["currency"]) == ("1331.00", "EUR")
    assert [line["text"] for line in found["lines"]] == ["Revisión anual"]


def test_it_takes_the_total_and_no_part_of_it() -> None:
    assert read(GERMAN)["amount"] == "1224.72"


def test_what_is_not_there_is_missing_and_not_guessed() -> None:
    found = read("Soup, bread\nand a glass of water")
    assert found["missing"] == ["number", "date", "amount", "currency"]
    assert found["confidence"] < 0.3


def test_nothing_comes_to_nothing() -> None:
    found = read("")
    assert (found["missing"], found["confidence"]) == (list(reading.FIELDS), 0.0)


def test_a_date_that_could_be_two_is_less_sure() -> None:
    sure = reading.read("Invoice date: 13/04/2024").sure["date"]
    assert reading.read("Invoice date: 03/04/2024").sure["date"] < sure


@pytest.mark.parametrize(
    "text",
    [
        "9" * 100_000,
        "Invoice no: " * 20_000,
        "1,111" * 50_000,
        "\n" * 200_000,
        "Total " + "1 " * 100_000,
        "a." * 100_000,
    ],
)
def test_a_strange_text_takes_no_long_time(text: str) -> None:
    reading.read(text)
