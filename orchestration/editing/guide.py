"""What helps on the way to a first version: what is to be done next, and where a new step would go."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from orchestration import documents
from orchestration.documents.outline import Spec, walk
from orchestration.editing import steps
from orchestration.editing.fields import WHOLE
from orchestration.models import Version
from orchestration.readiness import Report

OUTCOME = "outcome"


class Stage(NamedTuple):
    """One thing to do: what, where, whether it is done, and the key that leads there."""

    said: str
    leads: str
    done: bool
    key: str = ""


def stages(draft: Version, document: Spec, report: Report) -> list[Stage]:
    """For whoever draws up a workflow that nobody has published yet; nothing for anybody else."""
    if draft.base_id is not None or draft.workflow.current_id is not None:
        return []
    added = sum(1 for _one in walk(document)) > 1
    mended = added and all(one.rule == "tests" for one in report.blocking)
    return [
        Stage(_("Say what a run starts with"), f"?step={WHOLE}#row-input", bool(document["input"]["properties"])),
        Stage(_("Add steps before the outcome"), "#add", added, key="A"),
        Stage(_("Mend what is missing"), "#ready", mended, key="M"),
        Stage(_("Try it dry, and keep that as a test case"), "dry", bool(document.get("tests")), key="D"),
        Stage(_("Publish it"), "publish", done=False, key="P"),
    ]


def place(source: str, key: str) -> str:
    """Where a step is added if nobody says: behind the one that is looked at, and before the outcome."""
    found, document = steps.places(source), documents.sketch(source).document
    after = next((one for one in found if one.key == f"after:{key}"), None)
    kinds = {one.key: one.spec["kind"] for one in walk(document)}
    if after is not None and kinds.get(key) != OUTCOME:
        return after.key
    around = after.path if after else ("steps",)
    ends = after is None and document["steps"][-1]["kind"] != OUTCOME
    number = after.number - 1 if after else len(document["steps"]) - (0 if ends else 1)
    return next((one.key for one in found if (one.path, one.number) == (around, number)), steps.FIRST)
