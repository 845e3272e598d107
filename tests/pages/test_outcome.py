"""Saying what happened to a step whose outcome is unknown: who is told, where, and what the form answers."""

from typing import Any

from django.test import Client

from audit.models import User
from orchestration.models import Run, StepRun
from tests.cast import Cast
from tests.flow.test_unknown import unknown
from tests.pages.conftest import Look


def sent(user: User, held: StepRun, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(f"/step-runs/{held.pk}/outcome/", data)


def test_its_owner_is_told_on_the_dashboard(cast: Cast, look: Look) -> None:
    held = unknown(cast)
    home = look(cast.adam, "/")
    assert "Outcome unknown 1 Send" in home.text
    assert "Say what happened" in home.text
    assert f'href="/step-runs/{held.pk}/outcome/"' in home.html
    assert "Say what happened" not in look(cast.rita, "/").text


def test_the_run_says_so_and_leads_there(cast: Cast, look: Look) -> None:
    held = unknown(cast)
    page = look(cast.adam, f"/runs/{held.run_id}/?step=send")
    assert "Outcome unknown: Send" in page.text
    assert f'href="/step-runs/{held.pk}/outcome/"' in page.html
    assert "Outcome unknown" in look(cast.adam, f"/runs/{held.run_id}/?step=then").text


def test_the_form_shows_what_was_called(cast: Cast, look: Look) -> None:
    held = unknown(cast)
    page = look(cast.adam, f"/step-runs/{held.pk}/outcome/")
    assert (page.status, "test.unsafe@1" in page.text, "It needs: word." in page.text) == (200, True, True)


def test_what_is_said_carries_the_run_on(cast: Cast) -> None:
    held = unknown(cast)
    answer = sent(cast.adam, held, said="happened", output='{"word": "sent"}', why="I saw it.")
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{held.run_id}/?step=send")
    assert StepRun.objects.get(pk=held.pk).status == "ready"


def test_what_does_not_fit_is_said_by_field_and_kept(cast: Cast) -> None:
    held = unknown(cast)
    for written, told in (('{"word": 7}', "word</b>"), ("{word", "This is not JSON"), ("[]", "is an object")):
        answer = sent(cast.adam, held, said="happened", output=written, why="I saw it.")
        page = answer.content.decode()
        assert (answer.status_code, told in page, "I saw it." in page) == (422, True, True)
    assert sent(cast.adam, held, said="nonsense").status_code == 422
    assert StepRun.objects.get(pk=held.pk).status == "waiting"


def test_who_is_second_changes_nothing(cast: Cast) -> None:
    held = unknown(cast)
    assert sent(cast.adam, held, said="did_not").status_code == 303
    assert sent(cast.adam, held, said="given_up").status_code == 409
    assert Run.objects.get().status == "running"


def test_others_may_not(cast: Cast) -> None:
    held = unknown(cast)
    assert [sent(user, held, said="did_not").status_code for user in (cast.rita, cast.noah)] == [403, 404]
    assert StepRun.objects.unsettled().exists()
