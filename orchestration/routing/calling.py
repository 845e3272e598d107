"""Down the list: the best model is called, and where it fails the next one, as the kind of failure says.

It runs on a worker's event loop and asks no database. Whether a model may still be asked is looked at again before
every call, as far as the last look at the catalog tells (a second ago at the most).
"""

import asyncio
import time
from dataclasses import replace
from typing import Any

from orchestration import call, failures, replies
from orchestration.call import CallFailed, Reply
from orchestration.routing import candidates, cooling
from orchestration.routing.candidates import Candidate
from orchestration.routing.filters import SENTENCES, Fell, look
from orchestration.routing.route import Called, Route

AGAIN = 1  # calls of the same model after a failure that another call may cure
PATIENCE = 2.0  # seconds that a busy provider may ask for and be asked again
SHARE = 0.6  # of the time that is left, for a model after which another one may be asked
LEAST = 0.05  # seconds that must be left for another call
RESTING = (failures.BUSY, failures.SERVER, failures.TIMEOUT, failures.CONNECTION)


async def complete(
    route: Route,
    messages: list[dict[str, Any]],
    *,
    seconds: float,
    tools: list[dict[str, Any]] | None = None,
    schema: dict[str, Any] | None = None,
) -> Reply:
    """One completion by the first model that gives one, within `seconds`. Or the last `CallFailed`.

    `schema` is given to models that can be held to one. An answer that has begun is never taken over by another model.
    """
    until = time.monotonic() + seconds
    failed: CallFailed | None = None
    models = route.candidates
    again_at_most = AGAIN if len(models) > 1 else 0  # of a lone model the step's own retry policy decides
    for model in models:
        if (fell := closed(route, model)) is not None:
            route.calls.append(Called(model.name, fell.code, str(SENTENCES[fell.code]), skipped=True))
            continue
        share = 1.0 if model is models[-1] else SHARE
        for again in range(again_at_most + 1):
            left = until - time.monotonic()
            if failed is not None and left < LEAST:
                raise failed
            try:
                return await _call(route, model, messages, seconds=share * left, tools=tools, schema=schema)
            except CallFailed as error:
                failed = error
                if error.stops:
                    raise
                if again == again_at_most or not await _worth_another(error, until):
                    break
    raise failed or CallFailed("None of its models may be asked any more.", code=failures.BUSY)


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


async def _call(
    route: Route,
    model: Candidate,
    messages: list[dict[str, Any]],
    *,
    seconds: float,
    tools: list[dict[str, Any]] | None,
    schema: dict[str, Any] | None,
) -> Reply:
    began = time.monotonic()
    way = route.ways[model.name]
    try:
        reply = await call.acomplete(
            model.name,
            messages,
            seconds=seconds,
            tools=tools,
            route=way.route,
            api_base=way.api_base,
            api_key=way.api_key,
            public_only=way.public_only,
            schema=schema if "schema" in model.capabilities else None,
            most_tokens=route.asked.output if route.reserved or route.asked.policy.output else None,
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
