"""Steps of kind person: somebody answers, and perhaps releases steps that come later (a gate)."""

from orchestration.executors.gates import acts_behind
from orchestration.executors.task import Act, Executor, Place, Task
from orchestration.outcomes import Done, Failed, Outcome


class PersonExecutor:
    """Shows its input, or what the steps behind it would do. The review point before it asks."""

    place: Place = "here"

    def __init__(self, kinds: dict[str, Executor]) -> None:
        self.kinds = kinds

    def prepare(self, task: Task) -> Act | Failed:
        """What is shown."""
        shown = task.inputs()
        if isinstance(shown, Failed) or not task.step.spec.get("releases"):
            return shown
        acts = acts_behind(task, self.kinds.__getitem__)
        return acts if isinstance(acts, Failed) else {**shown, "releases": acts}

    def act(self, task: Task, act: Act) -> Outcome:
        """The answer is the output."""
        return Done(act)
