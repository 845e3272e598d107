"""No model may do a step for its data: a person says how it goes on, perhaps that they are less sensitive."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event, User
from audit.reading import told
from orchestration import unsettled
from orchestration.models import Model, RoutingDecision, Run, StepRun
from orchestration.starts import BadInput
from tests.cast import Cast, carry_out_all
from tests.flow.test_unknown import unknown
from tests.pages.conftest import Look
from tests.routing import world
from tests.routing.world import LARGE

PERSONAL = "Please write to ines@customer.example."


@pytest.fixture
def stuck(house: Cast) -> StepRun:
    """A step that no model may do, since an address stands in what it reads."""
    Model.objects.filter(name__startswith="house/").update(ceiling="internal")
    world.forget()
    world.asked(house, PERSONAL)
    return StepRun.objects.unsettled().get()


def sent(user: User, held: StepRun, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(f"/step-runs/{held.pk}/outcome/", data)


def settled() -> Event:
    return Event.objects.get(kind="steprun.settled")


def test_a_person_is_told_in_clear_words(house: Cast, stuck: StepRun, look: Look) -> None:
    page = look(house.adam, f"/step-runs/{stuck.pk}/outcome/")
    for words in (
        "No model may do this: Letter",
        "may not see such data",
        "I write its output myself",
        "Try again",
        "Give up",
    ):
        assert words in page.text
    assert "The data is less sensitive than it seems" in page.text
    assert "It counts as personal now: an e-mail address was found" in page.text
    run = look(house.adam, f"/runs/{stuck.run_id}/?step=letter").text
    assert "No model may do this. Adam Novak" in run
    assert "No model may do it: Letter" in run
    home = look(house.adam, "/")
    assert "No model may do this 1 Letter" in home.text
    assert "Say how it goes on" in home.text
    assert "Outcome unknown" not in home.text


def test_a_lower_class_lets_the_step_go_on(house: Cast, stuck: StepRun) -> None:
    answer = sent(house.adam, stuck, said="lowered", lowered="internal", why="It is our own address.")
    assert answer.status_code == 303
    carry_out_all()
    held = StepRun.objects.get(pk=stuck.pk)
    assert (held.status, held.data_class, Run.objects.get(pk=held.run_id).status) == ("done", "internal", "done")
    last = RoutingDecision.objects.filter(step_run=held).latest("fence")
    assert (last.answered, last.asked["data"], last.asked["sources"]) == (LARGE, "internal", ["lowered"])


def test_the_record_says_who_lowered_what_and_why(house: Cast, stuck: StepRun) -> None:
    sent(house.adam, stuck, said="lowered", lowered="internal", why="It is our own address.")
    event = settled()
    assert (event.data["said"], event.data["class_was"], event.data["class_now"]) == ("lowered", "personal", "internal")
    said = told.plain(event)
    assert said.startswith("Adam Novak let the data of Letter")
    assert said.endswith("count as internal: It is our own address.")


@pytest.mark.parametrize(
    ("lowered", "why", "words"),
    [
        ("internal", "", "Say why the data are less sensitive"),
        ("internal", "   ", "Say why the data are less sensitive"),
        ("personal", "Because.", "Choose a class that is lower"),
        ("special", "Because.", "Choose a class that is lower"),
        ("", "Because.", "Choose a class that is lower"),
        ("nonsense", "Because.", "Choose a class that is lower"),
    ],
)
def test_what_is_no_lowering_changes_nothing(house: Cast, stuck: StepRun, lowered: str, why: str, words: str) -> None:
    answer = sent(house.adam, stuck, said="lowered", lowered=lowered, why=why)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert StepRun.objects.unsettled().get() == stuck
    assert not Event.objects.filter(kind="steprun.settled").exists()


def test_others_may_not(house: Cast, stuck: StepRun) -> None:
    data = {"said": "lowered", "lowered": "internal", "why": "Because."}
    assert [sent(user, stuck, **data).status_code for user in (house.rita, house.noah)] == [403, 404]
    assert StepRun.objects.unsettled().exists()


def test_the_data_of_an_unknown_outcome_are_not_lowered(cast: Cast) -> None:
    held = unknown(cast)
    assert sent(cast.adam, held, said="lowered", lowered="public", why="Because.").status_code == 422
    with pytest.raises(BadInput, match="Only where no model"):
        unsettled.settle(held.pk, "lowered", by=cast.adam, lowered="public", why="Because.")
    assert "less sensitive" not in str(Client().get("/").content)


def test_an_output_of_ones_own_counts_as_done(house: Cast, stuck: StepRun) -> None:
    assert sent(house.adam, stuck, said="happened", output='{"subject": "x", "body": "y"}').status_code == 303
    carry_out_all()
    assert Run.objects.get(pk=stuck.run_id).status == "done"


def test_tried_again_without_a_change_is_asked_again(house: Cast, stuck: StepRun) -> None:
    sent(house.adam, stuck, said="did_not")
    carry_out_all()
    again = StepRun.objects.unsettled().get()
    assert (again.pk, again.fence) == (stuck.pk, stuck.fence + 1)
    Model.objects.filter(name=LARGE).update(ceiling="personal")
    world.forget()
    sent(house.adam, again, said="did_not")
    carry_out_all()
    assert StepRun.objects.get(pk=stuck.pk).status == "done"
