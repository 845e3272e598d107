"""Who may see what machines do: whoever may see the workflow."""

from audit import sight
from audit.models import User
from orchestration.models import Run, StepRun, Workflow


@sight.workflows
def workflow_ids(user: User) -> list[int]:
    """The workflows that a person may see."""
    return Workflow.objects.ids_allowed(user, "view")


@sight.judge("workflow")
def may_see_workflow(user: User, pk: str) -> bool:
    """A workflow."""
    return Workflow.objects.allowed(user, "view").filter(pk=pk).exists()


@sight.judge("run")
def may_see_run(user: User, pk: str) -> bool:
    """A run of a workflow that one may see."""
    return Run.objects.seen_by(user).filter(pk=pk).exists()


@sight.judge("steprun")
def may_see_step_run(user: User, pk: str) -> bool:
    """A step of such a run."""
    return StepRun.objects.filter(pk=pk, run__in=Run.objects.seen_by(user)).exists()
