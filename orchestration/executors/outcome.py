"""The last step: what the run came to, in words, and whether that was what its owner hoped for."""

from django.utils.translation import gettext as _

from orchestration.executors.task import Act, Place, Task
from orchestration.expressions import BadExpression
from orchestration.outcomes import Done, Failed, Outcome


class OutcomeExecutor:
    """Works out the label and the success of a run from its steps."""

    place: Place = "here"

    def prepare(self, task: Task) -> Act | Failed:
        """The label and the success metric."""
        try:
            label = str(task.value(task.step.spec["label"]))
            success = bool(task.value(task.step.spec["success"]))
        except BadExpression as error:
            return Failed(_("The outcome cannot be worked out: %s") % error, code="input")
        return {"label": label[:120], "success": success}

    def act(self, task: Task, act: Act) -> Outcome:
        """There is nothing more to do than to say it."""
        return Done(act)
