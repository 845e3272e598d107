"""Looking at runs before they are moved. Pure reading; the same is read again, under locks, when they are."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import digest
from orchestration import starts
from orchestration.contents import open_up
from orchestration.models import Run, Step, StepRun, Version
from orchestration.moving import approvals, differences, standing
from orchestration.moving.approvals import Holds
from orchestration.moving.coming import Coming
from orchestration.moving.preview import Preview
from orchestration.moving.standing import Standing, has_answer, is_asked
from orchestration.plans import CONTAINERS
from orchestration.states import RUN_LIVE, STEP_LIVE, Awaits, StepStatus, VersionStatus

FEW = 12  # sentences of one sort that are told; the rest is counted
ABOUT_REVIEW = frozenset({"verdict", "edited", "reviewed", "lapsed"})  # what an output says of its review


def plan(runs: Sequence[Run], version: Version) -> list[Preview]:
    """What going to `version` would come to, for each run: a fixed number of queries for all of them."""
    reason = _of_version(version)
    return [_Judge(one, version, reason).preview() for one in standing.of(runs, version)]


def judged(one: Standing, version: Version) -> Preview:
    """The same for one run whose standing was read already, under its locks."""
    return _Judge(one, version, _of_version(version)).preview()


def _of_version(version: Version) -> str:
    """Why no run may go there at all; "" where they may."""
    if version.status == VersionStatus.DRAFT:
        return _("A draft takes no runs. Publish it first.")
    try:
        starts.check_waivers(version)
    except starts.CannotStart as error:
        return str(error)
    return ""


class _Judge:
    """Looks at one run."""

    def __init__(self, one: Standing, version: Version, reason: str) -> None:
        self.one, self.found = one, Preview(one.run, version)
        self.names = {"was": one.run.version.number, "now": version.number}
        self.ahead: dict[str, Step] = {}  # what may still come, by key, as the other version has it
        if reason:
            self.found.refused.append(reason)

    def preview(self) -> Preview:
        """Everything about it, and a digest of that."""
        self._of_run()
        if not self.found.refused:
            self._look_ahead()
            for held in self.one.steps:
                self._of_step(held)
            Coming(self.one, self.found, self.ahead).look()
        found = self.found
        if found.refused:
            found.here, found.stays, found.follows = [], [], []
            found.carries, found.stale, found.anew = [], [], []
        for told in (found.refused, found.here, found.stays, found.follows):
            told[:] = _few(told)
        found.seen = self._digest()
        return found

    def _of_run(self) -> None:
        run, refused = self.one.run, self.found.refused
        if run.status not in RUN_LIVE:
            refused.append(_("The run has ended."))
        elif run.ending:
            refused.append(_("The run is about to end."))
        if run.version_id == self.found.to.pk:
            refused.append(_("The run is on version %(now)s already.") % self.names)
        if run.workflow_id != self.found.to.workflow_id:
            refused.append(_("The version belongs to another workflow."))
        if run.parent_id is not None:
            refused.append(_("Another run started it, and its definition names the version that this one is on."))
        if self.one.many:
            refused.append(_("More than %d steps are under way inside it.") % standing.MOST_LIVE)
        wrong = starts.problems(self.found.to.document.get("input", {}), open_up(run.input))
        if wrong and not refused:
            told = {**self.names, "told": f"{wrong[0][0]} {wrong[0][1]}".strip()}
            refused.append(_("What it was started with does not fit version %(now)s: %(told)s") % told)

    def _look_ahead(self) -> None:
        for held in self.one.live:
            now = self._in_new(held)
            if now is None:
                continue
            for step in self.one.now.ahead(now):
                self.ahead[step.key] = step
                if step.key in self.one.begun[held.frame]:
                    told = {**self.names, "step": step.name, "here": now.name}
                    self.found.refuse(
                        _("In version %(now)s %(step)s comes after %(here)s, and it has begun already."), told
                    )
            if now.kind in CONTAINERS:
                self.ahead |= {step.key: step for step in self.one.now.inside(now)}

    def _in_new(self, held: StepRun) -> Step | None:
        return self.one.now.by_key.get(self.one.step(held).key)

    def _of_step(self, held: StepRun) -> None:
        was, now = self.one.step(held), self._in_new(held)
        live = held.status in STEP_LIVE
        told = {**self.names, "step": was.name}
        if held.undoes_id is not None:
            self.found.refuse(_("%(step)s undoes something at this moment."), told)
        elif live and (held.given is not None or held.awaits == Awaits.CALLS):
            self.found.refuse(_("%(step)s is in the middle of an agent's work."), told)
        elif now is None:
            self._gone(held, was, live, told)
        elif was.pk in self.one.was.steps and not differences.stands_alike(self.one.was, was, self.one.now, now):
            self.found.refuse(
                _("%(step)s has begun, and is of another kind or at another place in version %(now)s."), told
            )
        elif live:
            self._of_live(held, was, now, told)
        else:
            self._of_done(held, was, now, told)

    def _gone(self, held: StepRun, was: Step, live: bool, told: dict[str, Any]) -> None:
        if live:
            self.found.refuse(_("%(step)s is under way, and version %(now)s has no such step."), told)
        elif held.status == StepStatus.DONE and self.one.was.compensation(was) is not None:
            self.found.refuse(
                _("%(step)s was done and could not be undone any more: version %(now)s has no such step."), told
            )
        else:
            self.found.stays.append(_("%(step)s is over and stays on record; version %(now)s has no such step.") % told)

    def _of_done(self, held: StepRun, was: Step, now: Step, told: dict[str, Any]) -> None:
        if held.status == StepStatus.DONE:
            if self.one.was.compensation(was) is not None and self.one.now.compensation(now) is None:
                self.found.refuse(_("%(step)s was done, and in version %(now)s nothing would undo it."), told)
            schema = now.spec.get("output")
            if schema and schema != was.spec.get("output"):
                self._must_fit(schema, was, told)
        if parts := differences.changed(was, now):
            told["parts"] = ", ".join(parts)
            sentence = _("%(step)s was carried out as before, and is not carried out again (%(parts)s differ since).")
            self.found.stays.append(sentence % told)

    def _must_fit(self, schema: dict[str, Any], was: Step, told: dict[str, Any]) -> None:
        output = open_up(self.one.scopes[""]["steps"].get(was.key))
        plain = {name: value for name, value in (output or {}).items() if name not in ABOUT_REVIEW}
        if output is not None and starts.problems(schema, plain) and starts.problems(schema, output):
            self.found.refuse(_("What %(step)s came to does not fit what version %(now)s expects of it."), told)

    def _of_live(self, held: StepRun, was: Step, now: Step, told: dict[str, Any]) -> None:
        same = differences.acts_alike(was, now)
        if held.status == StepStatus.RUNNING:
            self.found.refuse(_("%(step)s is being carried out at this moment."), told)
        elif held.parts_begun and not differences.opens_alike(self.one.was, was, self.one.now, now):
            self.found.refuse(
                _("%(step)s is under way, and what stands inside it is another in version %(now)s."), told
            )
        elif is_asked(held) or has_answer(held):
            self._of_question(held, was, now, told)
        elif held.status == StepStatus.WAITING:
            self._of_waiting(held, same, told)
        elif held.answer is not None and not same:
            self.found.refuse(_("%(step)s has what it waited for, and goes on any moment."), told)
        elif held.pk in self.one.acted and not same:
            self.found.refuse(
                _("%(step)s has called something outside already, so it cannot be another call now."), told
            )
        elif not self._reads_by_hand(now, was) and (parts := differences.changed(was, now)):
            told["parts"] = ", ".join(parts)
            self.found.here.append(_("%(step)s comes next, as version %(now)s has it (%(parts)s differ).") % told)

    def _reads_by_hand(self, now: Step, was: Step) -> bool:
        """Whether somebody wrote what the step reads, and the other version reads something else."""
        if self.one.run.reads(was.key) is None or differences.acts_alike(was, now):
            return False
        self.found.refuse(
            _("Somebody wrote what %(step)s reads in this run, and it is another step now."), {"step": was.name}
        )
        return True

    def _of_question(self, held: StepRun, was: Step, now: Step, told: dict[str, Any]) -> None:
        holds, why = approvals.judge(self.one, held, was, now)
        again_inside = holds == Holds.STALE and (held.parts_begun or self._reads_by_hand(now, was))
        if holds == Holds.NEVER or again_inside:
            if why in ("acted", "act", "review"):
                self.found.refuse(_("%(step)s has acted, and would have to act again."), told)
            else:
                told["why"] = why
                self.found.refuse(_("What %(step)s would do in version %(now)s cannot be worked out: %(why)s"), told)
        elif holds == Holds.CARRIES:
            self.found.carries.append(was.key)
            self.found.here.append(
                _("%(step)s: the decision carries over, word for word what version %(now)s would do.") % told
                if has_answer(held)
                else _("%(step)s: the question stands as it is, word for word what version %(now)s would do.") % told
            )
        else:
            self._stale(held, was, why, told)

    def _stale(self, held: StepRun, was: Step, why: str, told: dict[str, Any]) -> None:
        self.found.stale.append(was.key)
        self.found.anew.append(held.pk)
        because = _("who is asked, or how, is different") if why == "review" else _("it would do something else")
        told["because"] = because
        if has_answer(held):
            sentence = _(
                "%(step)s: the decision becomes stale, since in version %(now)s %(because)s. It is asked again."
            )
        else:
            sentence = _(
                "%(step)s: the question is withdrawn, since in version %(now)s %(because)s. It is asked again."
            )
        self.found.here.append(sentence % told)

    def _of_waiting(self, held: StepRun, same: bool, told: dict[str, Any]) -> None:
        if held.awaits == Awaits.RUN:
            self.found.refuse(_("%(step)s waits for another run that it started."), told)
        elif held.awaits == Awaits.OUTCOME:
            self.found.refuse(_("Nobody has said yet what became of %(step)s."), told)
        elif held.awaits == Awaits.STEPS:
            self.found.here.append(_("%(step)s goes on with what is inside it.") % told)
        elif same:
            self.found.here.append(_("%(step)s goes on waiting.") % told)
        else:
            self.found.anew.append(held.pk)
            self.found.here.append(_("%(step)s begins to wait anew, as version %(now)s has it.") % told)

    def _digest(self) -> str:
        one, found = self.one, self.found
        stands = [
            [held.pk, held.step_id, held.status, held.fence, held.awaits, held.answer is not None, _asked(held)]
            for held in one.steps
        ]
        told = [found.refused, found.here, found.stays, found.follows, found.carries, found.stale, found.anew]
        run = [one.run.pk, one.run.version_id, found.to.pk, one.run.status, one.run.ending]
        return digest({"run": run, "steps": stands, "told": told})


def _asked(held: StepRun) -> str:
    return str(open_up(held.question).get("hash", "")) if held.question and is_asked(held) else ""


def _few(told: list[str]) -> list[str]:
    if len(told) <= FEW:
        return list(told)
    return [*told[:FEW], _("And %d more of this sort.") % (len(told) - FEW)]
