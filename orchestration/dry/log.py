"""What is noted while a dry run is under way: each step that it comes to, in their order."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from orchestration.contents import open_up
from orchestration.dry.course import MOST, Passed, brief
from orchestration.dry.script import places
from orchestration.executors.task import Task
from orchestration.models import StepRun
from orchestration.plans import DECISION, MAP, PARALLEL, REPEAT

READS_NOTHING = (DECISION, PARALLEL, MAP, REPEAT, "outcome", "wait")


class Log:
    """The steps of a dry run, by the ids of their rows."""

    def __init__(self) -> None:
        self._passed: dict[int, Passed] = {}

    def of(self, held: StepRun) -> Passed:
        """What is noted of a step."""
        if held.pk not in self._passed:
            step, item = held.step, list(places(held.frame))
            undoes = held.undoes_id is not None
            self._passed[held.pk] = Passed(step.key, step.name, step.kind, held.run.depth, item, undoes)
        return self._passed[held.pk]

    @contextmanager
    def trying(self, task: Task) -> Iterator[None]:
        """One try of a step: what it reads, and how long it takes."""
        passed, began = self.of(task.held), time.monotonic()
        if passed.reads is None and task.step.kind not in READS_NOTHING:
            reads = task.inputs()
            passed.reads = brief(reads) if isinstance(reads, dict) else None
        try:
            yield
        finally:
            passed.seconds = round(passed.seconds + time.monotonic() - began, 4)

    def steps(self, workflows: Sequence[int]) -> tuple[list[Passed], int]:
        """The steps with what became of them, so many as are kept; and how many more there were."""
        rows = StepRun.objects.filter(workflow__in=workflows, pk__in=list(self._passed)[:MOST])
        for pk, status, output, error in rows.values_list("pk", "status", "output", "error"):
            passed, opened = self._passed[pk], open_up(output)
            passed.status, passed.error, passed.gives = status, error, brief(opened)
            if passed.kind == DECISION and opened:
                passed.branch = str(opened.get("branch", ""))
        return list(self._passed.values())[:MOST], max(0, len(self._passed) - MOST)
