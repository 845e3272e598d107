"""Steps of kind workflow: another run is started, and its result is the output."""

from django.utils.translation import gettext as _

from orchestration import starts
from orchestration.executors.task import Act, Place, Task
from orchestration.models import Version
from orchestration.outcomes import Done, Failed, Outcome, Waiting
from orchestration.plans import plan_of
from orchestration.states import Awaits, RunStatus

DEEPEST = 5  # runs above a run


class SubworkflowExecutor:
    """Starts a run of a pinned version, and waits for its end."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """Which version is started with which input."""
        if task.woken is not None:
            return {}
        if task.held.run.depth >= DEEPEST:
            return Failed(_("%s runs stand above this one already; no deeper.") % DEEPEST, code="input")
        given = task.inputs()
        if isinstance(given, Failed):
            return given
        spec = task.step.spec
        version = Version.objects.filter(workflow__slug=spec["workflow"], number=spec["version"]).first()
        if version is None:
            return Failed(
                _("%(workflow)s has no version %(version)s.")
                % {"workflow": spec["workflow"], "version": spec["version"]},
                code="input",
            )
        try:
            starts.check_waivers(plan_of(version).version)
            starts.title(plan_of(version).version, given)
        except starts.BadInput as error:
            return Failed(
                _("%(workflow)s cannot start with this: %(why)s") % {"workflow": spec["workflow"], "why": error},
                code="input",
            )
        except starts.CannotStart as error:
            return Failed(str(error), code="waiver")
        return {"workflow": spec["workflow"], "version": spec["version"], "version_id": version.pk, "input": given}

    def act(self, task: Task, act: Act) -> Outcome:
        """Wait for the run; then hand its result on."""
        ended = task.woken
        if ended is None:
            return Waiting(act, awaits=Awaits.RUN)
        if ended["status"] != RunStatus.DONE:
            return Failed(f"Run {ended['run']} {ended['status']}.", code="run")
        return Done({"run": ended["run"], **(ended["result"] or {})})
