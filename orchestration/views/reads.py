"""What the step reads at which a run begins again: as it read it before, to be left alone or written otherwise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from audit.models import User
from orchestration import contents
from orchestration.explain.reading import fields, may_read
from orchestration.inputs import BadReads
from orchestration.models import Run, Step


@dataclass
class Reads:
    """The field of a form. `before` is what the step read; `text` what stands in the field now."""

    step: Step
    before: dict[str, Any]
    text: str
    problems: list[tuple[str, str]] = field(default_factory=list)

    def edit(self, begins_at: str) -> dict[str, Any] | None:
        """What was written, if it differs; or `BadReads`."""
        try:
            written = json.loads(self.text)
            same = contents.as_json(written) == contents.as_json(self.before)
        except (ValueError, RecursionError) as error:
            raise BadReads([("", _("This is not JSON: %s") % error)]) from error
        if same:
            return None
        if begins_at != self.step.key:
            told = _(
                "What you wrote is for %s, and the run would begin at another step. Begin there, or show its input."
            )
            raise BadReads([("", told % self.step.name)])
        return written if isinstance(written, dict) else _refuse()


def _refuse() -> dict[str, Any]:
    raise BadReads([("", _("What a step reads is an object: names with their values, in braces."))])


def of(run: Run, steps: Sequence[Step], key: str, user: User, post: Mapping[str, str]) -> Reads | None:
    """The field for a step: what was sent for it, else what it read. None where there is nothing to read, or not for
    `user`.
    """
    step = next((step for step in steps if step.key == key), None)
    if step is None or not step.spec.get("input") or not may_read(user, step):
        return None
    held = run.step_runs.standing().filter(step=step, frame="", parent=None).first()
    known = {one.name: one.value for one in fields(step, held, run) if one.known and one.name in step.spec["input"]}
    if post.get("reads-of") == key and "reads" in post:
        return Reads(step, known, post["reads"].replace("\r\n", "\n"))
    return Reads(step, known, json.dumps(known, ensure_ascii=False, indent=2))
