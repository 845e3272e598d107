"""What a server asks people while a call of it is under way, and the answers that were prepared for it.

A session knows of what a server asks, and not for which of its calls: so a question is answered once one call alone is
under way, and a server that has asked once gets its calls one at a time.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitResult

from orchestration.tools import asking
from orchestration.tools.asking import NOTHING, Answer, NoForm, Told, Wanted

PATIENCE = 30.0  # seconds until it is known whose question it is
LOOK = 0.02
ROUNDS = 8  # times that one call is answered at once


@dataclass(slots=True, eq=False)
class Call:
    """One call under way: what people have said for it, what it asks besides, and why that cannot be asked."""

    told: Told = NOTHING
    asked: list[Wanted] = field(default_factory=list)
    refused: str = ""
    unclear: bool = False
    used: set[int] = field(default_factory=set)

    def answer(self, params: Any) -> ElicitResult:
        """The answer to what it asks midway; without one it hears that nobody made a choice, and it is asked."""
        try:
            one = wanted_of(params)
        except NoForm as error:
            self.refused = str(error)
            return ElicitResult(action="cancel")
        found = self.prepared(one)
        if found is None:
            self.asked.append(one)
            return ElicitResult(action="cancel")
        return result_of(found)

    def prepared(self, one: Wanted) -> Answer | None:
        """What a person has said to exactly this, each answer once."""
        for number, said in enumerate(self.told.answers):
            if number not in self.used and (said.mark, said.place) == (one.mark, one.place):
                self.used.add(number)
                return said
        return None


@dataclass(slots=True)
class Calls:
    """The calls under way in one session. `alone`: its server asks in the middle, so they are made one at a time."""

    under_way: list[Call] = field(default_factory=list)
    alone: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: int = 0

    async def answer(self, params: Any) -> ElicitResult:
        """What the server hears to a question."""
        self.alone = True
        self._asking += 1
        try:
            call = await self._whose()
        finally:
            self._asking -= 1
        if call is None:
            for one in self.under_way:
                one.unclear = True
            return ElicitResult(action="cancel")
        return call.answer(params)

    async def _whose(self) -> Call | None:
        """The one call that is under way; None where that is not known."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while len(self.under_way) > max(1, self._asking) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK)
        return self.under_way[0] if len(self.under_way) == 1 else None


def wanted_of(params: Any, place: str = "") -> Wanted:
    """What it asks, if that can be put to a person; or `NoForm`."""
    if not isinstance(params, ElicitRequestFormParams):
        raise asking.page(getattr(params, "url", None))
    return asking.wanted(params.message, params.requested_schema, place)


def returned(requests: Any) -> list[Wanted]:
    """What a server asks by its answer, if all of it can be put to a person; or `NoForm`."""
    found = []
    for place, request in (requests or {}).items():
        if not isinstance(request, ElicitRequest):
            raise NoForm(f"It wants something that nobody is asked here: {request.method}.")
        found.append(wanted_of(request.params, str(place)))
    if not found:
        raise NoForm("It says that it needs something, and not what.")
    return found


def result_of(said: Answer) -> ElicitResult:
    """An answer as the server gets it."""
    if said.action != asking.ACCEPT:
        return ElicitResult(action="decline")
    return ElicitResult(action="accept", content=dict(said.values))
