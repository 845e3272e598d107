"""Whose own work a review is: they never decide it, whatever groups they are in."""

from collections.abc import Iterator
from typing import NamedTuple

from audit import hot
from orchestration import pauses
from orchestration.documents.reach import texts
from orchestration.executors.agent import TAKEN
from orchestration.expressions import BadExpression
from orchestration.frames import around
from orchestration.frames import before as round_before
from orchestration.models import Run, Step, StepRun, Version
from orchestration.plans import Plan, plan_of
from orchestration.references import names_read, steps_read

STARTED, INPUT, VERSION, AGENT = "started", "input", "version", "agent"
ORDER = (STARTED, INPUT, VERSION, AGENT)
NO_INPUT = ("review", "metrics")  # parts of a step whose expressions are no input of it
DEEPEST = 50  # runs that stand above one, or were begun again

# Who started the runs from which this one was begun again, or in which it was started; whose agents do the step; who
# moved the run to another version.
AROUND = """
WITH RECURSIVE chain AS (
    SELECT id, started_by_id, restarted_from_id, parent_id, 0 AS depth FROM orchestration_run WHERE id = %s::bigint
    UNION ALL
    SELECT r.id, r.started_by_id, r.restarted_from_id, r.parent_id, c.depth + 1 FROM chain c
    LEFT JOIN orchestration_steprun s ON s.id = c.parent_id
    JOIN orchestration_run r ON r.id IN (c.restarted_from_id, s.run_id) WHERE c.depth < %s::int
)
SELECT 'input', started_by_id FROM chain WHERE depth > 0
UNION
SELECT 'input', e.actor_id::bigint FROM chain c JOIN audit_event e ON e.run_id = c.id
WHERE c.depth = 0 AND e.kind = 'run.moved' AND e.actor_kind = 'person'
UNION
SELECT 'agent', owner_id FROM orchestration_agent WHERE name = ANY(%s::text[])
"""
# Who wrote what the step reads: by an edit or an answer at a review of it, or by finishing it by hand. What a run that
# was begun again shares with the one before was written there.
WRITTEN = f"""
WITH RECURSIVE read AS (
    SELECT s.id, s.shared_from_id, s.answer
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS w (run, key, frame)
    JOIN orchestration_steprun s ON s.run_id = w.run AND s.frame = w.frame
    JOIN orchestration_step t ON t.id = s.step_id AND t.key = w.key
    UNION
    SELECT s.id, s.shared_from_id, s.answer FROM read JOIN orchestration_steprun s ON s.id = read.shared_from_id
)
SELECT d.by_id FROM read JOIN reviews_review v ON v.step_run_id = read.id JOIN reviews_decision d ON d.review_id = v.id
WHERE d.undone_at IS NULL AND d.verdict = 'approved' AND d.content_hash <> d.shown_hash
UNION
SELECT d.by_id FROM reviews_review v JOIN reviews_decision d ON d.review_id = v.id
WHERE v.step_run_id = %s::bigint AND d.undone_at IS NULL AND d.verdict = 'approved'
    AND d.content_hash <> d.shown_hash AND NOT jsonb_exists(v.content, '{pauses.ASKS}')
UNION
SELECT (answer -> '{TAKEN}' ->> 'by')::bigint FROM read WHERE jsonb_exists(answer, '{TAKEN}')
"""  # noqa: S608  (our own names)


class Read(NamedTuple):
    """An output that a step reads: of which step, in which run and frame."""

    run: int
    key: str
    frame: str


def of(step_run: StepRun) -> dict[str, list[int]]:
    """Whose work it is, by why: two statements, one where it reads no output and was not asked before."""
    run, step = step_run.run, step_run.step
    plan = plan_of(run.version)
    version = plan.version
    found: dict[str, set[int | None]] = {
        STARTED: {run.started_by_id},
        VERSION: {version.edited_by_id or version.created_by_id},
    }
    for why, person in hot.rows(AROUND, [run.pk, DEEPEST, plan.agents(step)]):
        found.setdefault(why, set()).add(person)
    found.setdefault(AGENT, set()).update(_described(plan, step))
    reads = list(_reads(step_run))
    at = 0 if pauses.is_pause(step_run.question) else step_run.pk
    written = hot.rows(
        WRITTEN, [[one.run for one in reads], [one.key for one in reads], [one.frame for one in reads], at]
    )
    found.setdefault(INPUT, set()).update(person for (person,) in written)
    known = {why: sorted(pk for pk in found.get(why, ()) if pk is not None) for why in ORDER}
    return {why: people for why, people in known.items() if people}


def with_moved(own: dict[str, list[int]], by: int, version: Version) -> dict[str, list[int]]:
    """The same once somebody moved the run to another version."""
    editor = version.edited_by_id or version.created_by_id
    new = {INPUT: {by}, VERSION: {editor} if editor else set()}
    return {why: sorted(people) for why in ORDER if (people := {*own.get(why, ()), *new.get(why, ())})}


def everybody(own: dict[str, list[int]]) -> list[int]:
    """All whose work it is."""
    return sorted({person for people in own.values() for person in people})


def whys(own: dict[str, list[int]], person: int) -> list[str]:
    """Why it is somebody's."""
    return [why for why in ORDER if person in own.get(why, ())]


def _described(plan: Plan, step: Step) -> Iterator[int]:
    """The owners of agents that are described in place: those who own their steps."""
    for one in plan.works_for(step):
        if one.kind == "agent" and "agent" not in one.spec and one.owner_id:
            yield one.owner_id


def _reads(step_run: StepRun) -> Iterator[Read]:
    """The outputs that a step reads, by itself or by what is around it; and what the run above handed over."""
    held: StepRun | None = step_run
    for _depth in range(DEEPEST):
        if held is None:
            return
        run: Run = held.run
        frames = [*around(held.frame), *filter(None, map(round_before, filter(_in_round, around(held.frame))))]
        keys = _keys(plan_of(run.version), held.step)
        yield from (Read(run.pk, key, frame) for key in sorted(keys) for frame in frames)
        above = StepRun.objects.select_related("step", "run__version")
        held = above.filter(pk=run.parent_id).first() if run.parent_id else None


def _in_round(frame: str) -> bool:
    return bool(frame) and "~" in frame.rsplit("/", 1)[-1]


def _keys(plan: Plan, step: Step) -> set[str]:
    """The keys of the steps that it reads; of a gate those too that its released steps read."""
    around_it, parent = [*plan.works_for(step)], step.parent_id
    while parent is not None:
        around_it.append(plan.steps[parent])
        parent = plan.steps[parent].parent_id
    around_it += [plan.by_key[key] for key in step.spec.get("releases", []) if key in plan.by_key]
    keys: set[str] = set()
    for one in around_it:
        keys |= _read_by(plan, one)
    return keys | {other for other, stands in plan.stands_in.items() if stands in keys}


def _read_by(plan: Plan, step: Step) -> set[str]:
    keys: set[str] = set()
    for found in texts(step.spec):
        if found.path[0] in NO_INPUT:
            continue
        try:
            keys |= steps_read(found.text)
            last = "last" in names_read(found.text)
        except BadExpression:
            continue
        keys |= {one.key for one in plan.inside(plan.steps[step.parent_id])} if last and step.parent_id else set()
    return keys
