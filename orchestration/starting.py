"""Whether the rules let a run begin: a refusal is told at once, to whoever starts it."""

from typing import Any

from audit.models import User
from orchestration import rights
from orchestration.models import Version
from orchestration.plans import plan_of
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import Facts, amount_in
from orchestration.routing import classes, detectors
from orchestration.starts import CannotStart
from orchestration.states import Point


class RuleSaysNo(CannotStart):
    """A rule lets no such run begin: its sentence."""

    def __init__(self, said: Asked) -> None:
        super().__init__(said.verdict.why)
        self.said = said


def refuse_by_rule(version: Version, given: dict[str, Any], started_by: User) -> None:
    """Raise `CannotStart` with the rule's sentence. Where a rule wants a review, the first step asks for it."""
    if not asking.says_anything(Point.START):
        return
    facts = facts_of(version, given, started_by.pk)
    verdict = asking.ask(Point.START, facts)
    if verdict.denies:
        raise RuleSaysNo(Asked(Point.START, facts, verdict, version.workflow_id))


def facts_of(version: Version, given: dict[str, Any], user_id: int) -> Facts:
    """What is known of a run that is to begin, or whose first step is."""
    document, starter = plan_of(version).version.document, rights.known(user_id)
    return Facts(
        workflow=document["slug"],
        data_class=classes.highest([classes.LOWEST, *detectors.kinds(given).values()]),
        risk=document.get("risk", "high"),
        amount=amount_in(given),
        groups=starter.groups,
        starter=starter.name,
        input=given,
    )
