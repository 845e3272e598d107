"""The story through the public doors alone: pages over HTTP, with web, worker and clock as processes of their own."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cast as people
from tests.cast import PASSWORD, QUESTION, Cast
from tests.house import House, standing
from tests.loopback import provider
from tests.processes import until
from tests.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

EDITED = "Your card payment is on its way"


@pytest.fixture
def house(live_cast: Cast, tmp_path: Path) -> Iterator[House]:
    """The processes, and the cast's workflow on a model provider that is reached over HTTP."""
    people.with_models(live_cast, triage="openai/triage", draft="openai/draft")
    with provider() as models, standing(tmp_path, **models.environment) as house:
        yield house


def start_a_run(adam: Visitor) -> str:
    """The address of a run that was started by the form."""
    fields = {f"input-{name}": value for name, value in QUESTION.items()}
    answer = adam.send_form("/workflows/answer-a-customer/start/", "/workflows/answer-a-customer/start/", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def waiting_in_the_inbox(person: Visitor) -> str:
    """The address of the one item that waits."""

    def found() -> list[str]:
        return re.findall(r'href="(/inbox/\d+/)', person.get("/inbox/").text)

    until(found, "the item in the inbox")
    return found()[0]


def approve_with_an_edit(rita: Visitor, item: str) -> None:
    """Edit the subject, and approve what is then shown."""
    kept = rita.send_form(f"{item}?edit=1", f"{item}draft/", **{"arg.subject": EDITED})
    assert kept.status_code == 303, kept.text
    assert "<ins>" in rita.get(item).text
    decided = rita.send_form(item, f"{item}decide/", verdict="approved")
    assert decided.status_code == 303, decided.text


def exported_kinds(mina: Visitor, run: str) -> list[str]:
    """The kinds of the run's events in the record that one takes away, in their order."""
    exported = mina.get("/record/export.csv").raise_for_status().text
    return [row["kind"] for row in csv.DictReader(io.StringIO(exported)) if row["run"] == run.split("/")[-2]]


def test_it_answers_a_customer_over_http(house: House) -> None:
    adam, rita, ravi, mina = (
        Visitor(house.address).sign_in(name, PASSWORD) for name in ("adam", "rita", "ravi", "mina")
    )
    run = start_a_run(adam)
    item = waiting_in_the_inbox(rita)
    late = ravi.form(item, f"{item}decide/")
    approve_with_an_edit(rita, item)
    refused = ravi.post(late.action, data={**late.fields, "verdict": "rejected", "reason": "It says too little."})
    assert refused.status_code == 409
    assert "Already decided by Rita Bauer" in refused.text
    assert "It says too little." in refused.text
    assert not house.letters(QUESTION["customer"]), "it went before the time to undo was over"
    until(lambda: house.letters(QUESTION["customer"]), "the e-mail")
    (letter,) = house.letters(QUESTION["customer"])
    assert letter["Subject"] == EDITED
    until(lambda: "Sent with edits" in adam.get(run).text, "the run to be done")
    assert "Rita Bauer" in mina.get("/reports/decisions/").raise_for_status().text
    until(lambda: "run.done" in exported_kinds(mina, run), "the run's end to be sealed")
    kinds = exported_kinds(mina, run)
    assert kinds[0] == "run.accepted"
    assert {"review.open", "review.approved", "run.done"} <= set(kinds)
