"""Rules for people to read: those in force, the sets before them, and what each check came to."""

from typing import Any, NamedTuple, cast

from django.db.models import Func, IntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import Proposal, User
from audit.pages import page
from audit.states import ProposalStatus
from orchestration.models import RuleCheck, RuleSet, Run
from orchestration.policies import activating, asking, counting, drafts, shape
from orchestration.policies.activating import may_change, may_look
from orchestration.policies.facts import EFFECTS as ACTS
from orchestration.policies.facts import RISKS
from orchestration.policies.matching import safe_default
from orchestration.policies.sentences import DOES, FIELDS, sentence, upper
from orchestration.policies.sentences import RISKS as RISKS_SAID
from orchestration.policies.shape import SAFE_DEFAULT
from orchestration.policies.verdicts import Obligations
from orchestration.states import DataClass, Effect, Point, RuleSetStatus

type Spec = dict[str, Any]

TONES = {Effect.DENY: "bad", Effect.REVIEW: "human", Effect.REDACT: "warn", Effect.ALLOW: "ok"}
DRAWN = {Effect.DENY: "ban", Effect.REVIEW: "user", Effect.REDACT: "eye-off", Effect.ALLOW: "check"}


COUNT_ON = Func(
    "rules",
    template="jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$[*] ? (@.enabled == true)'))",
    output_field=IntegerField(),
)


class Line(NamedTuple):
    """A rule as a row of a table."""

    rule: Spec
    sentence: str
    effect: "Said"
    points: str
    scope: str
    held: int | None
    problems: list[str]


class Said(NamedTuple):
    """An effect in a word, with its drawing and its tone."""

    word: str
    drawn: str
    tone: str


def looking(request: HttpRequest) -> User:
    """Somebody who may look at rules; for all others there is nothing here."""
    user = cast(User, request.user)
    if not may_look(user):
        raise Http404
    return user


def said(effect: str) -> Said:
    """An effect as it is shown."""
    if effect not in Effect.values:
        return Said(effect, "circle-question-mark", "bad")
    return Said(str(Effect(effect).label), DRAWN[Effect(effect)], TONES[Effect(effect)])


def lines(rules: list[Any], counts: counting.Counts | None = None) -> list[Line]:
    """Rules as rows, with how often each held where that is known."""
    return [_line(rule, counts) for rule in rules if isinstance(rule, dict)]


def _line(rule: Spec, counts: counting.Counts | None) -> Line:
    wrong = [problem.told for problem in shape.of_rule(rule)]
    text = _("This rule cannot be read.") if wrong else sentence(rule)
    points = rule.get("points", [])
    words = [str(Point(point).label) for point in points if point in Point.values] if isinstance(points, list) else []
    scope = rule.get("scope", {}) if isinstance(rule.get("scope", {}), dict) else {}
    held = counts.by.get(rule.get("key", ""), 0) if counts else None
    where = " · ".join(str(scope[name]) for name in ("workflow", "step", "agent") if name in scope)
    return Line(rule, text, said(str(rule.get("effect", ""))), ", ".join(words), where, held, wrong)


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The rules in force, the draft if there is one, and every set before."""
    user = looking(request)
    in_force, counts = drafts.in_force(), counting.of_late()
    context = {
        "set": in_force,
        "lines": sorted(lines(in_force.rules, counts), key=lambda one: not one.rule.get("enabled")) if in_force else [],
        "counts": counts,
        "days": counting.DAYS,
        "safe_default": safe_default(),
        "safe_default_held": counts.by.get(SAFE_DEFAULT, 0),
        "draft": drafts.current(),
        "proposed": proposed(),
        "may_change": may_change(user),
        "sets": page(request.GET, _sets, lambda row: row.pk),
    }
    return render(request, "orchestration/rules.html", context)


def proposed() -> Proposal | None:
    """The open proposal to put a draft in force."""
    found = Proposal.objects.filter(act=activating.ACT, status=ProposalStatus.OPEN).select_related("proposer")
    return found.order_by("-pk").first()


def _sets(before: int | None, after: int | None, most: int) -> list[RuleSet]:
    found = RuleSet.objects.exclude(status=RuleSetStatus.DRAFT).select_related("proposed_by", "signed_by")
    counted = found.annotate(
        rules_in_it=Func("rules", function="jsonb_array_length", output_field=IntegerField()), rules_on=COUNT_ON
    )
    return _part(counted.defer("rules", "checks"), before, after, most)


def _part[Row: (RuleSet, RuleCheck)](
    found: QuerySet[Row], before: int | None, after: int | None, most: int
) -> list[Row]:
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("pk")[:most])
    return list((found.filter(pk__lt=before) if before is not None else found).order_by("-pk")[:most])


@require_safe
def one_set(request: HttpRequest, pk: int) -> HttpResponse:
    """A set as it was signed."""
    looking(request)
    found = RuleSet.objects.exclude(status=RuleSetStatus.DRAFT).select_related("proposed_by", "signed_by", "base")
    shown = get_object_or_404(found, pk=pk)
    return render(request, "orchestration/rule_set.html", {"set": shown, "lines": lines(shown.rules)})


class CheckLine(NamedTuple):
    """A check as a row of the list."""

    check: RuleCheck
    effect: Said
    title: str


@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """What rules came to, newest first, narrowed by point, effect, rule and run."""
    looking(request)
    asked = {name: request.GET.get(name, "")[:60] for name in ("point", "effect", "rule")}
    run = request.GET.get("run", "")
    number = int(run) if run.isascii() and run.isdecimal() and len(run) < 16 else None
    found = counting.sought(**asked, run=number).defer("facts", "conditions", "obligations")
    in_force = drafts.in_force()
    titles = {rule["key"]: rule["title"] for rule in (in_force.rules if in_force else [])}
    context = {
        "page": page(request.GET, lambda *place: _check_lines(found, *place), lambda row: row.check.pk),
        "asked": {**asked, "run": number},
        "narrowed": any(asked.values()) or number is not None,
        "points": Point.choices,
        "effects": list(reversed(Effect.choices)),
        "rules": [*titles.items(), (SAFE_DEFAULT, _("Safe default"))],
        "unlisted": asked["rule"] if asked["rule"] not in {*titles, SAFE_DEFAULT} else "",
    }
    return render(request, "orchestration/rule_checks.html", context)


def _check_lines(found: QuerySet[RuleCheck], before: int | None, after: int | None, most: int) -> list[CheckLine]:
    rows = _part(found, before, after, most)
    return [CheckLine(row, said(row.effect), row.matched[0]["title"] if row.matched else "") for row in rows]


@require_safe
def one_check(request: HttpRequest, pk: int) -> HttpResponse:
    """One check: what was asked, which rules held, and what each of them saw."""
    user = looking(request)
    check = get_object_or_404(RuleCheck, pk=pk)
    run = Run.objects.seen_by(user).filter(pk=check.run_id).first() if check.run_id else None
    context = {
        "check": check,
        "told": asking.verdict_of(check).told(),
        "effect": said(check.effect),
        "facts": [(upper(str(FIELDS[name])), fact(name, value)) for name, value in _known(check.facts)],
        "digest": check.facts.get("input", ""),
        "matched": [
            (one, said(one["effect"]), [(upper(str(FIELDS[n])), fact(n, v)) for n, v in _known(one["saw"])])
            for one in check.matched
        ],
        "obligations": Obligations.of_json(check.obligations),
        "set": RuleSet.objects.filter(number=check.set_number).defer("rules", "checks").first(),
        "run": run,
    }
    return render(request, "orchestration/rule_check.html", context)


def _known(facts: Spec) -> list[tuple[str, Any]]:
    """In the order of the words: stored JSON has lost its own."""
    return [(name, facts[name]) for name in FIELDS if name in facts and name != "input"]


def fact(name: str, value: Any) -> str:
    """A fact in words."""
    words: dict[str, dict[str, Any]] = {
        "data_class": {key: DataClass(key).label for key in DataClass.values},
        "tool_effect": {key: DOES[key] for key in ACTS},
        "risk": {key: RISKS_SAID[key] for key in RISKS},
    }
    if value is None or value == []:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    several = value if isinstance(value, list) else [value]
    return ", ".join(str(words.get(name, {}).get(one, one)) for one in several)
