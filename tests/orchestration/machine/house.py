"""What a search through the engine holds: a house in one transaction, and who is at work in it.

No bell ever rings here (nothing commits), as if Redis forgot everything all the time: the rows alone must be enough.
"""

from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from audit.actors import Actor, person
from orchestration import afterwards, control, engine, scopes
from orchestration.flow import Flow
from orchestration.models import StepRun, Workflow
from tests import clock
from tests.cast import Cast

WORKERS = ("w1", "w2")
any_one = st.sampled_from(range(12))
sizes = st.sampled_from([0, 1, 2])


class House(RuleBasedStateMachine):
    """Everything happens in one transaction, which is given up at the end."""

    cast: ClassVar[Cast]
    workflows: ClassVar[list[Workflow]]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.held: dict[str, list[StepRun]] = {worker: [] for worker in WORKERS}
        self.hanging: list[StepRun] = []  # in calls that take long
        self.dropped: list[StepRun] = []  # by workers that died
        self.dies = False  # who commits next, right after it
        self.swept = True  # nobody has died so since the last sweep
        self.follow_up = afterwards.follow_up
        afterwards.follow_up = self._follow_up

    def _follow_up(self, flow: Flow) -> None:
        """What a worker does after its commit, unless it dies just then."""
        if self.dies:
            self.swept = self.swept and not (flow.left_over or flow.cancelled or flow.ended)
            return
        self.follow_up(flow)

    def give_up(self) -> None:
        """As if nothing had been."""
        afterwards.follow_up = self.follow_up
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        scopes.items_of.cache_clear()
        clock.back()

    def start(self, which: int, size: int) -> None:
        """A run of one of the workflows."""
        workflow = Workflow.objects.get(pk=self.workflows[which % len(self.workflows)].pk)
        engine.start(workflow, {"size": size, "who": "somebody"}, actor=self.adam, started_by=self.cast.adam)

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped everything."""
        return control.brake().status == "pulled"

    @property
    def adam(self) -> Actor:
        """Who controls everything here."""
        return person(self.cast.adam)


def pick(rows: Any, which: int) -> Any:
    """One of the rows."""
    return rows.order_by("pk")[which % rows.count()]
