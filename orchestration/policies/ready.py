"""Rules made ready to be asked: by point and workflow, each with the tests that its fields come to. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from audit.canonical import digest
from orchestration.policies.facts import CLASSES, UNKNOWN
from orchestration.policies.sentences import sentence
from orchestration.policies.shape import of_rule
from orchestration.policies.verdicts import Ask, Obligations
from orchestration.references import names_read
from orchestration.states import Effect, Point

type Test = Callable[[Any], bool]  # given a fact that is known

SCOPE = ("workflow", "step", "agent")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule made ready: `tests` by the names of facts, `condition` in CEL or "". `broken`: why it cannot be asked."""

    key: str
    title: str
    sentence: str
    effect: Effect
    obligations: Obligations
    tests: tuple[tuple[str, Test], ...]
    condition: str = ""
    reads: frozenset[str] = frozenset()
    fingerprint: str = ""
    broken: str = ""


class Rules:
    """Rules by point and workflow, so that an act is held against those alone that may concern it."""

    def __init__(self, rules: Iterable[Any] = ()) -> None:
        self._by: dict[str, dict[str, list[Rule]]] = {point: {} for point in Point}
        for rule in rules:
            if not isinstance(rule, Mapping) or rule.get("enabled") is not False:  # only what says that it is off is
                self._add(rule if isinstance(rule, Mapping) else {})

    def _add(self, rule: Mapping[str, Any]) -> None:
        found = of_rule(rule)
        made = _broken(rule, found[0].told) if found else ready(rule)
        points = Point.values if found else rule["points"]
        workflow = "" if found else rule.get("scope", {}).get("workflow", "")
        for point in points:
            self._by[point].setdefault(workflow, []).append(made)

    def at(self, point: str, workflow: Any) -> Iterable[Rule]:
        """Those that may hold at a point, in a workflow; all of the point where the workflow is not known."""
        by = self._by[point]
        if workflow is UNKNOWN:
            return [rule for some in by.values() for rule in some]
        everywhere, own = by.get("", []), by.get(workflow, [])
        return [*everywhere, *own] if own else everywhere

    def has(self, point: str) -> bool:
        """Whether one that is on is about a point."""
        return any(self._by[point].values())

    def reads(self, point: str, name: str) -> bool:
        """Whether one that is on asks at a point for a fact."""
        every = (rule for some in self._by[point].values() for rule in some)
        return any(name in rule.reads or any(name == tested for tested, _test in rule.tests) for rule in every)

    def count(self) -> int:
        """How many are on."""
        return len({id(rule) for by in self._by.values() for some in by.values() for rule in some})


def _broken(rule: Mapping[str, Any], told: str) -> Rule:
    key, title = str(rule.get("key", ""))[:60], str(rule.get("title", ""))[:120]
    said = _("The rule “%(title)s” cannot be read, so everything is stopped: %(why)s") % {"title": title, "why": told}
    return Rule(key, title, said, Effect.DENY, Obligations(), (), broken=said)


def ready(rule: Mapping[str, Any]) -> Rule:
    """A rule that has its shape, made ready to be asked."""
    then, match, scope = rule.get("then", {}), rule.get("match", {}), rule.get("scope", {})
    asks: tuple[Ask, ...] = ()
    if rule["effect"] == Effect.REVIEW:
        asks = (Ask(then["group"], then.get("many", 1), then.get("four_eyes", False), then.get("minutes")),)
    tests = [(name, _is(scope[name])) for name in SCOPE if name in scope]
    tests += [(name, _test(name, wanted)) for name, wanted in match.items()]
    condition = rule.get("if", "")
    return Rule(
        rule["key"],
        rule["title"],
        sentence(rule),
        Effect(rule["effect"]),
        Obligations(asks, tuple(then.get("kinds", ()))),
        tuple(tests),
        condition,
        names_read(condition) if condition else frozenset(),
        digest(condition)[:16] if condition else "",
    )


def _is(wanted: Any) -> Test:
    return lambda value: bool(value == wanted)


def _test(name: str, wanted: Any) -> Test:
    match name:
        case "data_class":
            least = CLASSES[wanted]
            return lambda value: CLASSES[value] >= least
        case "outside" | "untrusted":
            return _is(wanted)
        case "risk":
            names = frozenset(wanted)
            return lambda value: value in names
        case "amount":
            over = Decimal(str(wanted["over"]))
            return lambda value: value is not None and value > over
        case "groups" if isinstance(wanted, dict):
            none_of = frozenset(wanted["not"])
            return none_of.isdisjoint
        case _ if isinstance(wanted, dict):
            others = frozenset(wanted["not"])
            return lambda values: any(value not in others for value in values)
        case _:
            those = frozenset(wanted)
            return lambda values: not those.isdisjoint(values)
