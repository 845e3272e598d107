"""The API: a token is what its owner is at that moment, within its scopes; nothing is started twice; nobody decides."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from audit import grants
from audit.actors import COMMAND, person
from audit.models import Event, Proposal
from orchestration.api import api, streams
from orchestration.models import Run, TriggerFire
from orchestration.triggers import keeping, tokens
from orchestration.triggers.keeping import Wanted
from reviews.models import Decision, Review
from tests import clock, matrix
from tests.cast import QUESTION, Cast, carry_out_all
from tests.signing import painting, proposed

START = "/api/v1/workflows/answer-a-customer/runs/"
ALL = (tokens.START, tokens.READ, tokens.CATALOGUE)


class Program:
    """A program with a token."""

    def __init__(self, text: str) -> None:
        self.headers = {"Authorization": f"Bearer {text}"}
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(path, raw, content_type="application/json", headers=headers)

    def start(self, key: str = "", **more: Any) -> Any:
        return self.post(START, {"input": QUESTION | more}, key)


@pytest.fixture
def opened(cast: Cast) -> Cast:
    """The cast, with its workflow open to the API."""
    keeping.make(cast.workflow, "api", Wanted("The API"), by=cast.adam)
    return cast


@pytest.fixture
def program(opened: Cast) -> Program:
    """A program of Adam's that may everything a token can."""
    return Program(tokens.make(opened.adam, "A program", scopes=ALL, days=30, every_workflow=True)[1])


async def all_of(answer: Any) -> bytes:
    return b"".join([part async for part in answer])


def told(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


def test_it_starts_a_run_as_the_tokens_owner(opened: Cast, program: Program) -> None:
    answer = program.start()
    run = Run.objects.get()
    assert (answer.status_code, answer.json()["run"], answer.json()["repeated"]) == (202, run.pk, False)
    assert (run.input, run.started_by) == (QUESTION, opened.adam)
    event = Event.objects.get(kind="run.accepted")
    assert (event.actor_id, event.auth) == (str(opened.adam.pk), "token")


def test_the_same_key_and_input_is_the_same_run(program: Program) -> None:
    first, again, other = program.start("k"), program.start("k"), program.start("k", question="Another?")
    assert (first.status_code, again.status_code, again.json()["repeated"]) == (202, 200, True)
    assert first.json()["run"] == again.json()["run"]
    assert told(other) == (409, "key-reused")
    assert Run.objects.count() == 1


def test_keys_are_the_tokens_own(opened: Cast, program: Program) -> None:
    other = Program(tokens.make(opened.adam, "Another", scopes=ALL, days=1, every_workflow=True)[1])
    assert program.start("k").json()["run"] != other.start("k").json()["run"]


def test_what_does_not_fit_is_told_by_field(program: Program) -> None:
    answer = program.start(customer="x" * 400, question=5)
    assert told(answer) == (422, "does-not-fit")
    assert "question" in {one["field"] for one in answer.json()["errors"]}
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b'{"input": {"a": NaN}}', 400), (b'{"input": [1]}', 422), (b"[]", 422), (b"", 422), (b"null", 422)],
)
def test_what_is_no_request_is_refused(program: Program, body: bytes, status: int) -> None:
    assert told(program.post(START, body))[0] == status


def test_a_body_has_an_end(program: Program) -> None:
    assert told(program.post(START, {"input": {"question": "x" * 300_000}})) == (413, "too-large")


def test_a_workflow_that_is_not_open_or_paused_is_started_by_no_token(cast: Cast) -> None:
    program = Program(tokens.make(cast.adam, "A program", scopes=ALL, days=30, every_workflow=True)[1])
    assert told(program.start()) == (409, "not-open")
    trigger, _ = keeping.make(cast.workflow, "api", Wanted("The API"), by=cast.adam)
    keeping.pause(trigger, actor=person(cast.adam))
    assert told(program.start()) == (409, "paused")


def test_state_and_result_are_read(opened: Cast, program: Program) -> None:
    run = program.start().json()["run"]
    told = program.get(f"/api/v1/runs/{run}/").json()
    assert (told["state"], told["workflow"], told["started_by"]) == ("accepted", "answer-a-customer", "Adam Novak")
    assert program.get(f"/api/v1/runs/{run}/result/").json()["result"] is None
    assert program.get("/api/v1/workflows/").json()["workflows"][0]["takes_runs"] is True


def test_the_list_is_read_page_by_page(
    opened: Cast, program: Program, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("orchestration.api.reading.PAGE", 2)
    started = [opened.start().pk for _ in range(3)]
    with django_assert_max_num_queries(8):
        first = program.get("/api/v1/runs/?state=live").json()
    rest = program.get(first["next"]).json()
    assert [run["id"] for run in first["runs"] + rest["runs"]] == started[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize("query", ["state=odd", "before=0", "before=x", "workflow=a/b", f"before={2**70}"])
def test_a_list_of_nonsense_is_refused(program: Program, query: str) -> None:
    assert told(program.get(f"/api/v1/runs/?{query}"))[0] == 422


@pytest.mark.usefixtures("models")
def test_the_stream_tells_each_state_and_ends_with_the_run(opened: Cast, program: Program, monkeypatch: Any) -> None:
    monkeypatch.setattr(streams, "EVERY", 0.01)
    monkeypatch.setattr(streams, "LONGEST", 0.1)
    run = program.start().json()["run"]
    carry_out_all()
    answer = program.get(f"/api/v1/runs/{run}/stream/")
    assert answer["Content-Type"] == "text/event-stream"
    said = async_to_sync(all_of)(answer).decode()
    assert '"state":"running","succeeded":null,"waits_for_people":true' in said
    assert said.endswith('event: end\ndata: {"why":"time"}\n\n')
    assert not streams._open


def test_a_token_that_is_none_opens_nothing(program: Program) -> None:
    for text in ("", "hr_wrong", "x" * 5000, "hr_ü"):
        assert told(Program(text).get("/api/v1/runs/")) == (401, "no-token")


def test_it_ends_when_it_said_and_when_it_is_withdrawn(opened: Cast) -> None:
    made, text = tokens.make(opened.adam, "Short", scopes=ALL, days=1, every_workflow=True)
    assert Program(text).get("/api/v1/runs/").status_code == 200
    clock.jump(86_401)
    assert told(Program(text).get("/api/v1/runs/"))[0] == 401
    clock.back()
    tokens.withdraw(made, actor=person(opened.adam))
    assert told(Program(text).get("/api/v1/runs/"))[0] == 401
    kinds = set(Event.objects.filter(object_type="apitoken").values_list("kind", flat=True))
    assert kinds == {"apitoken.active", "apitoken.withdrawn"}
    assert text not in "".join(Event.objects.values_list("body", flat=True))


def test_it_may_no_more_than_its_owner_at_that_moment(opened: Cast, program: Program) -> None:
    run = program.start().json()["run"]
    grants.revoke("start_workflow", opened.groups["admin"], opened.workflow, actor=COMMAND)
    assert told(program.start()) == (404, "not-found")
    assert program.get(f"/api/v1/runs/{run}/").status_code == 200
    grants.revoke("view_workflow", opened.groups["admin"], opened.workflow, actor=COMMAND)
    assert told(program.get(f"/api/v1/runs/{run}/")) == (404, "not-found")
    assert program.get("/api/v1/runs/").json()["runs"] == []
    opened.adam.is_active = False
    opened.adam.save()
    assert told(program.get("/api/v1/runs/"))[0] == 401


def test_it_may_no_more_than_its_scopes_and_workflows(opened: Cast) -> None:
    reader = Program(tokens.make(opened.adam, "R", scopes=[tokens.READ], days=1, workflows=[opened.workflow])[1])
    assert told(reader.start()) == (403, "no-scope")
    assert told(reader.get("/api/v1/workflows/")) == (403, "no-scope")
    made, text = tokens.make(opened.adam, "N", scopes=ALL, days=1, workflows=[opened.workflow])
    made.workflows.clear()
    assert told(Program(text).start()) == (404, "not-found")


def test_a_token_of_somebody_who_may_not_start_starts_nothing(opened: Cast) -> None:
    program = Program(tokens.make(opened.rita, "Rita's", scopes=ALL, days=1, every_workflow=True)[1])
    assert told(program.start()) == (404, "not-found")
    assert program.get("/api/v1/runs/").status_code == 200


@pytest.fixture
def _painting() -> Iterator[None]:
    """An act that a second person could sign."""
    with painting():
        yield


# What is shown before anybody is signed in; none of it opens a session for a token.
PUBLIC = {"login", "theme", "health", "schema", "api-openapi", "account_login", "invitation"}
PUBLIC |= {f"account_reset_password{part}" for part in ("", "_done", "_from_key", "_from_key_done")}


@pytest.mark.usefixtures("models", "_painting")
def test_no_address_decides_for_a_token(opened: Cast) -> None:
    """Whatever is sent where, with a token that may all that a token can: nothing is decided, and no page opens."""
    review = opened.waiting()
    program = Program(tokens.make(opened.rita, "Rita's", scopes=ALL, days=1, every_workflow=True)[1])
    world = {"open": review, "decided": review, "cast": opened, "event": Event.objects.first()}
    world |= {"question": tuple(QUESTION.values()), "password": "", "proposal": proposed(opened)}
    for address in matrix.addresses():
        row = matrix.TABLE[address.name]
        url = "/" + _filled(address.route, row.at(world))
        for method in matrix.METHODS:
            client = Client(raise_request_exception=False)
            answer = client.generic(method, url, json.dumps(matrix.decision(world)), headers=program.headers)
            public = address.name in PUBLIC or address.name.startswith("api-")
            unknown = address.name == "answer" and answer.status_code == 404  # a door of its own, for whom it was told
            assert settings.SESSION_COOKIE_NAME not in answer.cookies, (method, url)
            assert public or unknown or answer.status_code in {302, 401, 405}, (method, url, answer.status_code)
    assert not Decision.objects.exists()
    assert Review.objects.get(pk=review.pk).status == "open"
    assert not Proposal.objects.exclude(status="open").exists()


def _filled(route: str, arguments: dict[str, Any]) -> str:
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).strip("^$")
    for name, value in arguments.items():
        for kind in ("int", "slug", "str", "uuid"):
            route = route.replace(f"<{kind}:{name}>", str(value))
        route = route.replace(f"<{name}>", str(value))
    return route


def test_the_document_names_every_address_and_no_way_to_decide() -> None:
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    assert len(document["paths"]) == 6
    assert not [path for path in document["paths"] if "decid" in path or "review" in path]
    assert Client().get("/api/v1/openapi.json").json()["info"]["title"] == "Handrail"


def test_what_is_refused_is_put_down_at_the_trigger(program: Program) -> None:
    program.start(question=5)
    fire = TriggerFire.objects.get()
    assert (fire.result, "question" in fire.told) == ("refused", True)
