"""Down the list: the best model is called, and where it fails the next one, as the kind of failure says.

It runs on a worker's event loop and asks no database. Whether a model may still be asked is looked at again before
every call, as far as the last look at the catalog tells (a second ago at the most).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from orchestration import call, failures, replies
from orchestration.call import CallFailed, Reply
from orchestration.routing import candidates, cooling, limits, reserving
from orchestration.routing.candidates import Candidate
from orchestration.routing.filters import SENTENCES, Fell, look
from orchestration.routing.route import Called, Route

type Heard = Callable[[str], None]

AGAIN = 1  # calls of the same model after a failure that another call may cure
PATIENCE = 2.0  # seconds that a busy provider may ask for and be asked again
SHARE = 0.6  # of the time that is left, for a model after which another one may be asked
LEAST = 0.05  # seconds that must be left for another call
RESTING = (failures.BUSY, failures.SERVER, failures.TIMEOUT, failures.CONNECTION)


@dataclass(frozen=True, slots=True)
class Question:
    """What any model of a route is asked: the messages, what it may call, what its answer must fit, who hears it."""

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    schema: dict[str, Any] | None
    heard: Heard | None


async def complete(
    route: Route,
    messages: list[dict[str, Any]],
    *,
    seconds: float,
    tools: list[dict[str, Any]] | None = None,
    schema: dict[str, Any] | None = None,
    heard: Heard | None = None,
) -> Reply:
    """One completion by the first model that gives one, within `seconds`. Or the last `CallFailed`.

    `schema` is given to models that can be held to one. `heard` is told an answer as it grows; one that has begun is
    never taken over by another model.
    """
    question = Question(messages, tools, schema, heard)
    until = time.monotonic() + seconds
    failed: CallFailed | None = None
    models = route.candidates
    again_at_most = AGAIN if len(models) > 1 else 0  # of a lone model the step's own retry policy decides
    for model in models:
        if (fell := closed(route, model)) is not None:
            route.calls.append(Called(model.name, fell.code, str(SENTENCES[fell.code]), skipped=True))
            continue
        if (gone := reserving.gone(route, model, messages)) is not None:
            over = f"The budget of {gone.called} (${gone.limit}) does not hold another call."
            route.calls.append(Called(model.name, failures.BUDGET, over, skipped=True))
            continue
        share = 1.0 if model is models[-1] else SHARE
        for again in range(again_at_most + 1):
            left = until - time.monotonic()
            if failed is not None and left < LEAST:
                raise failed
            try:
                return await _call(route, model, question, seconds=share * left)
            except limits.Full as full:
                told = f"{SENTENCES['busy']}: {full}"
                route.calls.append(Called(model.name, failures.BUSY, told, skipped=True))
                break
            except CallFailed as error:
                failed = error
                if error.stops or error.begun:
                    raise
                if again == again_at_most or not await _worth_another(error, until):
                    break
    raise failed or _nobody(route)


def _nobody(route: Route) -> CallFailed:
    """Why no model was called, though some were meant: which is no try where only a limit kept one back."""
    skipped = {called.code: called for called in route.calls if called.skipped}
    if (full := skipped.get(failures.BUSY)) is not None:
        first = all(called.skipped for called in route.calls)
        told = f"No model may be asked now. {full.model}: {full.why}."
        return CallFailed(told, code=failures.BUSY, after=limits.SOON, counted=not first)
    if (gone := skipped.get(failures.BUDGET)) is not None:
        return CallFailed(gone.why, code=failures.BUDGET)
    return CallFailed("None of its models may be asked any more.", code=failures.BUSY)


def closed(route: Route, model: Candidate) -> Fell | None:
    """Why a model may be asked no longer, by what is known here now. What was decided stands for everything else."""
    snapshot = candidates.known() or route.snapshot
    now = snapshot.by_name.get(model.name)
    if now is None:
        return Fell("not_approved")
    rests = cooling.seconds([model.name]) if len(route.decided.ranked) > 1 else {}
    if rests:
        return Fell("cooling", has=f"{rests[model.name]:.0f}")
    return None if now == model else next(look(now, route.asked, route.seen), None)


async def _worth_another(error: CallFailed, until: float) -> bool:
    """Whether the same model is asked once more: a connection was lost, or it asks for a moment that there is."""
    if error.code == failures.CONNECTION:
        return True
    if error.code != failures.BUSY or error.after is None or error.after > PATIENCE:
        return False
    if time.monotonic() + error.after > until:
        return False
    await asyncio.sleep(error.after)
    return True


async def _call(route: Route, model: Candidate, question: Question, *, seconds: float) -> Reply:
    """One call of a model, and what it came to is told. `limits.Full` where a limit holds no other call."""
    if not model.is_limited:
        return await _made(route, model, question, seconds=seconds)
    until = time.monotonic() + seconds
    wait = seconds if route.answered == model.name else 0.0  # a talk that has begun waits for its turn
    whole = reserving.tokens(question.messages) + route.asked.output
    async with limits.held(model, whole, wait=wait) as slot:
        left = max(until - time.monotonic(), LEAST)
        reply = await _made(route, model, question, seconds=left)
        slot.used = reply.tokens_in + reply.tokens_out
    return reply


async def _made(route: Route, model: Candidate, question: Question, *, seconds: float) -> Reply:
    began = time.monotonic()
    way = route.ways[model.name]
    try:
        reply = await call.acomplete(
            model.name,
            question.messages,
            seconds=seconds,
            tools=question.tools,
            route=way.route,
            api_base=way.api_base,
            api_key=way.api_key,
            public_only=way.public_only,
            schema=question.schema if "schema" in model.capabilities else None,
            most_tokens=route.asked.output if route.reserved or route.asked.policy.output else None,
            logprobs="logprobs" in model.capabilities and not question.tools,
            heard=question.heard,
        )
    except CallFailed as error:
        took = round((time.monotonic() - began) * 1000)
        route.calls.append(Called(model.name, error.code, str(error), took))
        if error.code in RESTING:
            cooling.rest(model.name, error.code, error.after)
        raise
    ours = call.is_built_in(model.route)  # whose price stands beside it
    price = None if ours else model.price(reply.tokens_in, reply.tokens_out)
    reply = replace(reply, cost=reply.cost if price is None else replies.usd(price))
    route.answered = model.name
    told = Called(
        model.name,
        milliseconds=reply.milliseconds,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost=reply.cost,
        provider_model=reply.provider_model,
    )
    route.calls.append(told)
    return reply
