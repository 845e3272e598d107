"""Steps of kind decision: the first branch whose condition holds."""

from django.utils.translation import gettext as _

from orchestration.executors.task import Act, Place, Task
from orchestration.expressions import BadExpression
from orchestration.outcomes import Done, Failed, Outcome


class DecisionExecutor:
    """Chooses a branch; the last one has no condition."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """The branch. A condition that cannot be worked out is a failure, never a pass to the next branch."""
        for branch in task.step.spec["branches"]:
            try:
                if "if" not in branch or task.value(branch["if"]) is True:
                    return {"branch": branch["name"]}
            except BadExpression as error:
                return Failed(
                    _("The condition of %(name)s cannot be worked out: %(why)s")
                    % {"name": repr(branch["name"]), "why": error},
                    code="input",
                )
        return Failed(_("No branch fits."), code="input")

    def act(self, task: Task, act: Act) -> Outcome:
        """There is nothing more to do than to say it."""
        return Done(act)
