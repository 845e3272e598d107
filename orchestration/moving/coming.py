"""What is still to come in the version that a run goes to: new, gone, changed, released, or read and never there."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from orchestration.documents.reach import texts
from orchestration.expressions import BadExpression
from orchestration.models import Step
from orchestration.models.definitions import StepRole
from orchestration.moving import differences
from orchestration.moving.preview import Preview
from orchestration.moving.standing import Standing
from orchestration.references import steps_read


class Coming:
    """Looks at what a run may still come to: `ahead`, by key, as the other version has it."""

    def __init__(self, one: Standing, found: Preview, ahead: dict[str, Step]) -> None:
        self.one, self.found, self.ahead = one, found, ahead
        self.live = {one.step(held).key for held in one.live}
        self.names = {"was": one.run.version.number, "now": one.now.version.number}

    def look(self) -> None:
        """Say what follows, or why it cannot."""
        self._gates()
        for step in sorted(self.one.now.steps.values(), key=lambda step: step.position):
            self._of_coming(step)
        self._gone()
        for text in self.one.now.document.get("result", {}).values():
            self._must_be_there(text, _("The result"))

    def _gates(self) -> None:
        """What a gate has released holds only for exactly that; and a gate that was passed by releases nothing."""
        for key, gate in self.one.now.gates.items():
            told = {**self.names, "gate": gate.name, "step": self.one.now.by_key[key].name}
            if key not in self.ahead and key not in self.live:
                continue
            if gate.key in self.ahead or gate.key in self.live:
                continue
            was = self.one.was.gates.get(key)
            if not self.one.has_begun(gate.key) or was is None or was.key != gate.key:
                self.found.refuse(_("%(step)s needs a release by %(gate)s, and the run has passed that by."), told)
            elif not self._releases_alike(was, gate, key):
                self.found.refuse(
                    _("%(gate)s has released %(step)s, and in version %(now)s it would not be what was released."), told
                )
            elif gate.key not in self.found.carries:
                self.found.carries.append(gate.key)
                self.found.stays.append(_("%(gate)s: what it released holds.") % told)

    def _releases_alike(self, was: Step, gate: Step, key: str) -> bool:
        before, after = self.one.was.by_key.get(key), self.one.now.by_key[key]
        return before is not None and differences.acts_alike(before, after) and differences.acts_alike(was, gate)

    def _gone(self) -> None:
        coming = {
            step.key: step
            for held in self.one.live
            if held.step_id in self.one.was.steps
            for step in self.one.was.ahead(self.one.was.steps[held.step_id])
        }
        for key, step in coming.items():
            if key not in self.one.now.by_key:
                told = {**self.names, "step": step.name}
                self.found.follows.append(
                    _("%(step)s will not be carried out: version %(now)s has no such step.") % told
                )

    def _of_coming(self, step: Step) -> None:
        was = self.one.was.by_key.get(step.key)
        told = {**self.names, "step": step.name}
        if step.key in self.ahead:
            for text in texts(step.spec):
                self._must_be_there(text.text, step.name)
            if was is None:
                self.found.follows.append(_("%(step)s is new, and may be carried out.") % told)
            elif parts := differences.changed(was, step):
                told["parts"] = ", ".join(parts)
                self.found.follows.append(
                    _("%(step)s will be carried out as version %(now)s has it (%(parts)s differ).") % told
                )
        elif was is None and step.role == StepRole.STEP and not self.one.has_begun(step.key):
            self.found.follows.append(_("%(step)s is new, and the run has passed by where it stands.") % told)
        if step.key in self.live:
            for text in texts(step.spec):
                self._must_be_there(text.text, step.name)

    def _must_be_there(self, text: str, reader: str) -> None:
        """What is read must have been done, or may still be; a new step that was passed by never will."""
        for key in _read(text):
            if key in self.ahead or self.one.has_begun(key) or key in self.one.was.by_key:
                continue
            told = {"reader": reader, "step": self.one.now.by_key[key].name if key in self.one.now.by_key else key}
            self.found.refuse(
                _("%(reader)s reads what %(step)s came to, and the run has passed by where that stands."), told
            )


def _read(text: str) -> Iterator[str]:
    try:
        yield from steps_read(text)
    except BadExpression:
        return
