"""What the rules say to a decision: whether this person may take it, on this content."""

from typing import Any

from audit.models import User
from orchestration import rights, tools
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import Facts, amount_in
from orchestration.routing import classes, detectors
from orchestration.states import DataClass, Point
from reviews.models import Review


def ask(review: Review, content: dict[str, Any], by: User) -> Asked | None:
    """What the rules say, to be kept; None where none is about decisions."""
    if not asking.says_anything(Point.DECIDE):
        return None
    facts = _facts(review, content, by)
    verdict = asking.ask(Point.DECIDE, facts)
    return Asked(Point.DECIDE, facts, verdict, review.workflow_id, review.run_id, review.step_run_id)


def _facts(review: Review, content: dict[str, Any], by: User) -> Facts:
    step_run, decider = review.step_run, rights.known(by.pk)
    step, plan = step_run.step, plan_of(review.run.version)
    document = plan.version.document
    tool = tools.TOOLS.get(step.spec.get("tool", ""))
    declared = step_run.data_class or step.spec.get("data") or DataClass.INTERNAL
    return Facts(
        workflow=document["slug"],
        step=step.key,
        agent=plan.agent(step),
        data_class=classes.highest([declared, *detectors.kinds(content).values()]),
        tool_effect=tool.effect if tool else (),
        outside=bool(tool and tool.leaves_house),
        risk=document.get("risk", "high"),
        tool=tool.name if tool else (),
        amount=amount_in(content.get("arguments", content)),
        groups=decider.groups,
        starter=rights.known(review.started_by_id).name,
        input=content,
        reviewed=True,
    )
