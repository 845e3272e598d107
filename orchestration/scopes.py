"""What an expression can read: the run's input, the outputs of its earlier steps, and the run itself."""

from typing import Any

from orchestration.models import Run, StepRun
from orchestration.states import StepStatus

type Scope = dict[str, Any]


def scope_of(run: Run) -> Scope:
    """The scope of a run as it stands now."""
    outputs = StepRun.objects.filter(run=run, status=StepStatus.DONE).values_list("step__key", "output")
    return {
        "input": run.input,
        "steps": dict(outputs),
        "run": {"id": run.pk, "workflow": run.workflow.slug, "version": run.version.number},
    }
