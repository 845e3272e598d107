"""One try of a step, as an executor sees it."""

from dataclasses import dataclass
from typing import Any, Protocol

from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Step, StepRun
from orchestration.outcomes import Failed, Outcome
from orchestration.scopes import Scope, scope_of

type Act = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A step run that this worker holds, with what its expressions can read."""

    held: StepRun
    step: Step
    scope: Scope

    @classmethod
    def of(cls, held: StepRun) -> "Task":
        """The task of a claimed step run."""
        return cls(held, held.step, scope_of(held.run))

    @property
    def key(self) -> str:
        """The same over every retry: what outside calls carry so that they happen once."""
        return f"run-{self.held.run_id}-step-{self.step.key}"

    def inputs(self) -> dict[str, Any] | Failed:
        """The step's input, each field worked out from the scope."""
        try:
            return {name: evaluate(text, self.scope) for name, text in self.step.spec.get("input", {}).items()}
        except BadExpression as error:
            return Failed(f"The input cannot be worked out: {error}")


class Executor(Protocol):
    """What each step kind provides."""

    def prepare(self, task: Task) -> Act | Failed:
        """Exactly what would be done, as JSON: what a person is shown, and what is hashed."""

    def act(self, task: Task, act: Act) -> Outcome:
        """Do it. Called outside any transaction."""
