"""Settling: what tries came to is recorded, many in one transaction, and what follows begins in the same one.

A try's result is committed once, by the holder of the newest fence; whoever comes late is refused, and that is
recorded too.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import transaction

from audit import rows
from audit.actors import WORKER
from orchestration import afterwards, endings, files, locks, plans, retries, sending_back
from orchestration.claims import claim_in
from orchestration.contents import beside
from orchestration.flow import Flow
from orchestration.launching import launch_child
from orchestration.models import AgentTurn, Attempt, RoutingDecision, StepRun
from orchestration.outcomes import Done, Ended, Failed, HandedBack, SentBack, Stopped, Waiting
from orchestration.policies import asking
from orchestration.routing import budgets, keeping
from orchestration.signals import step_waiting
from orchestration.states import Awaits, RunStatus, StepStatus


class Tried(NamedTuple):
    """A step that a worker held, and what its try came to."""

    held: StepRun
    outcome: Ended


def settle(
    tried: Sequence[Tried], *, worker: str = "", room: int = 0, claim: int = 0, asks: bool = True
) -> list[StepRun]:
    """Record tries. Returns the steps that `worker` goes straight on with, `room` at the most.

    With these it takes ready ones in the same transaction, `claim` in all. Unless it `asks`, nobody is told that a
    step waits for a person.
    """
    with _kept_if_it_fails([held for held, _ in tried]), transaction.atomic():
        flow, late = _settle(tried, worker, room)
        _refuse_late(flow, late)
        waiting = [held for held, outcome in tried if isinstance(outcome, Waiting) and held.awaits == Awaits.PERSON]
        claimed = claim_in(flow, claim - len(flow.taken)) if claim > len(flow.taken) else []
        flow.write()
        for run, given in flow.launched:
            assert run.parent is not None
            files.hand_on(given, of_run=run.parent.run, to=run)
        for held in waiting:
            if asks and held.status == StepStatus.WAITING:
                step_waiting.send(StepRun, step_run=held)
        endings.wind_down(flow)
    afterwards.follow_up(flow)
    return [*flow.taken, *claimed]


@contextmanager
def _kept_if_it_fails(held: Sequence[StepRun]) -> Iterator[None]:
    """What could not be written is not in memory either, so that it can be settled again."""
    kept = [row.__dict__.copy() for row in held]
    try:
        yield
    except BaseException:
        for row, as_it_was in zip(held, kept, strict=True):
            row.__dict__.update(as_it_was)
        raise


def _settle(tried: Sequence[Tried], worker: str, room: int) -> tuple[Flow, list[Tried]]:
    runs = {held.run_id: held.run for held, _ in tried}
    flow = Flow(locks.runs(runs.values()), worker=worker, room=room)
    flow.containers = locks.containers({held.parent_id for held, _ in tried if held.parent_id is not None})
    standing = locks.steps({held.pk for held, _ in tried})
    written: list[Attempt | RoutingDecision | AgentTurn] = []
    late = []
    for held, outcome in tried:
        held.run = runs[held.run_id]
        now = standing[held.pk]
        if (now.status, now.fence) != (StepStatus.RUNNING, held.fence):
            late.append(Tried(held, outcome))
            continue
        written.append(_attempt(flow, held, outcome))
        if outcome.spent.routing is not None:
            written.append(keeping.row(held, outcome.spent.routing))
        told = _as_told(held, outcome, now.stop_asked)
        if isinstance(told, Waiting) and told.awaits == Awaits.CALLS:
            written.append(told.question["turn"])
        _record(flow, held, told)
    keeping.keep_catalogs([one.spent.routing for _, one in tried if one.spent.routing is not None])
    rows.insert(written)
    if checks := [one for held, _ in tried for one in held.checks]:
        asking.record(checks)
    spent = [(held, outcome.spent.routing) for held, outcome in tried if outcome.spent.routing is not None]
    budgets.settle([(held, route.costs) for held, route in spent if route.reserved])
    return flow, late


def _as_told(held: StepRun, outcome: Ended, stop_asked: bool) -> Ended:
    """What was told to stop neither waits nor tries again; what it has done, it has done."""
    ending = bool(held.run.ending) and held.undoes_id is None
    if (stop_asked or ending) and isinstance(outcome, Waiting | Failed | HandedBack):
        return Stopped("It was told to stop.", outcome.spent)
    return outcome


def _record(flow: Flow, held: StepRun, outcome: Ended) -> None:
    now, tries = flow.hold.now, held.tries + 1
    match outcome:
        case Done(output, _, metrics):
            fields = {"output": beside(output), "metrics": metrics, "ended_at": now, "tries": tries, "deaths": 0}
            fields |= {"data_class": held.data_class, "untrusted": held.untrusted}
            _move(flow, held, StepStatus.DONE, outcome, **fields)
            if isinstance(outcome, SentBack):
                sending_back.carry_out(flow, held, outcome)
            else:
                flow.done(held, output)
        case Waiting():
            _wait(flow, held, outcome)
        case Failed(error):
            verdict = retries.judge(held, outcome, now=now)
            if verdict.wait is not None:
                tries -= not outcome.counted
                _move(flow, held, _again(held), outcome, error=error, not_before=now + verdict.wait, tries=tries)
                return
            fields = {"error": error, "broken": outcome.broken, "ended_at": now, "tries": tries}
            fields["untrusted"] = held.untrusted
            _move(flow, held, StepStatus.FAILED, outcome, why=verdict.why, **fields)
            flow.failed(held)
        case Stopped():
            _move(flow, held, StepStatus.CANCELLED, outcome, ended_at=now)
            flow.failed(held)
        case HandedBack():
            _move(flow, held, _again(held), outcome, not_before=None)


def _again(held: StepRun) -> StepStatus:
    return StepStatus.HELD if held.run.status == RunStatus.PAUSED else StepStatus.READY


def _wait(flow: Flow, held: StepRun, asked: Waiting) -> None:
    until = asked.until if asked.within is None else flow.hold.now + asked.within
    fields: dict[str, Any] = {"awaits": asked.awaits, "awaits_event": asked.event, "wake_at": until}
    fields |= {"waiting_since": flow.hold.now, "tries": 0, "data_class": held.data_class}
    if asked.awaits in {Awaits.CALLS, Awaits.STEPS}:
        fields |= {"deaths": 0, "deaths_alone": 0}  # a turn or a round is done, whatever comes next
    if asked.awaits not in {Awaits.CALLS, Awaits.OTHERS}:  # else what was asked of people stands
        fields["question"] = beside(asked.question)
    _move(flow, held, StepStatus.WAITING, asked, **fields)
    if held.given is not None and held.undoes_id is None:
        flow.around(held)
    if asked.awaits == Awaits.CALLS:
        flow.call(held, asked.question["turn"])
    elif asked.awaits == Awaits.STEPS:
        flow.open(held, asked.parts)
    elif asked.awaits == Awaits.RUN:
        launch_child(flow, held, asked.question)


def _move(flow: Flow, held: StepRun, to: StepStatus, outcome: Ended, *, why: str = "", **fields: Any) -> None:
    spent = outcome.spent
    body: dict[str, Any] = {"tries": held.fence}
    if spent.model:
        body |= {"model": spent.model, "tokens_in": spent.tokens_in, "tokens_out": spent.tokens_out}
        body |= {"cost": str(spent.cost), "confidence": spent.confidence}
        body |= {"confidence_source": spent.confidence_source} if spent.confidence_source else {}
    if spent.routing is not None:
        body["routing"] = spent.routing.hash
    exhibits: dict[str, Any] = {}
    match outcome:
        case Done(output, _, metrics):
            body |= {"metrics": metrics, **outcome.told}
            exhibits = {"output": output} if output else {}
        case Failed(error):
            body |= {"code": outcome.code, "broken": outcome.broken} | ({"no_more": why} if why else {})
            exhibits = {"error": error}
        case Waiting():
            body["awaits"] = outcome.awaits
    told = {"body": body, "exhibits": exhibits}
    flow.batch.move(held, to, actor=plans.actor_of(held), told=told, **fields)


def _attempt(flow: Flow, held: StepRun, outcome: Ended) -> Attempt:
    spent = outcome.spent
    return Attempt(
        step_run=held,
        fence=held.fence,
        worker=held.worker,
        started_at=held.claimed_at or flow.hold.now,
        ended_at=flow.hold.now,
        result=outcome.result,
        error=getattr(outcome, "error", ""),
        acting=held.acting,
        model=spent.model,
        confidence=spent.confidence,
        confidence_source=spent.confidence_source,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost=spent.cost,
        prompt=spent.prompt,
    )


def _refuse_late(flow: Flow, late: Sequence[Tried]) -> None:
    """Record that a worker came too late: its fence had passed, and nothing of it was written."""
    for held, outcome in late:
        flow.batch.record(
            "steprun.late_refused", held, actor=WORKER, body={"fence": held.fence, "came_to": outcome.result}
        )
    rows.insert([_late(flow, held, outcome) for held, outcome in late])


def _late(flow: Flow, held: StepRun, outcome: Ended) -> Attempt:
    attempt = _attempt(flow, held, outcome)
    attempt.result = "late"
    return attempt
