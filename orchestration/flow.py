"""What follows: the next step, the end of a part, of a run. Gathered in one transaction and written at once.

Nothing follows from a step while its run is ending; then the run is wound down instead, see `orchestration.endings`.
"""

from typing import Any

from django.conf import settings

from audit.actors import WORKER, Actor
from audit.moves import Batch
from orchestration import frames, handing, in_turn, joins, plans, queue
from orchestration.callables import AGENT
from orchestration.locks import Hold
from orchestration.models import AgentTurn, Run, Step, StepRun
from orchestration.results import result_of
from orchestration.states import RUN_LIVE, RunStatus, StepStatus


class Flow:
    """The moves of one transaction, and the steps that its worker goes straight on with (`taken`)."""

    def __init__(self, hold: Hold, *, worker: str = "", room: int = 0, actor: Actor = WORKER) -> None:
        self.hold = hold
        self.worker = worker
        self.room = room
        self.actor = actor
        self.batch = Batch()
        self.taken: list[StepRun] = []
        self.containers: dict[int, StepRun] = {}
        self.ended: dict[int, Run] = {}
        self.ending: dict[int, Run] = {}  # to be wound down
        self.left_over: list[StepRun] = []  # containers that went on before all that is in them had ended
        self.cancelled: list[StepRun] = []
        self.launched: list[tuple[Run, dict[str, Any]]] = []  # by sub-workflow steps, each with its input
        self._agents: dict[int, StepRun] = {}  # of whose calls some have moved
        self._counted: set[int] = set()
        self._ring: Run | None = None

    def begin(self, run: Run, step: Step, *, like: StepRun | None = None, **fields: Any) -> StepRun:
        """A step becomes ready, in the frame of `like` if given; or this worker goes straight on with it."""
        at = {"parent": like.parent, "part": like.part, "frame": like.frame} if like is not None else {}
        lane = plans.lane(step)
        begun = {"workflow_id": run.workflow_id, "priority": run.priority, "lane": lane, "ready_at": self.hold.now}
        begun["again"] = run.sent_back
        status = self._first_status(run, lane)
        taken = self._claimed(0) if status == StepStatus.RUNNING else {}
        step_run = StepRun(run=run, step=step, status=status, **{**begun, **at, **fields, **taken})
        actor = WORKER if step_run.given is None else plans.actor_of(step_run)
        self.batch.begin(step_run, actor=actor, body={"worker": self.worker} if taken else {})
        if taken:
            self._go_on_with(step_run)
        elif status == StepStatus.READY:
            self._ring = run
        return step_run

    def _first_status(self, run: Run, lane: str) -> StepStatus:
        if run.status == RunStatus.PAUSED or run.waits_turn:
            return StepStatus.HELD
        return StepStatus.RUNNING if self._may_take(run, lane) else StepStatus.READY

    def resume(self, step_run: StepRun, answer: dict[str, Any], *, actor: Actor, **fields: Any) -> None:
        """A waiting step has its answer, and goes on."""
        held = step_run.run.status == RunStatus.PAUSED
        fields |= {"answer": answer, "wake_at": None, "awaits_event": "", "ready_at": self.hold.now}
        self.batch.move(step_run, StepStatus.HELD if held else StepStatus.READY, actor=actor, **fields)
        if not held and fields.get("not_before") is None:
            self._ring = step_run.run

    def ring_for(self, run: Run) -> None:
        """Wake a worker once this is committed, with `run` as a hint."""
        self._ring = run

    def _may_take(self, run: Run, lane: str) -> bool:
        hold = self.hold
        known = run.pk is not None  # what holds a new run back, a worker asks when it claims
        free = run.pk not in hold.halted and run.pk not in hold.limited and lane not in hold.lanes
        return known and free and len(self.taken) < self.room

    def _claimed(self, fence: int) -> dict[str, Any]:
        now = self.hold.now
        return {
            "fence": fence + 1,
            "worker": self.worker,
            "claimed_at": now,
            "lease_until": now + settings.HANDRAIL_LEASE,
        }

    def _go_on_with(self, step_run: StepRun) -> None:
        self.taken.append(step_run)
        if step_run.run.status == RunStatus.ACCEPTED:
            self.batch.move(step_run.run, RunStatus.RUNNING, actor=WORKER)

    def done(self, step_run: StepRun, output: dict[str, Any]) -> None:
        """A step is done: its run goes on."""
        run, plan = step_run.run, plans.plan_of(step_run.run.version)
        if self.follows_nothing(step_run):
            return
        following = plan.after(step_run.step, output)
        if (to := plan.handed_to(step_run.step, output)) is not None:
            self._tell_of_handing(step_run, to, output)
        if following is not None:
            self.begin(run, following, like=step_run)
        elif step_run.parent_id is not None:
            self.part_ended(step_run, failed=False)
        elif plan.leaves_others:
            self.ending[run.pk] = run  # ends once the others have
        else:
            self.finish(run, step_run.step, output)

    def _tell_of_handing(self, agent: StepRun, to: Step, output: dict[str, Any]) -> None:
        """That an agent has handed over is an event of its own: to which step, past which, and what goes along."""
        passed = plans.plan_of(agent.run.version).between(agent.step, to)
        body = {"heir": to.key, "name": to.name, "passed_by": [one.key for one in passed]}
        exhibits = {name: output[name] for name in (handing.WHY, handing.GIVEN) if name in output}
        self.batch.record("steprun.handed_over", agent, actor=WORKER, body=body, exhibits=exhibits)

    def failed(self, step_run: StepRun) -> None:
        """A step failed for good, or was cancelled by itself: its fallback, or its part or run fails too."""
        run, plan = step_run.run, plans.plan_of(step_run.run.version)
        if self.follows_nothing(step_run):
            return
        if (fallback := plan.fallback(step_run.step)) is not None:
            self.begin(run, fallback, like=step_run)
        elif step_run.parent_id is not None:
            self.part_ended(step_run, failed=True)
        else:
            self.end_as(run, RunStatus.FAILED)

    def follows_nothing(self, step_run: StepRun) -> bool:
        """Whether nothing follows from a step that has ended: its run is ending, or what is around it has gone on."""
        run = step_run.run
        if run.ending or step_run.undoes_id is not None:
            if run.status in RUN_LIVE:  # a call may be undone long after
                self.ending[run.pk] = run
            return True
        container = self.containers.get(step_run.parent_id or 0)
        if container is None or container.status == StepStatus.WAITING:
            return False
        if plans.plan_of(run.version).leaves_others:
            self.ending[run.pk] = run
        return True

    def ends(self, run: Run) -> bool:
        """Whether the run has ended in this transaction, or is to be wound down in it."""
        return run.pk in self.ended or run.pk in self.ending

    def end_as(self, run: Run, status: RunStatus) -> None:
        """The run comes to that once what still runs has ended and what was done is undone."""
        run.ending = status
        self.ending[run.pk] = run

    def open(self, container: StepRun, parts: int) -> None:
        """A step waits for what is in it: its branches, its next round, or as many items as may run at once, begin."""
        container.parts = parts
        if container.step.kind == plans.REPEAT:
            self._begin_part(container)
            self._counted.add(container.pk)
            self.containers[container.pk] = container
            return
        container.parts_begun = container.parts_done = container.parts_failed = 0
        for _ in range(joins.at_once(container)):
            self._begin_part(container)
        self._counted.add(container.pk)
        self.containers[container.pk] = container

    def _begin_part(self, container: StepRun) -> None:
        plan = plans.plan_of(container.run.version)
        number, frame = container.parts_begun, container.frame
        branch = 0 if container.step.kind in plans.MANY_TIMES else number
        if container.step.kind in plans.MANY_TIMES:
            inner = frames.item if container.step.kind == plans.MAP else frames.round_of
            frame = inner(frame, container.pk, number)
        first = plan.first(container.step, branch)
        assert first is not None
        container.parts_begun += 1
        self.begin(container.run, first, parent=container, part=number, frame=frame)

    def call(self, agent: StepRun, turn: AgentTurn) -> None:
        """An agent waits for what it asked for: each call begins as a step of its own."""
        offered = plans.plan_of(agent.run.version).calls(agent.step)
        for asked in turn.calls:
            if "part" not in asked:
                continue
            number = asked["part"]
            given = {"id": asked["id"], "turn": turn.number, "arguments": asked["arguments"]}
            where = {"parent": agent, "part": number, "frame": frames.call(agent.frame, agent.pk, number)}
            where["data_class"] = agent.data_class
            agent.parts_begun = agent.parts = number + 1
            self.begin(agent.run, offered[asked["name"]], given=given, **where)
        self._counted.add(agent.pk)
        self.containers[agent.pk] = agent
        if joins.joined(agent) is not None:  # none of them was one
            self._go_on(agent)

    def part_ended(self, last: StepRun, *, failed: bool) -> None:
        """A branch, an item or a call has ended: the next item begins, or the step around them goes on."""
        container = self.around(last)
        container.parts_done += not failed
        container.parts_failed += failed
        self._counted.add(container.pk)
        if joins.joined(container) is not None:
            self._go_on(container)
            if joins.stops_others(container):
                self.left_over.append(container)
        elif container.parts_begun < container.parts:
            self._begin_part(container)

    def around(self, inner: StepRun) -> StepRun:
        """The step run around one. Of a call of an agent, others of its turn may act once this is written."""
        container = self.containers[inner.parent_id or 0]
        container.run = inner.run
        container.step = plans.plan_of(inner.run.version).steps[container.step_id]
        if inner.given is not None:
            self._agents[container.pk] = container
        return container

    def _go_on(self, container: StepRun) -> None:
        """The step has what it waited for inside; this worker goes straight on with it if it may."""
        answer = {"awaits": container.awaits, "joined": joins.joined(container)}
        if container.step.kind == AGENT:  # what a person has said of it stands for all of its turns
            answer = {**(container.answer or {}), **answer}
        self.resume(container, answer, actor=WORKER)
        if container.status == StepStatus.READY and self._may_take(container.run, container.lane):
            told = {"body": {"worker": self.worker}}
            self.batch.move(container, StepStatus.RUNNING, actor=WORKER, told=told, **self._claimed(container.fence))
            self._go_on_with(container)

    def finish(self, run: Run, last: Step, output: dict[str, Any]) -> None:
        """A run has done its last step."""
        label, success = str(output.get("label", "")), output.get("success")
        outcome = {"outcome": label, "succeeded": success} if last.kind == "outcome" else {}
        self._end(run, RunStatus.DONE, result=result_of(run, last, output), **outcome)

    def close(self, run: Run, status: RunStatus) -> None:
        """A run has ended without its last step."""
        self._end(run, status, ending="")

    def _end(self, run: Run, status: RunStatus, **fields: Any) -> None:
        told = {"body": {name: fields[name] for name in ("outcome", "succeeded") if name in fields}}
        self.batch.move(run, status, actor=self.actor, told=told, ended_at=self.hold.now, **fields)
        self.ended[run.pk] = run

    def _let_next_act(self) -> None:
        """Of calls that let others of their turn go first, the next ones may act now."""
        agents, self._agents = self._agents, {}
        if not agents or not (chosen := in_turn.next_of(agents.values())):
            return
        for step_run in StepRun.objects.filter(pk__in=chosen).select_related("step"):
            step_run.run = agents[step_run.parent_id or 0].run
            self.resume(step_run, step_run.answer or {}, actor=WORKER)
        self.batch.write()
        self.batch = Batch()

    def write(self) -> None:
        """Write everything that was gathered. What other transactions must do about it happens after the commit."""
        self.batch.write()
        counted = [self.containers[pk] for pk in self._counted]
        if counted:
            StepRun.objects.bulk_update(counted, ["parts", "parts_begun", "parts_done", "parts_failed"])
        self._counted.clear()
        self.batch = Batch()
        self._let_next_act()
        if self._ring is not None:
            queue.ring(self._ring.pk)
            self._ring = None
