"""What a version has to have, and whether it has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from orchestration.explain.kinds import leaves, released
from orchestration.models import Step

CALLS = {"model", "agent", "tool", "workflow"}  # the kinds that can take long


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what is asked, whether it holds, and how many of how many."""

    said: str
    holds: bool
    found: str
    more: str = ""


def checks(steps: Sequence[Step]) -> list[Check]:
    """Every check of a version."""
    calling = [step for step in steps if step.kind in CALLS]
    limited = [step for step in calling if step.spec.get("limits")]
    measured = [step for step in steps if step.spec.get("metrics")]
    reviewed = [step for step in steps if step.is_reviewed]
    waived = [step for step in steps if "waiver" in step.review]
    return [
        _all(_("Every step has an owner"), steps, [step for step in steps if step.owner_id or step.owner_group_id]),
        _all(_("Every step has a review point or a waiver"), steps, [*reviewed, *waived]),
        _leaving(steps),
        _all(_("Every step has a success metric"), steps, measured),
        _all(_("Every step that calls something has limits of its own"), calling, limited),
    ]


def _all(said: str, steps: Sequence[Step], found: Sequence[Step]) -> Check:
    missing = ", ".join(step.name for step in steps if step not in found)
    count = _("%(found)d of %(all)d") % {"found": len(found), "all": len(steps)}
    return Check(said, not missing, count, _("Not: %s.") % missing if missing else "")


def _leaving(steps: Sequence[Step]) -> Check:
    """What leaves the house is approved before it leaves."""
    leaving = [step for step in steps if any(leaves(name) for name in _called(step))]
    approved = released(steps)
    return _all(_("What leaves the house is approved first"), leaving, [s for s in leaving if s.key in approved])


def _called(step: Step) -> list[str]:
    """The tools that a step may call."""
    return [step.spec["tool"]] if step.kind == "tool" else step.spec.get("tools", [])
