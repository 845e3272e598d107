"""What the tests of rules share: a second admin, rules in force, and acts to ask about."""

from collections.abc import Callable
from typing import Any

import pytest

from audit import people, proposals
from audit.actors import COMMAND
from audit.models import User
from orchestration.models import RuleSet
from orchestration.policies import activating, drafts
from orchestration.policies.cases import ORDINARY
from orchestration.policies.facts import Facts
from tests.cast import PASSWORD, Cast

type Spec = dict[str, Any]
type PutInForce = Callable[..., RuleSet]
THEN: dict[str, Spec] = {"review": {"then": {"group": "reviewer"}}, "redact": {"then": {"kinds": ["email"]}}}


def a_rule(effect: str = "deny", *points: str, key: str = "a-rule", **more: Any) -> Spec:
    """A rule that is on."""
    made = {"key": key, "title": f"The rule {key}", "effect": effect, "points": list(points) or ["start"]}
    return {**made, "enabled": True, **THEN.get(effect, {}), **more}


def an_act(**facts: Any) -> Facts:
    """Something harmless, but for what is said of it."""
    return Facts(**{name: getattr(ORDINARY, name) for name in ORDINARY.__slots__} | facts)


@pytest.fixture
def ada(cast: Cast) -> User:
    """Ada, the other admin."""
    made = people.welcome("ada", "Ada Lund", "ada@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(made, cast.groups["admin"], actor=COMMAND)
    return made


@pytest.fixture
def put_in_force(cast: Cast, ada: User) -> PutInForce:
    """Adam drafts these rules and proposes them; Ada signs."""

    def put(*rules: Spec, cases: tuple[Spec, ...] = ()) -> RuleSet:
        draft = drafts.start(by=cast.adam)
        RuleSet.objects.filter(pk=draft.pk).update(rules=list(rules), checks=list(cases), edited_by=cast.adam)
        draft.refresh_from_db()
        proposal = activating.propose(shown_hash=draft.content_hash, why="For a test.", by=cast.adam)
        proposals.countersign(proposal.pk, by=ada, shown_hash=proposal.content_hash)
        return RuleSet.objects.get(pk=draft.pk)

    return put
