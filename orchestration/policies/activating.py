"""Rules come into force: one admin proposes the draft, another one signs exactly that, and the set before it goes."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import acts, proposals, sight
from audit.actors import person
from audit.clock_time import now
from audit.models import Proposal, User
from audit.moves import move
from orchestration.models import RuleSet
from orchestration.policies import asking, cases, drafts, named, shape
from orchestration.policies.cases import Result
from orchestration.policies.named import There
from orchestration.policies.shape import Problem
from orchestration.states import RuleSetStatus

ACT = "rules.activate"
CHANGE, LOOK = "audit.change_choices", "audit.view_record"  # who drafts and signs; who may look


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a set could come into force: what is wrong, what its cases came to, and what somebody should look at."""

    problems: list[Problem]
    results: list[Result]
    doubts: list[str]

    @property
    def failing(self) -> list[Result]:
        """The test cases that fail."""
        return cases.failing(self.results)

    @property
    def ready(self) -> bool:
        """Whether nothing stands in its way."""
        return not self.problems and not self.failing

    @property
    def told(self) -> str:
        """Why it is not ready, in a sentence."""
        if self.problems:
            n = len(self.problems)
            told = ngettext("Something is wrong in it: %(told)s", "%(n)d things are wrong in it, first: %(told)s", n)
            return told % {"n": n, "told": self.problems[0].told}
        if failing := self.failing:
            n = len(failing)
            told = ngettext(
                "The test case “%(name)s” fails. %(told)s", "%(n)d test cases fail, first “%(name)s”. %(told)s", n
            )
            return told % {"n": n, "name": failing[0].case["name"], "told": failing[0].told}
        return ""


def may_change(user: User) -> bool:
    """Whether a person drafts rules and signs those of others."""
    return user.has_perm(CHANGE)


def may_look(user: User) -> bool:
    """Whether a person sees rules and what they came to."""
    return user.has_perm(LOOK) or may_change(user)


@sight.judge("ruleset")
def may_see_rules(user: User, pk: str) -> bool:
    """Rules: who may look at them, or change them."""
    return may_look(user)


def readiness(found: RuleSet) -> Readiness:
    """How a draft stands: a few queries."""
    wrong, there = shape.problems(found.rules, found.checks), There.now()
    if wrong:
        return Readiness(wrong, [], [])
    for place, rule in enumerate(found.rules):
        wrong += [Problem(("rules", place, *one.path), one.told) for one in named.problems(rule, there)]
    return Readiness(wrong, cases.run(found.rules, found.checks), _doubts(found, there))


def _doubts(found: RuleSet, there: There) -> list[str]:
    about = {case.get("rule") for case in found.checks}
    untested = [rule["title"] for rule in found.on if rule["key"] not in about]
    told = [_("%s: no test case is about this rule.") % title for title in untested]
    return [*told, *named.doubts(found.rules, there)]


def propose(*, shown_hash: str, why: str, by: User) -> Proposal:
    """Put the draft to a second person, as the page showed it. Raises `proposals.CannotPropose` with a sentence."""
    if not may_change(by):
        raise proposals.NotAllowed
    with transaction.atomic():
        draft = _held()
        if draft is None:
            raise proposals.CannotPropose(_("There is no draft any more: it was put away, or signed."))
        if draft.content_hash != shown_hash:
            raise proposals.CannotPropose(_("The draft was changed meanwhile. Look at it again, then propose it."))
        if not why.strip():
            raise proposals.CannotPropose(_("Say what changes and what for: whoever signs it reads this first."))
        if (told := _unfit(draft)) != "":
            raise proposals.CannotPropose(told)
        draft = drafts.give_reason(why, by=by)
        reason = draft.why
        return proposals.propose(
            ACT,
            draft.pk,
            told=lambda: _("Put these rules in force: %s") % reason,
            by=by,
            labels={"rules": len(draft.rules)},
        )


def _unfit(draft: RuleSet) -> str:
    base = drafts.in_force()
    if base is not None and base.hash == draft.content_hash:
        return _("These are the rules that are in force already.")
    return readiness(draft).told


def _held() -> RuleSet | None:
    found = RuleSet.objects.select_for_update(of=("self",)).filter(status=RuleSetStatus.DRAFT)
    return found.first()


@transaction.atomic
def _activate(draft: RuleSet, proposal: Proposal, by: User) -> None:
    """The set before it goes, and this one comes, in one transaction."""
    actor = person(by).acting_for("person", proposal.proposer_id)
    last = RuleSet.objects.aggregate(last=Max("number"))["last"] or 0
    moment, content_hash = now(), draft.content_hash
    before = RuleSet.objects.select_for_update(of=("self",)).filter(status=RuleSetStatus.ACTIVE).first()
    if before is not None:
        move(before, RuleSetStatus.RETIRED, actor=actor, retired_at=moment)
    body: dict[str, Any] = {"number": last + 1, "rules": len(draft.rules), "on": len(draft.on)}
    told = {"body": body, "personal": {"reason": draft.why}, "content_hash": content_hash}
    move(
        draft,
        RuleSetStatus.ACTIVE,
        actor=actor,
        told=told,
        number=last + 1,
        hash=content_hash,
        activated_at=moment,
        proposed_by=proposal.proposer,
        signed_by=by,
    )
    asking.forget()
    transaction.on_commit(asking.forget)


@acts.register
class ActivateRules(acts.Act):
    """A second person's word for a set of rules."""

    name = ACT
    object_type = "ruleset"

    def called(self) -> str:
        """The act in a few words."""
        return _("A new set of rules")

    def follows(self) -> str:
        """What it comes to."""
        return _(
            "These rules hold everywhere within a second. Reviews that are open stay open; rules are asked again just "
            "before each act, and only a stricter answer asks a person again."
        )

    def stands(self, object_id: str, *, hold: bool = False) -> acts.Standing | None:
        """The draft's rules and test cases; whoever edited it last is not the second person."""
        found = RuleSet.objects.select_related("edited_by", "made_by")
        found = found.select_for_update(of=("self",)) if hold else found
        draft = found.filter(pk=object_id, status=RuleSetStatus.DRAFT).first() if object_id.isdecimal() else None
        if draft is None:
            return None
        base = drafts.in_force()
        facts = [
            (_("Follows set"), str(base.number) if base else _("none")),
            (_("What changes"), draft.why),
            (_("Rules that are on"), ", ".join(rule["title"] for rule in draft.on) or _("none")),
            *_differences(base, draft),
            (_("Test cases"), str(len(draft.checks))),
            (_("Last edited by"), str(draft.edited_by or draft.made_by or "")),
        ]
        barred = frozenset({draft.edited_by_id or draft.made_by_id} - {None})
        return acts.Standing(draft.content_hash, facts, barred)  # type: ignore[arg-type]

    def may_sign(self, user: User, proposal: Proposal) -> bool:
        """Another one who may draft rules, asked of the database at this moment."""
        afresh = User.objects.filter(pk=user.pk, is_active=True).first()
        return afresh is not None and may_change(afresh)

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Put them in force, if they are still ready."""
        draft = _held()
        assert draft is not None  # it was held when its hash was compared
        if told := _unfit(draft):
            raise proposals.CannotCarryOut(_("These rules cannot come into force: %s") % told)
        _activate(draft, proposal, by)

    def address(self, proposal: Proposal) -> str:
        """The draft, or the set that it became."""
        found = RuleSet.objects.filter(pk=proposal.object_id).values_list("status", flat=True).first()
        if found == RuleSetStatus.DRAFT:
            return reverse("rules-draft")
        return reverse("rule-set", args=[proposal.object_id]) if found else reverse("rules")

    def seen_by(self, user: User) -> Q:
        """All of them, for those who may look at rules."""
        return Q() if may_look(user) else Q(pk__in=[])

    def signable_by(self, user: User) -> Q | None:
        """Those of drafts that somebody else edited last."""
        if not may_change(user):
            return None
        own = RuleSet.objects.filter(status=RuleSetStatus.DRAFT, edited_by=user).order_by()
        return ~Q(object_id__in=own.annotate(key=Cast("pk", TextField())).values("key"))


def _differences(base: RuleSet | None, draft: RuleSet) -> list[tuple[str, str]]:
    """Which rules are new, changed or gone, by their titles."""
    was = {rule["key"]: rule for rule in (base.rules if base else [])}
    is_now = {rule["key"]: rule for rule in draft.rules}
    new = [rule["title"] for key, rule in is_now.items() if key not in was]
    changed = [rule["title"] for key, rule in is_now.items() if key in was and was[key] != rule]
    gone = [rule["title"] for key, rule in was.items() if key not in is_now]
    told = ((_("New"), new), (_("Changed"), changed), (_("Removed"), gone))
    return [(name, ", ".join(titles)) for name, titles in told if titles]
