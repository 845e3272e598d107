"""Every address, by every method, for every kind of person: the matrix is made from the URL map."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from audit import choices, people, sealer
from audit.actors import COMMAND, person
from audit.models import Event, Proposal, User
from orchestration import engine, providers, workflows
from orchestration.models import Brake, Limit, Run, StepRun, Workflow
from reviews import decisions
from reviews.models import Decision, Draft, Review
from tests import matrix, signing
from tests.cast import DOCUMENT, PASSWORD, QUESTION, Cast, assemble, carry_out_all
from tests.fakes import FakeModels
from tests.matrix import ACTORS, METHODS, SAFE, SIGNED_IN, STRANGERS, SWITCH, TABLE

ADDRESSES = matrix.addresses()
NAMES = [address.name for address in ADDRESSES if address.name in TABLE]
OF_OBJECTS = [address.name for address in ADDRESSES if address.arguments and address.name in TABLE]
CHANGEABLE = re.compile(rb'(name="csrfmiddlewaretoken" value="|name="token" value="|nonce=")[^"]*')

# What nobody may is asked by those who may least and most; so is HEAD, which is GET without its body.
ASKED_BY_ALL, FEW = ("GET", "POST"), ("anonymous", "noah", "rita", "adam")

type World = dict[str, Any]


@pytest.fixture(scope="module")
def _standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all tests of this file, in one transaction that is never committed."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic(), signing.painting():
        patch.setattr(providers, "get", FakeModels().get)
        patch.setitem(choices._declared, SWITCH, choices.Choice(SWITCH, "A switch", "", False, "switch"))
        yield _assemble()
        transaction.set_rollback(True)


@pytest.fixture
def world(_standing: World) -> Iterator[World]:
    """The same world for every test, whatever others did to it."""
    with transaction.atomic():
        yield dict(_standing)
        transaction.set_rollback(True)


def _assemble() -> World:
    """One open review, one that Rita has just decided, a reviewer of another workflow, and everybody's session."""
    cast = assemble()
    olga = _reviewer_of_another_workflow(cast)
    cast.workflow = workflows.publish(_with_a_long_window(), actor=person(cast.adam), by=cast.adam).workflow
    opened, decided = cast.waiting(), cast.waiting()
    decisions.decide(decided.pk, by=cast.rita, verdict="approved", version=1, shown_hash=decided.content_hash)
    while sealer.seal():
        pass
    persons = {"noah": cast.noah, "olga": olga, "rita": cast.rita, "ravi": cast.ravi, "mina": cast.mina}
    return {
        "cast": cast,
        "open": opened,
        "decided": decided,
        "proposal": signing.proposed(cast, by=signing.olga(cast, "otto")),
        "event": Event.objects.filter(run_id=opened.run_id).first(),
        "question": tuple(QUESTION.values()),
        "password": PASSWORD,
        "sessions": {name: _session(user) for name, user in {**persons, "adam": cast.adam}.items()},
    }


def _with_a_long_window() -> str:
    return DOCUMENT.read_text().replace("undo_seconds: 5", "undo_seconds: 3600")


def _reviewer_of_another_workflow(cast: Cast) -> User:
    """Olga, who reviews work of her own department and has no right on the cast's workflow."""
    tellers = Group.objects.create(name="teller")
    olga = people.welcome("olga", "Olga Brandt", "olga@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(olga, tellers, actor=COMMAND)
    source = DOCUMENT.read_text().replace("slug: answer-a-customer", "slug: answer-a-teller")
    source = re.sub(
        r"groups: \{.*\}", "groups: {see: [teller], start: [teller], decide: [teller], manage: [teller]}", source
    )
    theirs = workflows.publish(source.replace("reviewer", "teller"), actor=person(cast.adam), by=cast.adam)
    engine.start(theirs.workflow, QUESTION, actor=person(cast.adam), started_by=cast.adam)
    carry_out_all()
    return olga


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)


def ask(world: World, actor: str, method: str, url: str, data: object = None, **how: Any) -> HttpResponseBase:
    """One request, after which everything is as it was before."""
    with transaction.atomic():
        response = ask_for_good(world, actor, method, url, data, **how)
        transaction.set_rollback(True)
    return response


@cache
def _client(strict: bool) -> Client:
    """One for all requests: each new one would load the middleware anew."""
    return Client(raise_request_exception=False, enforce_csrf_checks=strict)


def ask_for_good(world: World, actor: str, method: str, url: str, data: object = None, **how: Any) -> HttpResponseBase:
    """One request."""
    client = _client(bool(how.get("enforce_csrf_checks")))
    client.cookies.clear()
    if actor != "anonymous":
        client.cookies[settings.SESSION_COOKIE_NAME] = world["sessions"][actor]
    response: HttpResponseBase = getattr(client, method.lower())(url, data if method in {*SAFE, "POST"} else None)
    return response


def url_of(name: str, world: World) -> str:
    return reverse(name, kwargs=TABLE[name].at(world))


def test_it_knows_every_address() -> None:
    unlisted = sorted({address.name for address in ADDRESSES} - set(TABLE))
    assert not unlisted, f"Add a row to tests/matrix.py for: {', '.join(unlisted)}"


def test_it_lists_no_address_that_is_gone() -> None:
    gone = sorted(set(TABLE) - {address.name for address in ADDRESSES})
    assert not gone, f"Remove from tests/matrix.py: {', '.join(gone)}"


def test_it_names_every_address_once() -> None:
    assert len({address.name for address in ADDRESSES}) == len(ADDRESSES)


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_the_table_says(name: str, world: World) -> None:
    row, url = TABLE[name], url_of(name, world)
    answered = {
        (method, actor): ask(world, actor, method, url, row.post(world) if method == "POST" else None).status_code
        for method in METHODS
        for actor in (ACTORS if method in ASKED_BY_ALL else FEW)
    }
    wrong = {
        f"{method} by {actor}": f"{status}, not {row.expected(method, actor)}"
        for (method, actor), status in answered.items()
        if status != row.expected(method, actor)
    }
    assert not wrong


@pytest.mark.parametrize("name", OF_OBJECTS)
def test_it_answers_for_what_is_somebody_elses_as_for_what_is_not_there(name: str, world: World) -> None:
    there, nowhere = url_of(name, world), reverse(name, kwargs=TABLE[name].missing)
    for method, actor in product(METHODS, STRANGERS):
        assert _told(world, actor, method, there, name) == _told(world, actor, method, nowhere, name), (method, actor)


def _told(world: World, actor: str, method: str, url: str, name: str) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer says, without its own address and what differs with every answer."""
    response = ask(world, actor, method, url, TABLE[name].post(world))
    body = b"".join(response) if response.streaming else getattr(response, "content", b"")
    asked = quote(url, safe="")  # where it leads back to
    headers = {
        name: value.replace(asked, "")
        for name, value in response.items()
        if name not in {"Content-Length", "Set-Cookie", "Expires"}
    }
    return response.status_code, CHANGEABLE.sub(rb"\1", body.replace(url.encode(), b"")), headers


def test_it_never_decides_on_a_get(world: World) -> None:
    before = _rows()
    for name in NAMES:
        asking = {**TABLE[name].post(world), **matrix.decision(world)}
        for actor in ("rita", "adam"):
            ask_for_good(world, actor, "GET", url_of(name, world), asking)
    assert _rows() == before


def _rows() -> dict[str, list[Any]]:
    models: tuple[type[Model], ...] = (Review, Decision, Draft, Run, StepRun, Workflow, Brake, Limit, Proposal)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("name", [name for name in NAMES if not TABLE[name].tokenless])
def test_it_refuses_a_post_without_its_token(name: str, world: World) -> None:
    url, data = url_of(name, world), TABLE[name].post(world)
    answered = {
        actor: ask(world, actor, "POST", url, data, enforce_csrf_checks=True).status_code
        for actor in ("anonymous", *SIGNED_IN)
    }
    assert set(answered.values()) == {403}, answered


def test_it_refuses_a_decision_on_ones_own_work(world: World) -> None:
    cast = world["cast"]
    run = engine.start(cast.workflow, QUESTION, actor=person(cast.rita), started_by=cast.rita)
    carry_out_all()
    world["open"] = Review.objects.get(run=run)
    assert ask(world, "rita", "POST", url_of("decide", world), matrix.decision(world)).status_code == 403
    assert ask(world, "ravi", "POST", url_of("decide", world), matrix.decision(world)).status_code == 303
