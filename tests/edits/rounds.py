"""Rounds of approvals with an edit after each, against workers in processes of their own; and what came of them."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from audit.models import User
from orchestration.models import Connection, Run, StepRun, Tool
from reviews import decisions
from reviews.models import Decision, Review
from reviews.refusals import AlreadyDecided, CannotDecide, NotAllowed
from tests.cast import Cast
from tests.edits import editing, shops
from tests.edits.shops import Shop
from tests.flow.drawn import begin
from tests.injected.obeying import order
from tests.outgoing.watching import Listener
from tests.processes import until

LONGEST = 1.3  # seconds from an approval to its edit; most acts begin a second after it
SETTLED = 300.0
STALE = 1.2  # seconds after which every worker has seen how tools stand
TOO_LATE = (AlreadyDecided, CannotDecide, NotAllowed)


class Rounds:
    """What is done and counted."""

    def __init__(self, cast: Cast, second: User, here: Listener, elsewhere: Listener) -> None:
        self.cast, self.second, self.here, self.elsewhere = cast, second, here, elsewhere
        self.counted: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.shops: list[Shop] = []
        self.pool = ThreadPoolExecutor(8)
        self.rules, self.usual = False, list[dict[str, Any]]()

    def stand(self, many: int) -> None:
        """So many places to order from."""
        self.shops = [shops.stand(self.cast, number, self.here) for number in range(many)]
        slugs = [shop.workflow.slug for shop in self.shops if shop.kind == "rules"]
        self.usual = [editing.rule(slug, "review", "reviewer") for slug in slugs]
        editing.ruled(self.cast, self.second, self.usual)

    def round(self, number: int, many: int) -> None:
        """One run at each of so many places, approved, and edited in between."""
        time.sleep(STALE)
        chosen = self.shops[:many]
        runs = {begin(self.cast, shop.workflow, _given(number, shop)).pk: shop for shop in chosen}
        until(lambda: _open(runs).count() == len(runs), f"{len(runs)} questions", SETTLED)
        reviews = list(_open(runs).select_related("run"))
        edits = [self._decide(review, runs[review.run_id], random.choice(reviews)) for review in reviews]
        if random.random() < 0.5:
            edits.append(self.pool.submit(_closing, self._rule, [one.workflow.slug for one in chosen[::5]]))
        for edit in edits:
            edit.result()
        until(lambda: not _under_way(runs), "all to be over", SETTLED)
        self._judge(runs)
        self._restore()

    def _decide(self, review: Review, shop: Shop, other: Review) -> Future[None]:
        note = {"note": f"changed {review.arguments['note']}"} if random.random() < 0.3 else {}
        arguments = {**review.arguments, **note} if note else None
        shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
        decisions.decide(review.pk, by=self.cast.rita, verdict="approved", arguments=arguments, **shown)
        name = random.choice([*editing.EDITS])
        after = random.uniform(0, LONGEST if shop.kind != "rules" else 0.1)
        one = editing.Edited(self.cast, shop, review, other, self.elsewhere)
        return self.pool.submit(_closing, self._edit, name, one, time.monotonic() + after)

    def _edit(self, name: str, one: editing.Edited, at: float) -> None:
        time.sleep(max(0.0, at - time.monotonic()))
        try:
            editing.EDITS[name](one)
        except TOO_LATE:
            self.counted["too late to be made"] += 1
        else:
            self.counted["edits"] += 1

    def _rule(self, slugs: list[str]) -> None:
        time.sleep(random.uniform(0, LONGEST))
        effect = random.choice(["deny", "review"])
        made = [editing.rule(slug, effect, "manager" if effect == "review" else "") for slug in slugs]
        editing.ruled(self.cast, self.second, [*self.usual, *made])
        self.rules = True
        self.counted["edits"] += 1
        self.counted["edits of rules"] += 1

    def _judge(self, runs: dict[int, Shop]) -> None:
        """Hold whatever arrived against what was approved for that very run."""
        found = [(run, wire) for each in (self.here, self.elsewhere) for run, wire in shops.arrived(each)]
        decided = Decision.objects.standing().filter(review__run__in=runs, verdict="approved").select_related("review")
        approved: dict[int, list[shops.Wire | None]] = {}
        for one in decided:
            approved.setdefault(one.review.run_id, []).append(runs[one.review.run_id].wire(one.content))
        times = Counter(run for run, _ in found if run in runs)
        for run, wire in found:
            if run in runs and wire not in approved.get(run, []):
                self.wrong.append(f"run {run}: {wire}, approved {approved.get(run, [])}")
        self.wrong += [f"run {run} arrived {many} times" for run, many in times.items() if many > 1]
        self.counted["arrived as approved"] += len(times)
        self._count(runs, set(times))

    def _count(self, runs: dict[int, Shop], came: set[int]) -> None:
        acts = StepRun.objects.filter(run__in=set(runs) - came).exclude(step__key__in=["draft", "ask"])
        for status, awaits, answer in acts.values_list("status", "awaits", "answer"):
            asked = status == "waiting" and awaits == "person"
            refused = (answer or {}).get("verdict") == "rejected"
            told = "asked again" if asked else "refused by a person" if refused else f"not done, {status}"
            self.counted[told] += 1

    def _restore(self) -> None:
        """Everything as it was signed; what arrived is forgotten."""
        for shop in self.shops:
            Tool.objects.filter(pk=shop.tool).update(**shops.as_signed())
            Connection.objects.filter(pk=shop.connection).update(**shops.reached(self.here, shop.number))
        if self.rules:
            editing.ruled(self.cast, self.second, self.usual)
            self.rules = False
        self.here.heard.clear()
        self.elsewhere.heard.clear()


def _given(number: int, shop: Shop) -> dict[str, str]:
    word = f"{number} at {shop.number}"
    return {"word": word, "task": order(f"shop{shop.number}_write", id="7", note=word)}


def _open(runs: dict[int, Shop]) -> QuerySet[Review]:
    return Review.objects.filter(run__in=runs, status="open")


def _under_way(runs: dict[int, Shop]) -> bool:
    live = StepRun.objects.filter(run__in=runs, status__in=["ready", "running"])
    return live.exists() or Run.objects.filter(pk__in=runs, status="accepted").exists()


def _closing(what: Callable[..., None], *given: Any) -> None:
    """Call it in a thread of the pool, which keeps no connection to the database."""
    try:
        what(*given)
    finally:
        connection.close()
