"""What a committed transaction leaves to do in others: each by itself, and found again by the sweep if it is missed."""

import logging
from collections.abc import Callable
from functools import partial

from orchestration import endings, turns, waking
from orchestration.flow import Flow
from orchestration.models import Run, StepRun, Workflow

logger = logging.getLogger(__name__)


def follow_up(flow: Flow) -> None:
    """Stop what a join left over, wake the steps that wait for ended runs, let the next runs have their turn."""
    for container in flow.left_over:
        _try(partial(_stop_parts, container))
    for step_run in flow.cancelled:
        if step_run.awaits == "run":
            _try(partial(_stop_children, step_run))
    for run in flow.ended.values():
        if run.parent_id is not None:
            _try(partial(waking.child_ended, run))
        _try(partial(_next_turn, run))


def _stop_parts(container: StepRun) -> None:
    follow_up(endings.stop_parts(container))


def _stop_children(step_run: StepRun) -> None:
    for child in Run.objects.live().filter(parent=step_run):
        follow_up(endings.cancel(child.pk))


def _next_turn(run: Run) -> None:
    if turns.has_turns(run.workflow):
        turns.admit(Workflow.objects.get(pk=run.workflow_id))


def _try(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        logger.exception("What follows from a committed step is left to the sweep.")
