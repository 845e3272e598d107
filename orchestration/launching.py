"""Launching a run: accepted and committed with its first step, or kept waiting for its turn."""

from typing import Any

from audit.actors import WORKER, Actor
from audit.models import User
from orchestration import plans, starts, turns
from orchestration.contents import beside, open_up
from orchestration.flow import Flow
from orchestration.models import Run, StepRun, Trigger, Version


def new_run(
    version: Version,
    given: dict[str, Any],
    *,
    started_by: User,
    trigger: Trigger | None = None,
    parent: StepRun | None = None,
    restarted_from: Run | None = None,
    after: Run | None = None,
    waits_turn: bool | None = None,
) -> Run:
    """A run that fits its version's input, not saved yet; or `BadInput`.

    Whoever makes many at once says whether they wait for their turn: none of them is counted before all are saved.
    """
    plan = plans.plan_of(version)
    document, above = plan.version.document, parent.run if parent else after
    run = Run(
        workflow=plan.version.workflow,
        version=plan.version,
        trigger=trigger,
        title=starts.title(plan.version, given),
        key=starts.key(plan.version, given),
        priority=document.get("priority", 1),
        input=beside(given),
        started_by=started_by,
        parent=parent,
        depth=above.depth + 1 if above else 0,
        restarted_from=restarted_from,
    )
    run.waits_turn = turns.must_wait(run) if waits_turn is None else waits_turn
    return run


def launch(flow: Flow, run: Run, given: dict[str, Any], *, actor: Actor) -> None:
    """Accept a run, with its first step."""
    accept(flow, run, given, actor=actor)
    first = plans.plan_of(run.version).first()
    assert first is not None
    flow.begin(run, first)


def accept(flow: Flow, run: Run, given: dict[str, Any], *, actor: Actor) -> None:
    """Accept a run, without any step yet."""
    body: dict[str, Any] = {"trigger": run.trigger.name if run.trigger else ""}
    body |= {"parent": run.parent_id} if run.parent_id else {}
    body |= {"restarted_from": run.restarted_from_id} if run.restarted_from_id else {}
    exhibits = {"input": given}
    if run.edited:
        step = plans.plan_of(run.version).by_key[run.edited["step"]]
        body |= {"edited": step.key, "step": step.name}
        exhibits["step_input"] = open_up(run.edited["input"])
    flow.batch.begin(run, actor=actor, body=body, personal={"title": run.title}, exhibits=exhibits)


def launch_child(flow: Flow, held: StepRun, question: dict[str, Any]) -> None:
    """Start the run that a sub-workflow step waits for. Whoever started the parent counts as its starter too."""
    version = Version.objects.only("id", "hash").get(pk=question["version_id"])
    given = open_up(question["input"])
    run = new_run(version, given, started_by=held.run.started_by, parent=held)
    flow.launched.append((run, given))
    launch(flow, run, given, actor=WORKER.acting_for("person", held.run.started_by_id))
