"""One try of a step, as an executor sees it."""

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from django.utils.translation import gettext as _

from orchestration import in_turn, undos
from orchestration.contents import open_up
from orchestration.executors.history import NONE, History
from orchestration.expressions import BadExpression, evaluate
from orchestration.models import Step, StepRun
from orchestration.outcomes import Failed, Outcome
from orchestration.routing.route import Route
from orchestration.scopes import Scope, opened, scope_of
from orchestration.starts import problems
from orchestration.tools.asking import NOTHING, Told

type Act = dict[str, Any]
type Place = Literal["here", "thread", "loop"]


@dataclass(frozen=True, slots=True)
class Task:
    """A step run that this worker holds, with what its expressions can read."""

    held: StepRun
    step: Step
    scope: Scope
    files: Mapping[str, bytes] = field(default_factory=dict)  # what its act reads, by digest
    route: Route | None = None  # who may be asked to do its act, where a model does it
    history: History = NONE  # what was said before, where an agent does it
    told: Told = NOTHING  # what people have said to questions of the server that is called

    @classmethod
    def of(cls, held: StepRun, scope: Scope | None = None) -> "Task":
        """The task of a claimed step run."""
        scope = scope_of(held.run, held.frame) if scope is None else scope
        step = undos.step_of(held)
        return cls(held, step, opened(scope, step.spec))

    def instead(self, step: Step) -> "Task":
        """The same place in the run, with another step: what a gate prepares for those it releases."""
        return Task(self.held, step, opened(self.scope, step.spec))

    @property
    def key(self) -> str:
        """The same over every retry, another once it was sent back: outside calls carry it, to happen once."""
        item = f"-item-{re.sub('[/:~]', '-', self.held.frame)}" if self.held.frame else ""
        again = f"-again-{self.held.again}" if self.held.again else ""
        return f"run-{self.held.run_id}-step-{self.step.key}{item}{again}"

    @property
    def limits(self) -> dict[str, Any]:
        """The limits of the step: seconds of a try, seconds in all, tries."""
        return dict(self.step.spec.get("limits", {}))

    @property
    def review(self) -> dict[str, Any]:
        """Its review point. A call of an agent that only reads has none."""
        called = self.held.given is not None and self.step.kind == "tool"
        return {} if called and not in_turn.changes(self.step) else self.step.review

    def inputs(self) -> dict[str, Any] | Failed:
        """The step's input, each field worked out from the scope or given by hand, checked against its schema."""
        if wrong := (self.held.given or {}).get(undos.WRONG):
            return Failed(wrong, code="input")
        try:
            inputs = self._inputs()
        except BadExpression as error:
            return Failed(_("The input cannot be worked out: %s") % error, code="input")
        schema = self.step.spec.get("input_schema")
        if schema and (found := problems(schema, inputs)):
            return Failed(
                _("The input does not fit: %(where)s %(why)s") % {"where": found[0][0], "why": found[0][1]},
                code="input",
            )
        return inputs

    def _inputs(self) -> dict[str, Any]:
        if self.held.given is not None:
            said = self.held.given["arguments"]  # a model's words are never taken for a reference to something kept
            return dict(open_up(said)) if self.held.undoes_id is not None else dict(said)
        given = self.held.run.reads(self.step.key)
        if given is not None:
            return dict(open_up(given))
        return {name: self.value(text) for name, text in self.step.spec.get("input", {}).items()}

    def value(self, text: str) -> Any:
        """What an expression comes to, or `BadExpression`."""
        return evaluate(text, self.scope)

    def messages(self, act: Act) -> list[dict[str, Any]]:
        """All that a model is told that does the act: its opening, and what was said since."""
        return [*act["messages"], *self.history.messages]

    @property
    def woken(self) -> dict[str, Any] | None:
        """What the step was woken with after it waited for something other than a person."""
        answer = self.held.answer
        return answer if answer is not None and "awaits" in answer else None


class Executor(Protocol):
    """What each step kind provides. `place`: act at once in the worker's main thread, in a thread, or on its loop."""

    place: Place

    def prepare(self, task: Task) -> Act | Failed:
        """Exactly what would be done, as JSON: what a person is shown, and what is hashed. May read the database."""

    def act(self, task: Task, act: Act) -> Outcome | Awaitable[Outcome]:
        """Do it, outside any transaction. Only one whose place is `here` may read the database."""
