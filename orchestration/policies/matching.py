"""Which rules hold for an act, and what they come to together. Pure: rules, a point and facts are all it reads.

Strictest wins. A rule that cannot be judged, since a fact is missing or its condition fails, stops the act and says so.
A call that writes, destroys or leaves the house is looked at by a person whatever the rules say, unless one has
approved it or a waiver lets it go: no rule can lift that. And no waiver lets go what a run writes outside that has
read what others wrote, nor what an agent of it asks others for: what it asks for may be what it was told to give away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration.expressions import BadExpression, evaluate, gather, put
from orchestration.policies.facts import ACTING, UNKNOWN, Facts
from orchestration.policies.ready import Rule, Rules, Test
from orchestration.policies.sentences import fields
from orchestration.policies.shape import SAFE_DEFAULT
from orchestration.policies.verdicts import NOBODY_SAID, Ask, Matched, Obligations, Verdict, together
from orchestration.states import Effect, Point


class _Act:
    """One act at one point, with what is worked out once for all rules."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.conditions = facts, dict[str, bool]()
        self._seen: dict[str, Any] = {}

    def seen(self, name: str) -> Any:
        if name not in self._seen:
            self._seen[name] = self.facts.seen(name)
        return self._seen[name]

    @cached_property
    def scope(self) -> Any:
        return gather(self.facts.for_conditions())

    def ask(self, rule: Rule) -> Matched | None:
        """The rule with what it saw, where it holds or cannot be judged."""
        if rule.broken:
            return Matched(rule.key, rule.title, rule.sentence, Effect.DENY, error=rule.broken)
        saw, missing = dict[str, Any](), list[str]()
        for name, test in rule.tests:
            value = self.seen(name)
            if value is UNKNOWN:
                missing.append(name)
            elif not test(value):
                return None
            else:
                saw[name] = value
        if missing:
            return stopped(rule, saw, _missing(missing))
        if rule.condition and (came := self._condition(rule)) is not True:
            return stopped(rule, saw, came, lacks_input=self._lacks(rule) == ["input"]) if came else None
        saw = {name: _shown(value) for name, value in saw.items()}
        return Matched(rule.key, rule.title, rule.sentence, rule.effect, rule.obligations, saw)

    def _condition(self, rule: Rule) -> bool | str:
        """Whether the condition holds; or why that cannot be said."""
        kept = self.facts.known
        if kept is not None and rule.fingerprint in kept and "input" in rule.reads:
            return kept[rule.fingerprint]
        if missing := self._lacks(rule):
            return _missing(missing)
        try:
            came = evaluate(rule.condition, self.scope)
        except BadExpression as error:
            return _("its condition cannot be worked out%s") % _why(rule.condition, error)
        if not isinstance(came, bool):
            return _("its condition comes to something that is neither true nor false")
        if "input" in rule.reads:
            self.conditions[rule.fingerprint] = came
        return came

    def _lacks(self, rule: Rule) -> list[str]:
        """The facts that its condition reads and nobody knows."""
        return sorted(name for name in rule.reads if self.seen(name) is UNKNOWN)


class _Another(_Act):
    """The same act with a few other facts. What conditions read is gathered once for all, and then changed."""

    def __init__(self, first: _Act, facts: Facts, names: frozenset[str]) -> None:
        super().__init__(facts)
        self._seen = {name: value for name, value in first._seen.items() if name not in names}
        self._first, self._names = first, names

    @cached_property
    def scope(self) -> Any:
        gathered = self._first.scope
        for name, value in self.facts.for_conditions(self._names).items():
            put(gathered, name, value)
        return gathered


def stopped(rule: Rule, saw: Mapping[str, Any], why: str, *, lacks_input: bool = False) -> Matched:
    """A rule that cannot be judged."""
    told = _("The rule “%(title)s” cannot be judged: %(why)s. What cannot be judged is stopped.")
    error = told % {"title": rule.title, "why": why}
    shown = {name: _shown(value) for name, value in saw.items()}
    obligations = rule.obligations
    return Matched(rule.key, rule.title, rule.sentence, Effect.DENY, obligations, shown, error, lacks_input)


def judge(rules: Rules | Iterable[Mapping[str, Any]], point: str, facts: Facts) -> Verdict:
    """What the rules say about an act. It never raises for what stands in rules or facts."""
    made, act = rules if isinstance(rules, Rules) else Rules(rules), _Act(facts)
    return together(_ask_all(act, made.at(point, act.seen("workflow")), point), act.conditions)


def judge_each(rules: Rules, point: str, facts: Facts, several: Sequence[Mapping[str, Any]]) -> list[Verdict]:
    """The same act with some facts in several ways: with each of fifty models and its region, say.

    What no rule makes depend on these facts is asked once. Each verdict is what `judge` says of that way.
    """
    names, first = frozenset().union(*several), _Act(facts)
    asked = list(rules.at(point, first.seen("workflow")))
    if "workflow" in names:
        return [judge(rules, point, replace(facts, **one)) for one in several]
    differing = [rule for rule in asked if rule.reads & names or any(name in names for name, _test in rule.tests)]
    apart = {id(rule) for rule in differing}
    of_floor = point if names & {"tool_effect", "outside", "untrusted", "agent", "reviewed", "waived"} else ""
    same = _ask_all(first, (rule for rule in asked if id(rule) not in apart), "" if of_floor else point)
    alike = together(same, first.conditions)
    split = [(rule, [test for test in rule.tests if test[0] in names]) for rule in differing]
    standing = [(rule, own) for rule, own in split if not _falls([t for t in rule.tests if t not in own], first)]
    found = []
    for one in several:
        act = _Another(first, replace(facts, **one), names)
        more = _ask_all(act, [rule for rule, own in standing if not _falls(own, act)], of_floor)
        if not more and not act.conditions:
            found.append(alike)
        else:
            found.append(together([*same, *more], {**first.conditions, **act.conditions}))
    return found


def _falls(tests: Iterable[tuple[str, Test]], act: _Act) -> bool:
    """Whether one of these tests settles that the rule does not hold."""
    try:
        return any((value := act.seen(name)) is not UNKNOWN and not test(value) for name, test in tests)
    except Exception:
        return False  # `ask` says what is wrong


def _ask_all(act: _Act, rules: Iterable[Rule], point: str) -> list[Matched]:
    """Those that hold or cannot be judged; and the safe default of the point, if one is named."""
    matched = list[Matched]()
    for rule in rules:
        try:
            found = act.ask(rule)
        except Exception as error:  # whatever it is: nobody could say that the act is allowed
            found = stopped(rule, {}, _("it failed (%s)") % type(error).__name__)
        if found is not None:
            matched.append(found)
    if (floor := _floor(point, act)) is not None:
        matched.append(floor)
    return matched


def _floor(point: str, act: _Act) -> Matched | None:
    """The safe default: what writes, destroys, leaves the house, or may do so for all that is known, is looked at."""
    if point != Point.TOOL or act.facts.reviewed:
        return None
    effects, outside = act.seen("tool_effect"), act.seen("outside")
    acts = effects is UNKNOWN or not ACTING.isdisjoint(effects)
    if not acts and outside is False:
        return None
    untrusted = act.seen("untrusted") is not False and outside is not False and (acts or act.facts.agent is not None)
    if act.facts.waived and not untrusted:
        return None
    saw = {"tool_effect": _shown(effects), "outside": _shown(outside)}
    told = safe_default()
    if untrusted and act.facts.untrusted is True:
        saw, told = {**saw, "untrusted": True}, of_untrusted(act.facts.read_from)
    asks = Obligations((Ask(NOBODY_SAID),))
    return Matched(SAFE_DEFAULT, _("Safe default"), told, Effect.REVIEW, asks, saw)


def of_untrusted(read_from: str) -> str:
    """What holds for a run that has read what others wrote, in a sentence for whoever decides."""
    return _(
        "This run has read content from outside (%(read)s), which may have told it to do this:"
        " whatever it writes or asks for outside the house is approved by a person first."
    ) % {"read": read_from}


def safe_default() -> str:
    """What always holds, in a sentence."""
    return _("Whatever writes, destroys something or leaves the house is approved by a person first.")


def _missing(names: list[str]) -> str:
    told = ngettext("%s is not known here", "%s are not known here", len(names))
    return told % fields(names)


def _why(condition: str, error: BadExpression) -> str:
    """A missing key is named, where the rule itself names it. Values stay out: they may be somebody's own."""
    cause = error.__cause__
    name = str(cause.args[0]) if isinstance(cause, KeyError) and cause.args else ""
    return _(": there is no “%s”") % name if name and name in condition else ""


def _shown(value: Any) -> Any:
    if value is UNKNOWN:
        return None
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return value
