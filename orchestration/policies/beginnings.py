"""The first set of rules: every ready-made one, none of them on. It is in force from the installation."""

from django.db import connection, transaction

from audit.actors import CLOCK, Actor
from audit.clock_time import now
from audit.moves import begin
from audit.ticks import tick
from orchestration.models import RuleSet
from orchestration.policies import asking, ready_made
from orchestration.states import RuleSetStatus

BRINGING = 0x52554C45  # advisory lock of those who make the first set


@tick("rules", every=60)
def keep_in_line() -> None:
    """What the clock does: an installation without rules gets the first set."""
    bring_in_line(actor=CLOCK)


@transaction.atomic
def bring_in_line(*, actor: Actor) -> int:
    """Make the first set where there never was one. Returns how many were made."""
    if RuleSet.objects.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BRINGING])
    if RuleSet.objects.exists():
        return 0
    made = first()
    begin(made, actor=actor, content_hash=made.hash, body={"rules": len(made.rules), "on": 0})
    transaction.on_commit(asking.forget)
    return 1


def first() -> RuleSet:
    """The first set, not saved."""
    ready = ready_made.every()
    rules = [one.rule for one in ready]
    made = RuleSet(number=1, status=RuleSetStatus.ACTIVE, rules=rules, checks=[c for one in ready for c in one.cases])
    made.hash, made.activated_at = made.content_hash, now()
    return made
