"""Writing a world into the ledger as reviews do, month by month of its year."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from audit import ledger
from audit.actors import Actor
from audit.canonical import digest
from audit.clock_time import now
from audit.ledger import Entry
from audit.places import Place
from reviews.models import Review
from tests.worlds.world import Judged, World

KINDS = {"approved": "review.approved", "rejected": "review.rejected", "sent_back": "review.sent_back"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a world; each world is a workflow of its own."""

    pk: int
    world: int
    sure: float

    _meta: ClassVar[Any] = Review._meta

    def ledger_place(self) -> Place:
        labels = {
            "workflow": f"World {self.world}",
            "version": 1,
            "step": "answer",
            "rule": "",
            "confidence": self.sure,
        }
        return Place(workflow_id=self.world, labels=labels)


def write(world: World, numbers: Iterator[int], decisions: int) -> None:
    """So many more decisions of this world, at the moment that the clock shows."""
    moment = now()
    entries = []
    for _ in range(decisions):
        judged = world.judged()
        asked = Asked(next(numbers), world.number, judged.sure)
        entries.append(_decision(asked, judged, moment, world.draw))
        if judged.second:
            entries.append(_second(asked, judged, world.draw))
    ledger.record_all(entries)


def _decision(asked: Asked, judged: Judged, moment: datetime, draw: random.Random) -> Entry:
    verdict, edited = judged.answer
    since = moment - timedelta(seconds=draw.lognormvariate(5, 1))
    body = {
        "edited": edited,
        "shown_hash": digest(judged.text),
        "asked_at": since.isoformat(),
        "due_at": (since + timedelta(hours=1)).isoformat(),
        "decided_at": moment.isoformat(),
        "priority": 0,
        "undo_seconds": 0,
    }
    return Entry(KINDS[verdict], asked, _somebody(draw), body=body, personal={"title": judged.text})


def _second(asked: Asked, judged: Judged, draw: random.Random) -> Entry:
    assert judged.second is not None
    (first, first_edited), (verdict, edited) = judged.answer, judged.second
    body = {
        "agree": first == verdict,
        "verdict": verdict,
        "edited": edited,
        "first": first,
        "first_edited": first_edited,
        "of": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
    }
    return Entry("review.second_decided", asked, _somebody(draw), body=body)


def _somebody(draw: random.Random) -> Actor:
    return Actor("person", str(draw.randrange(1, 13)))
