"""The door of the rules: what do they say about this act? And: what they said is kept.

The rules in force are remembered for a second. Where they are not what a second person signed, everything is stopped.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit import hot, rows
from orchestration.models import RuleCheck, RuleSet
from orchestration.policies.facts import Facts
from orchestration.policies.matching import judge, judge_each
from orchestration.policies.ready import Rules
from orchestration.policies.verdicts import Signed, Verdict
from orchestration.states import RuleSetStatus

OF_INPUT = "handrail: what rules were asked about"  # what the key of its hash is for
KEPT = 1.0  # seconds that the rules in force are remembered
IN_FORCE = "SELECT id, number, hash FROM orchestration_ruleset WHERE status = 'active'"


class InForce(NamedTuple):
    """The rules that hold now, ready to be asked, and which they are."""

    pk: int | None
    signed: Signed
    rules: Rules


class Asked(NamedTuple):
    """One time that the rules were asked: to be kept."""

    point: str
    facts: Facts
    verdict: Verdict
    workflow_id: int | None = None
    run_id: int | None = None
    step_run_id: int | None = None


NONE = InForce(None, Signed(), Rules())
_in_force, _looked = NONE, float("-inf")


def look(kept: float = KEPT) -> InForce:
    """The rules in force, as they were seen a moment ago or are now."""
    global _in_force, _looked
    if time.monotonic() - _looked > kept:
        _in_force = _read(_in_force)
        _looked = time.monotonic()
    return _in_force


def forget() -> None:
    """Look again at the next chance."""
    global _in_force, _looked
    _in_force, _looked = NONE, float("-inf")


def _read(known: InForce) -> InForce:
    """What holds now; made ready only where it is not what was known."""
    found = hot.rows(IN_FORCE)
    if not found:
        return NONE
    pk, number, content_hash = found[0]
    if (pk, number, content_hash) == (known.pk, *known.signed):
        return known
    row = RuleSet.objects.filter(pk=pk, status=RuleSetStatus.ACTIVE).first()
    if row is None:
        return _read(NONE)  # it was replaced between the two questions
    with translation.override(settings.LANGUAGE_CODE):  # their sentences are kept: not in the language of one reader
        rules = Rules(row.rules if row.content_hash == row.hash else [_forged()])
    return InForce(pk, Signed(number, content_hash), rules)


def _forged() -> dict[str, str]:
    """In the place of rules that are not those that were signed: one that nothing gets past."""
    return {"key": "not-as-signed", "title": _("The rules in force are not those that were signed")}


def ask(point: str, facts: Facts) -> Verdict:
    """What the rules in force say. Asks the database once a second at the most."""
    held = look()
    return replace(judge(held.rules, point, facts), ruleset=held.signed)


def says_anything(point: str) -> bool:
    """Whether a rule in force is about this point. Asks the database once a second at the most."""
    return look().rules.has(point)


def reads(point: str, name: str) -> bool:
    """Whether a rule in force asks at a point for a fact. Asks the database once a second at the most."""
    return look().rules.reads(point, name)


def ask_each(point: str, facts: Facts, several: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """What they say of the same act with some facts in several ways: with each model and its region, say."""
    held = look()
    return [replace(verdict, ruleset=held.signed) for verdict in judge_each(held.rules, point, facts, several)]


def record(asked: Iterable[Asked]) -> list[RuleCheck]:
    """Keep what was asked and what it came to, with one statement, in the caller's transaction."""
    made = [_row(one) for one in asked]
    rows.insert(made)
    return made


def verdict_of(check: RuleCheck) -> Verdict:
    """What a check came to, as it was kept: its `told` answers why somebody was asked, or why it was stopped."""
    kept = {"effect": check.effect, "matched": check.matched, "why": check.why, "error": check.error}
    return Verdict.of_json({**kept, "set": check.set_number, "hash": check.set_hash, **check.obligations})


def _kept(facts: Facts) -> dict[str, Any]:
    """What is kept of the facts. What it was about as a keyed hash: nobody finds a short text by trying."""
    kept = facts.kept()
    if kept.get("input"):
        kept["input"] = salted_hmac(OF_INPUT, kept["input"], algorithm="sha256").hexdigest()
    return kept


def _row(asked: Asked) -> RuleCheck:
    verdict = asked.verdict
    return RuleCheck(
        point=asked.point,
        effect=verdict.effect,
        error=verdict.error,
        why=verdict.why,
        facts=_kept(asked.facts),
        matched=[one.as_json() for one in verdict.matched],
        keys=sorted({one.key for one in verdict.matched}),
        conditions=dict(verdict.conditions),
        obligations=verdict.obligations.as_json(),
        set_number=verdict.ruleset.number,
        set_hash=verdict.ruleset.hash,
        workflow_id=asked.workflow_id,
        run_id=asked.run_id,
        step_run_id=asked.step_run_id,
    )
