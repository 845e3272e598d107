"""On whose behalf a step acts: agents that have a name do what they are allowed, and what the run's starter is.

All of them count, from the agent that a worker works for inwards. What is off does nothing more.
"""

from orchestration import catalog
from orchestration.executors.task import Act, Task
from orchestration.outcomes import Failed
from orchestration.plans import plan_of
from orchestration.routing import classes, detectors
from orchestration.routing.candidates import CLASSES
from orchestration.routing.classes import LOWEST
from orchestration.tools import permitted


def switched_off(task: Task) -> Failed | None:
    """That one of the agents it is done for is off: neither a turn nor a call of it begins."""
    for name in plan_of(task.held.run.version).agents(task.step):
        if catalog.is_off("agent", name):
            return Failed(catalog.told_off("agent", name), code="refused")
    return None


def too_sensitive(task: Task, data: str) -> Failed | None:
    """That data of this class is above what its agents may be given."""
    ceiling = plan_of(task.held.run.version).ceiling(task.step)
    if not ceiling or CLASSES.index(data) <= CLASSES.index(ceiling):
        return None
    told = f"This is {data} data, and the agent may be given {ceiling} data at the most."
    return Failed(told, code="refused")


def too_sensitive_call(task: Task, act: Act) -> Failed | None:
    """The same for a call of an agent, by what it carries and by what the agent has read."""
    if task.held.given is None or task.step.kind == "agent":  # a worker's own turn is asked like any other
        return None
    if not plan_of(task.held.run.version).ceiling(task.step):
        return None
    found = detectors.kinds(act.get("arguments", act)).values()
    return too_sensitive(task, classes.highest([task.held.data_class or LOWEST, *found]))


def not_permitted(task: Task, tool: str) -> str:
    """Why a tool may not be used here: by its workflow or the agents that ask for it, or by who started the run."""
    run = task.held.run
    agents = plan_of(run.version).agents(task.step) or [""]
    told = (permitted.refusal(tool, run.started_by_id, run.workflow_id, agent) for agent in agents)
    return next(filter(None, told), "")
