"""Holding work back and letting it go on: who may, what is asked, and what the record says."""

import html
import json
from typing import Any

import pytest
from django.test import Client

from audit.actors import person
from audit.models import Event, User
from audit.moves import IllegalMove
from audit.reading import told
from orchestration import control
from orchestration.control import CannotControl
from orchestration.models import Brake, Limit, Run
from tests.cast import QUESTION, Cast
from tests.pages.conftest import Look

pytestmark = pytest.mark.usefixtures("models")
WHY = {"why": "The bank's mail server sends twice."}


def sent(user: User, path: str, data: dict[str, Any] | None = None) -> Any:
    """What a form that `user` sends is answered."""
    client = Client()
    client.force_login(user)
    return client.post(path, data or {})


def sentence(kind: str) -> str:
    return told.plain(Event.objects.filter(kind=kind).select_related("personal").latest("id"))


class Verbs:
    """Stands in for the verbs of a run: notes what it is asked, or refuses it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, raising: Exception | None = None) -> None:
        self.asked: list[tuple[str, Any, dict[str, Any]]] = []
        self.made: Run | None = None
        for name in ("pause_run", "release_run", "cancel_run", "cancel_step", "restart"):
            monkeypatch.setattr(control, name, self._verb(name, raising))

    def _verb(self, name: str, raising: Exception | None) -> Any:
        def act(row: Any, *given: Any, **how: Any) -> Run | None:
            self.asked.append((name, (row.pk, *given), how))
            if raising:
                raise raising
            return self.made

        return act


def test_stopping_everything_stands_on_every_page_and_in_the_record(cast: Cast, look: Look) -> None:
    answer = sent(cast.adam, "/engine/stop/", WHY)
    assert (answer.status_code, answer["Location"]) == (303, "/engine/")
    for path in ("/", "/inbox/", "/runs/", "/nav/"):
        page = look(cast.rita, path).html
        assert "Everything is stopped" in page
        assert "by Adam Novak: The bank&#x27;s mail server sends twice." in page
    assert sentence("brake.pulled") == "Adam Novak stopped everything: The bank's mail server sends twice."


def test_letting_it_go_on_takes_the_banner_away(cast: Cast, look: Look) -> None:
    sent(cast.adam, "/engine/stop/", WHY)
    assert sent(cast.adam, "/engine/go-on/", {"why": "Mended."}).status_code == 303
    assert "Everything is stopped" not in look(cast.rita, "/").html
    assert sentence("brake.released") == "Adam Novak let everything go on: Mended."
    assert Brake.objects.count() == 1


@pytest.mark.parametrize("path", ["/engine/stop/", "/engine/go-on/"])
def test_the_stop_button_asks_why(cast: Cast, path: str) -> None:
    answer = sent(cast.adam, path, {"why": "   "})
    assert answer.status_code == 422
    assert 'name="why" required' in answer.content.decode()
    assert control.brake().status == "released"
    assert not Event.objects.filter(kind__startswith="brake").exists()


def test_whoever_stops_second_is_told_who_was_first(cast: Cast) -> None:
    control.stop_everything(actor=person(cast.mina), by=cast.mina, why="First")
    answer = sent(cast.adam, "/engine/stop/", WHY)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Mina Sato was first" in page
    assert "The bank&#x27;s mail server sends twice." in page
    assert Event.objects.filter(kind="brake.pulled").count() == 1


def test_nothing_is_let_go_that_is_not_stopped(cast: Cast) -> None:
    assert sent(cast.adam, "/engine/go-on/", WHY).status_code == 409
    with pytest.raises(IllegalMove):
        control.let_go(actor=person(cast.adam), by=cast.adam, why="")


def test_a_workflow_is_paused_and_goes_on(cast: Cast) -> None:
    answer = sent(cast.adam, "/workflows/answer-a-customer/pause/", {"why": "New wording."})
    cast.workflow.refresh_from_db()
    assert (answer.status_code, answer["Location"], cast.workflow.status) == (303, "/engine/", "paused")
    assert sentence("workflow.paused") == "Adam Novak paused the workflow Answer a customer: New wording."
    assert sent(cast.adam, "/workflows/answer-a-customer/pause/").status_code == 409
    assert sent(cast.adam, "/workflows/answer-a-customer/go-on/").status_code == 303
    assert sentence("workflow.active") == "Adam Novak let the workflow Answer a customer go on"


def test_a_retired_workflow_does_not_go_on_by_this(cast: Cast) -> None:
    cast.workflow.status = "retired"
    cast.workflow.save(update_fields=["status"])
    answer = sent(cast.adam, "/workflows/answer-a-customer/go-on/")
    assert answer.status_code == 409
    assert "Answer a customer is not paused." in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "path", "given", "told_why"),
    [
        ("pause_run", "pause", {}, {"why": ""}),
        ("pause_run", "pause", WHY, WHY),
        ("release_run", "go-on", {}, {}),
        ("cancel_run", "cancel", WHY, WHY),
    ],
)
def test_a_run_is_held_back_with_a_reason(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, verb: str, path: str, given: dict[str, str], told_why: dict[str, str]
) -> None:
    run, verbs = cast.start(), Verbs(monkeypatch)
    answer = sent(cast.adam, f"/runs/{run.pk}/{path}/", given)
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{run.pk}/")
    assert verbs.asked == [(verb, (run.pk,), {"actor": person(cast.adam), **told_why})]


def test_cancelling_asks_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review, verbs = cast.waiting(), Verbs(monkeypatch)
    for path in (f"/runs/{review.run_id}/cancel/", f"/step-runs/{review.step_run_id}/cancel/"):
        answer = sent(cast.adam, path, {"why": ""})
        assert answer.status_code == 422
        assert "Say why" in answer.content.decode()
    assert not verbs.asked


def test_a_step_is_cancelled_and_shown(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review, verbs = cast.waiting(), Verbs(monkeypatch)
    answer = sent(cast.adam, f"/step-runs/{review.step_run_id}/cancel/", WHY)
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{review.run_id}/?step=send")
    assert verbs.asked == [("cancel_step", (review.step_run_id,), {"actor": person(cast.adam), **WHY})]


@pytest.mark.parametrize(
    ("error", "said"),
    [(CannotControl("It is ending already."), "It is ending already."), (IllegalMove("x"), "is accepted now")],
)
def test_what_cannot_be_done_is_said_and_the_words_are_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    run = cast.start()
    Verbs(monkeypatch, error)
    answer = sent(cast.adam, f"/runs/{run.pk}/cancel/", WHY)
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert "sends twice" in answer.content.decode()


def test_the_restart_form_holds_the_input_and_the_steps_it_has_come_to(cast: Cast, look: Look) -> None:
    review = cast.waiting()
    page = look(cast.adam, f"/runs/{review.run_id}/restart/?step=draft").html
    assert QUESTION["question"] in page
    assert '<option value="draft" selected>' in page
    assert 'value="send"' in page
    assert 'value="outcome"' not in page


@pytest.mark.parametrize("edited", [False, True])
def test_a_restart_goes_to_the_new_run(cast: Cast, monkeypatch: pytest.MonkeyPatch, edited: bool) -> None:
    review, verbs = cast.waiting(), Verbs(monkeypatch)
    verbs.made = cast.start()
    given = {**QUESTION, "question": "Where is my card?"} if edited else QUESTION
    form = {**{f"input-{name}": value for name, value in given.items()}, "from": "draft"}
    answer = sent(cast.adam, f"/runs/{review.run_id}/restart/", form)
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{verbs.made.pk}/")
    ((verb, where, how),) = verbs.asked
    assert (verb, where) == ("restart", (review.run_id, "draft"))
    assert (how["given"], how["started_by"]) == (given if edited else None, cast.adam)


def test_a_restart_refuses_what_does_not_fit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review, verbs = cast.waiting(), Verbs(monkeypatch)
    form = {f"input-{name}": value for name, value in QUESTION.items()}
    for wrong in ({**form, "from": "no-such"}, {**form, "from": "draft", "input-customer": "nobody"}):
        answer = sent(cast.adam, f"/runs/{review.run_id}/restart/", wrong)
        assert answer.status_code == 422
        assert QUESTION["question"] in answer.content.decode()
    assert not verbs.asked


def test_a_refused_restart_says_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review = cast.waiting()
    Verbs(monkeypatch, CannotControl("This step has not been reached."))
    form = {**{f"input-{name}": value for name, value in QUESTION.items()}, "from": "draft"}
    answer = sent(cast.adam, f"/runs/{review.run_id}/restart/", form)
    assert answer.status_code == 409
    assert "This step has not been reached." in answer.content.decode()


def restarting(cast: Cast, run: Run, **more: str) -> Any:
    """What the form is answered when `more` is sent with the run's own input."""
    form = {f"input-{name}": value for name, value in run.input.items()}
    return sent(cast.adam, f"/runs/{run.pk}/restart/", {**form, "from": "triage", "reads-of": "triage", **more})


def test_the_restart_form_shows_what_the_step_read(cast: Cast, look: Look) -> None:
    run = cast.waiting().run
    page = look(cast.adam, f"/runs/{run.pk}/restart/?step=triage")
    assert f"What {page.context['reads'].step.name} reads" in page.text
    assert json.loads(page.context["reads"].text) == {"question": QUESTION["question"]}


def test_a_restart_takes_an_input_for_the_step(cast: Cast, look: Look) -> None:
    run = cast.waiting().run
    answer = restarting(cast, run, reads='{"question": "Where is my card?"}')
    new = Run.objects.latest("id")
    assert (answer.status_code, new.edited, new.input) == (
        303,
        {"step": "triage", "input": {"question": "Where is my card?"}},
        run.input,
    )
    assert "whose input Adam Novak edited" in look(cast.adam, f"/runs/{new.pk}/").text
    told = look(cast.adam, f"/runs/{new.pk}/?step=triage&tab=input").text
    assert "Adam Novak wrote this input" in told
    assert "Where is my card?" in told


def test_what_was_left_as_it_was_is_worked_out_anew(cast: Cast) -> None:
    run = cast.waiting().run
    restarting(cast, run, reads=json.dumps({"question": QUESTION["question"]}))
    assert Run.objects.latest("id").edited is None


@pytest.mark.parametrize(
    ("reads", "begin", "said"),
    [
        ("{", "triage", "This is not JSON"),
        ("[1]", "triage", "is an object"),
        ('{"other": 1}', "triage", "other</b>: is nothing that this step reads"),
        ('{"question": "Where?"}', "draft", "What you wrote is for"),
    ],
)
def test_an_input_that_does_not_fit_the_step_is_kept(cast: Cast, reads: str, begin: str, said: str) -> None:
    run = cast.waiting().run
    answer = restarting(cast, run, **{"reads": reads, "from": begin})
    page = answer.content.decode()
    assert (answer.status_code, said in page, html.escape(reads, quote=True) in page) == (422, True, True)
    assert Run.objects.count() == 1


def test_the_input_of_another_step_is_shown_when_asked_for(cast: Cast) -> None:
    run = cast.waiting().run
    answer = restarting(cast, run, **{"reads": "{}", "from": "draft", "look": "1"})
    assert (answer.status_code, answer.context["reads"].step.key, Run.objects.count()) == (200, "draft", 1)


def test_a_limit_is_set_changed_and_removed(cast: Cast) -> None:
    for given in ({"at_once": "4"}, {"at_once": "2"}, {"at_once": "2"}, {"at_once": "2", "remove": "on"}):
        assert sent(cast.adam, "/engine/limit/", {"lane": "tool:email.send", **given}).status_code == 303
    assert not Limit.objects.exists()
    events = Event.objects.filter(kind="limit.set").select_related("personal").order_by("id")
    assert [told.plain(event) for event in events] == [
        "Adam Novak set a limit for the tool email.send: 4 at once",
        "Adam Novak set a limit for the tool email.send: 2 at once",
        "Adam Novak took the limit for the tool email.send away",
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"lane": "tool:email.send", "at_once": "-1"},
        {"lane": "tool:email.send", "at_once": "9" * 30},
        {"lane": "tool:email.send", "at_once": ""},
        {"lane": "tool:no.such", "at_once": "1"},
        {"at_once": "1"},
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(cast: Cast, given: dict[str, str]) -> None:
    assert sent(cast.adam, "/engine/limit/", given).status_code == 422
    assert not Limit.objects.exists()


def test_a_manager_of_a_workflow_alone_may_not_stop_everything(cast: Cast) -> None:
    cast.noah.groups.add(cast.groups["owner"])
    assert sent(cast.noah, "/engine/stop/", WHY).status_code == 403
    assert sent(cast.noah, "/engine/limit/", {"lane": "tool:email.send", "at_once": "1"}).status_code == 403
    assert sent(cast.noah, "/workflows/answer-a-customer/pause/").status_code == 303


def test_a_reason_with_characters_that_cannot_be_kept_is_cleaned(cast: Cast) -> None:
    assert sent(cast.adam, "/engine/stop/", {"why": "Stop\x00 it"}).status_code == 303
    assert "\x00" not in control.brake().why
