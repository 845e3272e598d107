"""Starting a run from a form that is made out of the schema of its input."""

import re
from typing import Any

import pytest
from django.test import Client

from audit import moves
from audit.actors import person
from audit.models import User
from orchestration.forms import InputForm
from orchestration.models import Run
from orchestration.states import WorkflowStatus
from tests.cast import QUESTION, Cast
from tests.pages.conftest import Look

PAGE = "/workflows/answer-a-customer/start/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def filled(client: Client, **more: str) -> dict[str, str]:
    """The form as it is sent, with its token."""
    page = client.get(PAGE).content.decode()
    (token,) = re.findall(r'name="token" value="([^"]+)"', page)
    return {"token": token, **{f"input-{name}": value for name, value in {**QUESTION, **more}.items()}}


def test_the_form_has_a_field_for_each_property(cast: Cast, look: Look) -> None:
    page = look(cast.adam, PAGE).html
    assert 'type="email" name="input-customer"' in page
    assert '<textarea name="input-question"' in page
    assert "At most 2000 characters." in page
    assert page.index("input-question") < page.index("input-customer_name") < page.index('"input-customer"')


def test_it_starts_a_run_and_goes_to_it(cast: Cast) -> None:
    client = signed_in(cast.adam)
    answer = client.post(PAGE, filled(client))
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{run.pk}/")
    assert (run.input, run.started_by) == (QUESTION, cast.adam)


def test_sending_it_twice_starts_one_run(cast: Cast) -> None:
    client = signed_in(cast.adam)
    sent = filled(client)
    first, second = client.post(PAGE, sent), client.post(PAGE, sent)
    assert Run.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_new_form_starts_another(cast: Cast) -> None:
    client = signed_in(cast.adam)
    client.post(PAGE, filled(client))
    client.post(PAGE, filled(client))
    assert Run.objects.count() == 2


def test_what_does_not_fit_is_told_beside_the_field_and_kept(cast: Cast) -> None:
    client = signed_in(cast.adam)
    answer = client.post(PAGE, filled(client, customer="nobody", question=""))
    page = answer.content.decode()
    assert (answer.status_code, Run.objects.count()) == (422, 0)
    assert "What you wrote is kept" in page
    assert 'id="id_input-customer_error"' in page
    assert 'value="nobody"' in page


def test_what_only_the_engine_refuses_is_told_too(cast: Cast) -> None:
    client = signed_in(cast.adam)
    answer = client.post(PAGE, filled(client, question="x" * 2001))
    assert answer.status_code == 422
    assert "2000" in answer.content.decode()


def test_one_who_may_not_start_is_told_so(cast: Cast) -> None:
    for user in (cast.rita, cast.mina):
        client = signed_in(user)
        answer = client.get(PAGE)
        assert answer.status_code == 403
        assert "you may not start runs of it" in answer.content.decode()
        assert client.post(PAGE, {}).status_code == 403


def test_one_who_may_not_see_it_finds_nothing(cast: Cast) -> None:
    client = signed_in(cast.noah)
    assert (client.get(PAGE).status_code, client.post(PAGE, {}).status_code) == (404, 404)


def test_a_form_without_its_csrf_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.adam)
    assert client.post(PAGE, filled(client)).status_code == 403
    assert not Run.objects.exists()


def test_a_retired_workflow_takes_no_run(cast: Cast) -> None:
    client = signed_in(cast.adam)
    sent = filled(client)
    moves.move(cast.workflow, WorkflowStatus.RETIRED, actor=person(cast.adam))
    assert "takes no runs now" in client.get(PAGE).content.decode()
    assert client.post(PAGE, sent).status_code == 409


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "colour"],
    "properties": {
        "amount": {"type": "number", "minimum": 1, "maximum": 10},
        "count": {"type": "integer"},
        "colour": {"enum": ["red", "green"]},
        "urgent": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"type": "string", "pattern": "^[a-z]*$", "maxLength": 20},
    },
}


def test_every_type_of_property_becomes_what_the_schema_wants() -> None:
    sent = {"amount": "2.5", "count": "3", "colour": "green", "urgent": "on", "tags": '["a"]'}
    form = InputForm(SCHEMA, {f"input-{name}": value for name, value in sent.items()})
    assert form.is_valid(), form.errors
    assert form.given == {"amount": 2.5, "count": 3, "colour": "green", "urgent": True, "tags": ["a"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "11"), ("count", "1.5"), ("colour", "blue"), ("tags", "[1]"), ("tags", "{"), ("note", "ABC")],
)
def test_what_does_not_fit_belongs_to_its_field(name: str, value: str) -> None:
    sent = {"amount": "2", "colour": "red", name: value}
    form = InputForm(SCHEMA, {f"input-{key}": given for key, given in sent.items()})
    assert list(form.errors) == [name]
