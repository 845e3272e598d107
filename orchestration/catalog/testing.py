"""Tests of models: somebody asks for one real call, a worker makes it, and what it came to stays on the page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import CLOCK, WORKER, Actor, person
from audit.clock_time import now
from audit.models import User
from audit.moves import begin, move
from audit.ticks import tick
from orchestration import call, credentials, queue, replies
from orchestration.catalog import asked
from orchestration.catalog.beside import Beside
from orchestration.catalog.changing import CannotChange, refuse_others
from orchestration.catalog.lining import MILLION
from orchestration.credentials import Way
from orchestration.models import Model, ModelTest
from orchestration.states import ModelStatus, ModelTestStatus

QUESTION = [{"role": "user", "content": "This is a test of the connection. Answer with the one word: ready."}]
SECONDS = 30.0  # that a test may take
LOST = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Came:
    """What a test call came to."""

    error: str = ""
    milliseconds: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: Decimal = Decimal(0)


@transaction.atomic
def ask(model: Model, *, by: User) -> ModelTest:
    """Ask for a test of a model. Raises `CannotChange` where it must not be called, `NotAllowed`."""
    refuse_others(by)
    if told := why_not(model):
        raise CannotChange([("", told)])
    test = ModelTest(model=model, asked_by=by)
    try:
        with transaction.atomic():
            begin(test, actor=person(by))
    except IntegrityError as error:
        raise CannotChange([("", _("A test of this model is under way. Wait until it has ended."))]) from error
    queue.ring_for_test(test.pk)
    return test


def why_not(model: Model) -> str:
    """Why a model must not be called even for a test; "" where it may.

    A provider's own address may be asked at any time; a key goes to another only where a second person has signed that.
    """
    if model.status == ModelStatus.RETIRED:
        return _("It is retired. Propose it again, then test it.")
    if model.endpoint and model.secret and not model.stands_as_signed:
        return _("Its key would go to an address that nobody has signed. Have the model approved, then test it.")
    return ""


def take() -> ModelTest | None:
    """The next test that nobody makes yet, for this worker."""
    return asked.take(ModelTest.objects.select_related("model"))


def make(test: ModelTest, way: Way) -> Came:
    """The call itself, in a thread that asks no database."""
    name, price = test.model.name, (test.model.price_in, test.model.price_out)
    try:
        reply = _answer(name, way)
    except call.CallFailed as error:
        return Came(str(error))
    cost = reply.cost
    if price[0] is not None and price[1] is not None:
        cost = replies.usd((price[0] * reply.tokens_in + price[1] * reply.tokens_out) / MILLION)
    return Came("", reply.milliseconds, reply.tokens_in, reply.tokens_out, cost)


def _answer(name: str, way: Way) -> call.Reply:
    if call.is_built_in(name):
        return call.complete_here(name, QUESTION)
    return asyncio.run(_over_http(name, way))


async def _over_http(name: str, way: Way) -> call.Reply:
    try:
        return await call.acomplete(
            name,
            QUESTION,
            seconds=SECONDS,
            route=way.route,
            api_base=way.api_base,
            api_key=way.api_key,
            public_only=way.public_only,
        )
    finally:
        await call.close()


@transaction.atomic
def end(test: ModelTest, came: Came, *, actor: Actor = WORKER) -> None:
    """Write what a test came to, once."""
    to = ModelTestStatus.FAILED if came.error else ModelTestStatus.DONE
    body = {"milliseconds": came.milliseconds, "tokens_in": came.tokens_in, "tokens_out": came.tokens_out}
    told = {"body": {**body, "cost": str(came.cost), "error": came.error}, "wake": True}
    fields: dict[str, Any] = {
        "ended_at": now(),
        "error": came.error,
        "milliseconds": came.milliseconds,
        "tokens_in": came.tokens_in,
        "tokens_out": came.tokens_out,
        "cost": came.cost,
    }
    move(test, to, actor=actor, told=told, **fields)


class Tests(Beside[ModelTest, Came]):
    """The tests that one worker makes beside its steps."""

    def taken(self) -> ModelTest | None:
        """The next test that nobody makes yet."""
        return take()

    def begun(self, row: ModelTest) -> Callable[[], Came] | None:
        """The call, unless it may not be made any more."""
        if told := why_not(row.model):  # it was changed since
            _end_once(row, Came(told))
            return None
        try:
            way = credentials.way(row.model)
        except credentials.KeyMissing as error:
            _end_once(row, Came(str(error)))
            return None
        return partial(make, row, way)

    def ended(self, row: ModelTest, came: Came | None, broken: BaseException | None) -> None:
        """Write what it came to."""
        _end_once(row, came or Came(f"{type(broken).__name__} in Handrail itself."))


def _end_once(test: ModelTest, came: Came, *, actor: Actor = WORKER) -> None:
    asked.end_once(lambda: end(test, came, actor=actor))


@tick("model-tests", every=5)
def sweep() -> int:
    """What the clock does about tests. Returns how many it gave up."""
    rows = ModelTest.objects.select_related("model")
    return asked.sweep(
        rows,
        lambda row, told: _end_once(row, Came(told), actor=CLOCK),
        lost=LOST,
        told="The worker that made this call was lost.",
    )
