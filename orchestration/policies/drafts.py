"""The draft of the next rules: made of those in force, changed rule by rule, and put to a second person as it stands.

Whoever changes a rule says which text of it they saw: where somebody else was first, nothing is saved and nothing lost.
"""

import re
from copy import deepcopy
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import clean, digest
from audit.clock_time import now
from audit.ledger import record
from audit.models import User
from audit.moves import begin
from orchestration.models import RuleSet
from orchestration.policies import beginnings, named, ready_made
from orchestration.policies.named import There
from orchestration.policies.shape import (
    KEY,
    LONGEST_KEY,
    LONGEST_TITLE,
    MOST_CASES,
    MOST_RULES,
    RESERVED_KEYS,
    Problem,
    of_case,
    of_rule,
    problems,
)
from orchestration.states import RuleSetStatus

type Spec = dict[str, Any]

APART = timedelta(minutes=10)  # between two entries of the ledger about one person's edits
LONGEST_WHY = 500


class CannotEdit(Exception):
    """The draft was not changed: a sentence that says why."""


class Clash(CannotEdit):
    """Somebody else changed the same thing meanwhile."""


class Wrong(CannotEdit):
    """What was to be saved does not fit: `problems` names each field with a sentence."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(" ".join(problem.told for problem in found))
        self.problems = found


def current() -> RuleSet | None:
    """The draft, if there is one."""
    return RuleSet.objects.select_related("base", "made_by", "edited_by").filter(status=RuleSetStatus.DRAFT).first()


def in_force() -> RuleSet | None:
    """The set that holds now."""
    found = RuleSet.objects.select_related("proposed_by", "signed_by").filter(status=RuleSetStatus.ACTIVE)
    return found.first()


@transaction.atomic
def start(*, by: User) -> RuleSet:
    """The draft; where there is none, one is made of the rules in force, else of the ready-made ones."""
    base = RuleSet.objects.select_for_update(of=("self",)).filter(status=RuleSetStatus.ACTIVE).first()
    if (found := current()) is not None:
        return found
    source = base or beginnings.first()
    draft = RuleSet(rules=source.rules, checks=source.checks, base=base, made_by=by)
    begin(draft, actor=person(by), body={"from": base.number if base else 0})
    return draft


@transaction.atomic
def discard(*, by: User) -> None:
    """Put the draft away: its text is gone, and that it was stays in the ledger."""
    draft = _held()
    record("ruleset.discarded", draft, actor=person(by), body={"revision": draft.revision})
    draft.delete()


def rule_of(draft: RuleSet, key: str) -> Spec | None:
    """A rule of the draft."""
    return next((rule for rule in draft.rules if rule.get("key") == key), None)


def mark(thing: Any) -> str:
    """What a form says of the text that it was made of."""
    return digest(thing) if thing is not None else ""


@transaction.atomic
def save_rule(rule: Spec, *, was: str, key: str = "", by: User) -> Spec:
    """Put a rule in the place of the one with that `key`, which still has the mark `was`; a new one where none is said.

    A new rule gets its key from its title. Raises `Wrong`, `Clash`, or `CannotEdit`.
    """
    draft = _held()
    rule = {**clean(rule)[0], "key": key or free_key(draft, str(rule.get("title", "")))}
    if found := of_rule(rule) or named.problems(rule, There.now()):
        raise Wrong(found)
    if not key:
        _store(draft, [*draft.rules, rule], draft.checks, by)
        return rule
    there = rule_of(draft, key)
    if there is None:
        raise Clash(_("This rule was removed meanwhile. What you wrote is still here: save it as a new rule."))
    if there != rule and mark(there) != was:
        raise Clash(_("Somebody changed this rule meanwhile. What you wrote is still here; look at theirs first."))
    _store(draft, [rule if one is there else one for one in draft.rules], draft.checks, by)
    return rule


@transaction.atomic
def switch(key: str, on: bool, *, by: User) -> Spec:
    """Turn a rule of the draft on or off."""
    draft = _held()
    there = _must_have(draft, key)
    rule = {**there, "enabled": on}
    if found := named.problems(rule, There.now()):
        raise Wrong(found)
    _store(draft, [rule if one is there else one for one in draft.rules], draft.checks, by)
    return rule


@transaction.atomic
def copy(key: str, *, by: User) -> Spec:
    """The same rule once more, under another key, off, right below."""
    draft = _held()
    there = _must_have(draft, key)
    title = _("%s, copy") % there["title"]
    rule = {**deepcopy(there), "title": title[:LONGEST_TITLE], "key": free_key(draft, title), "enabled": False}
    place = draft.rules.index(there) + 1
    _store(draft, [*draft.rules[:place], rule, *draft.rules[place:]], draft.checks, by)
    return rule


@transaction.atomic
def remove(key: str, *, by: User) -> int:
    """Take a rule out, with the test cases about it. Returns how many those were."""
    draft = _held()
    there = _must_have(draft, key)
    left = [case for case in draft.checks if case.get("rule") != key]
    gone = len(draft.checks) - len(left)
    _store(draft, [one for one in draft.rules if one is not there], left, by)
    return gone


@transaction.atomic
def add_ready_made(key: str, *, by: User) -> Spec:
    """Put a ready-made rule in, off, with its test cases."""
    draft, made = _held(), ready_made.get(key)
    if made is None:
        raise CannotEdit(_("There is no such ready-made rule."))
    if rule_of(draft, key) is not None:
        raise CannotEdit(_("This rule is in the draft already."))
    _store(draft, [*draft.rules, made.rule], [*draft.checks, *made.cases], by)
    return made.rule


@transaction.atomic
def save_case(case: Spec, *, was: str = "", by: User) -> Spec:
    """Put a test case in the place of the one with the mark `was`; a new one at the end where no mark is given."""
    draft = _held()
    case = clean(case)[0]
    if found := of_case(case, {rule["key"]: 1 for rule in draft.rules}):
        raise Wrong(found)
    if not was:
        _store(draft, draft.rules, [*draft.checks, case], by)
        return dict(case)
    place = _place(draft, was)
    _store(draft, draft.rules, [*draft.checks[:place], case, *draft.checks[place + 1 :]], by)
    return dict(case)


@transaction.atomic
def remove_case(was: str, *, by: User) -> str:
    """Take a test case out. Returns its name."""
    draft = _held()
    place = _place(draft, was)
    name = str(draft.checks[place].get("name", ""))
    _store(draft, draft.rules, [*draft.checks[:place], *draft.checks[place + 1 :]], by)
    return name


@transaction.atomic
def give_reason(why: str, *, by: User) -> RuleSet:
    """Say what the draft changes, and what for."""
    draft = _held()
    why = str(clean(why.strip())[0])[:LONGEST_WHY]
    if draft.why != why:
        draft.why = why
        draft.save(update_fields=["why"])
    return draft


def free_key(draft: RuleSet, title: str) -> str:
    """A key for a new rule, made of its title."""
    stem = slugify(title)[: LONGEST_KEY - 5].strip("-")
    stem = re.sub("[-_]+", "-", stem).strip("-")
    stem = stem if re.fullmatch(KEY, stem) else "rule"
    taken = {rule.get("key") for rule in draft.rules} | RESERVED_KEYS
    return stem if stem not in taken else next(key for n in count(2) if (key := f"{stem}-{n}") not in taken)


def _held() -> RuleSet:
    draft = RuleSet.objects.select_for_update(of=("self",)).filter(status=RuleSetStatus.DRAFT).first()
    if draft is None:
        raise CannotEdit(_("There is no draft any more: it was put away, or signed. Begin a new one."))
    return draft


def _must_have(draft: RuleSet, key: str) -> Spec:
    if (found := rule_of(draft, key)) is None:
        raise CannotEdit(_("This rule is not in the draft any more. Nothing was changed."))
    return found


def _place(draft: RuleSet, was: str) -> int:
    places = (place for place, case in enumerate(draft.checks) if mark(case) == was)
    if (place := next(places, None)) is None:
        raise Clash(_("This test case was changed or removed meanwhile. What you wrote is still here."))
    return place


def _store(draft: RuleSet, rules: list[Spec], cases: list[Spec], by: User) -> None:
    """Save it, as long as it stays small enough; other rules that are broken do not stand in the way."""
    if len(rules) > MOST_RULES or len(cases) > MOST_CASES:
        raise CannotEdit(_("A set holds at most %(n)d rules and %(m)d cases.") % {"n": MOST_RULES, "m": MOST_CASES})
    if too_large := [found for found in problems(rules, cases) if not found.path]:
        raise Wrong(too_large)
    if (rules, cases) == (draft.rules, draft.checks):
        return
    last = draft.edited_at
    if draft.edited_by_id != by.pk or last is None or now() - last > APART:
        record("ruleset.edited", draft, actor=person(by), body={"revision": draft.revision + 1})
    draft.rules, draft.checks, draft.edited_by, draft.edited_at = rules, cases, by, now()
    draft.revision += 1
    draft.save(update_fields=["rules", "checks", "revision", "edited_by", "edited_at"])
