"""Reading runs and workflows over the API: what the token may see, newest first."""

from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from audit import sight
from orchestration.api import bearer, shapes
from orchestration.contents import open_up
from orchestration.models import ApiToken, Run, StepRun, Workflow
from orchestration.models.runs import RunQuerySet
from orchestration.starts import CannotStart, current_version
from orchestration.states import RUN_LIVE, RunStatus
from orchestration.triggers import tokens

PAGE = 50


def run_of(token: ApiToken, pk: int) -> Run:
    """A run that the token may read; any other is not there."""
    bearer.need(token, tokens.READ)
    run: Run | None = _runs(token).filter(pk=pk).first()
    if run is None or not tokens.may(token, tokens.READ, run.workflow):
        raise Http404
    return run


def unveiled(token: ApiToken) -> RunQuerySet:
    """All runs but those that are hidden from the token's owner for now."""
    return Run.objects.filter(sight.unveiled(token.owner, "pk"))


def _runs(token: ApiToken) -> RunQuerySet:
    found = unveiled(token).select_related("workflow", "version", "started_by")
    return found.defer("input", "result", "version__document", "version__source", "workflow__purpose")


def about(runs: list[Run]) -> list[shapes.RunOut]:
    """Runs as they are told, with one query for all that wait."""
    live = [run.pk for run in runs if run.is_live]
    waits = StepRun.objects.waiting_for_people().filter(run__in=live) if live else StepRun.objects.none()
    waiting = set(waits.values_list("run_id", flat=True))
    return [_about(run, waiting=run.pk in waiting) for run in runs]


def _about(run: Run, *, waiting: bool) -> shapes.RunOut:
    told = {
        "id": run.pk,
        "workflow": run.workflow.slug,
        "version": run.version.number,
        "title": run.title,
        "state": run.status,
        "waits_for_people": waiting,
        "outcome": run.outcome,
        "succeeded": run.succeeded,
        "started_by": str(run.started_by),
        "created_at": run.created_at,
        "ended_at": run.ended_at,
    }
    return shapes.RunOut.model_validate(told)


def state_of(run: Run) -> dict[str, object]:
    """The little that a stream tells."""
    waits = run.is_live and StepRun.objects.waiting_for_people().filter(run=run).exists()
    told = {"run": run.pk, "state": str(run.status), "waits_for_people": waits}
    return {**told, "outcome": run.outcome, "succeeded": run.succeeded}


def page(token: ApiToken, workflow: str, state: str, before: int | None) -> shapes.RunsOut:
    """One page of the runs that the token may read."""
    bearer.need(token, tokens.READ)
    found = _runs(token).filter(workflow__in=tokens.ids(token, tokens.READ)).order_by("-id")
    if workflow:
        found = found.filter(workflow__slug=workflow)
    if state:
        found = found.filter(status__in=RUN_LIVE if state == "live" else [state])
    if before is not None:
        found = found.filter(pk__lt=min(before, 2**63 - 1))
    rows = list(found[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    given = {"workflow": workflow, "state": state, "before": rows[-1].pk if more else ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return shapes.RunsOut(runs=about(rows), next=f"{reverse('api-runs')}?{query}" if more else None)


def result(token: ApiToken, pk: int) -> shapes.ResultOut:
    """What a run came to; nothing yet while it goes on."""
    run = run_of(token, pk)
    came_to = open_up(run.result) if run.status == RunStatus.DONE else None
    told = {"id": run.pk, "state": run.status, "outcome": run.outcome, "succeeded": run.succeeded}
    return shapes.ResultOut.model_validate({**told, "result": came_to})


def workflows(token: ApiToken) -> shapes.WorkflowsOut:
    """The workflows that the token opens, by name."""
    bearer.need(token, tokens.CATALOGUE)
    rows = Workflow.objects.filter(pk__in=tokens.ids(token, tokens.CATALOGUE), current__isnull=False)
    found = rows.select_related("current").defer("current__source").order_by("name")[:200]
    return shapes.WorkflowsOut(workflows=[_workflow(row) for row in found])


def _workflow(row: Workflow) -> shapes.WorkflowOut:
    assert row.current is not None
    try:
        current_version(row)
        takes = True
    except CannotStart:
        takes = False
    told = {"slug": row.slug, "name": row.name, "purpose": row.purpose, "version": row.current.number}
    return shapes.WorkflowOut.model_validate({**told, "takes_runs": takes, "input": row.current.document["input"]})
