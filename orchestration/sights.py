"""Who may see what machines do: whoever may see the workflow."""

from audit import sight
from audit.models import User
from orchestration.models import ApiToken, Run, StepRun, Trigger, Upload, Workflow


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


@sight.judge("trigger")
def may_see_trigger(user: User, pk: str) -> bool:
    """A trigger of a workflow that one may see."""
    return Trigger.objects.filter(pk=pk, workflow__in=Workflow.objects.ids_allowed(user, "view")).exists()


@sight.judge("upload")
def may_see_upload(user: User, pk: str) -> bool:
    """One's own upload, or one of a workflow that one manages."""
    return Upload.objects.seen_by(user).filter(pk=pk).exists()


@sight.judge("apitoken")
def may_see_token(user: User, pk: str) -> bool:
    """One's own token."""
    return ApiToken.objects.filter(pk=pk, owner=user).exists()


def may_see_engine(user: User) -> bool:
    """The page of the engine: who may stop everything, or manages a workflow."""
    return user.has_perm("orchestration.stop_everything") or bool(Workflow.objects.ids_allowed(user, "manage"))


@sight.judge("brake")
def may_see_brake(user: User, pk: str) -> bool:
    """That everything is stopped is shown to everybody."""
    return True


@sight.judge("limit")
def may_see_limit(user: User, pk: str) -> bool:
    """A limit: whoever may see the page of the engine."""
    return may_see_engine(user)


def may_see_models(user: User) -> bool:
    """The catalog of models: who may change it, and who may read the reports."""
    return user.is_active and (user.has_perm("audit.change_choices") or user.has_perm("audit.view_report"))


@sight.judge("model")
@sight.judge("modeltest")
@sight.judge("keptkey")
def may_see_model(user: User, pk: str) -> bool:
    """A model, its tests, and that a key is kept: whoever may see the catalog."""
    return may_see_models(user)


def may_see_tools(user: User) -> bool:
    """The pages of tools and connections: whoever may see those of models."""
    return may_see_models(user)


def may_see_agents(user: User) -> bool:
    """The pages of agents: whoever may see those of models and tools."""
    return may_see_models(user)


@sight.judge("agent")
def may_see_agent(user: User, pk: str) -> bool:
    """An agent: whoever may see them all."""
    return may_see_agents(user)


@sight.judge("connection")
@sight.judge("inquiry")
def may_see_connection(user: User, pk: str) -> bool:
    """A connection, and what was asked over it: whoever may see the tools."""
    return may_see_tools(user)


@sight.judge("tool")
def may_see_tool(user: User, pk: str) -> bool:
    """A tool: whoever may see the tools, or the page of the engine."""
    return may_see_tools(user) or may_see_engine(user)
