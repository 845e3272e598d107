"""The test cases of a rule set: each is an act, and what the rules must say about it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from orchestration.policies.facts import SEVERAL, UNKNOWN, Facts
from orchestration.policies.matching import judge
from orchestration.policies.ready import Rules
from orchestration.policies.shape import SAFE_DEFAULT
from orchestration.policies.verdicts import Verdict
from orchestration.states import DataClass, Effect

# What holds where a test case says nothing: harmless, and nowhere a rule's own name.
ORDINARY = Facts(
    workflow="(any)",
    step="(any)",
    agent=None,
    data_class=DataClass.INTERNAL,
    tool_effect="read",
    outside=False,
    untrusted=False,
    risk="minimal",
    model="(any)",
    region="(any)",
    tool="(any)",
    amount=None,
    groups=(),
    starter="(anybody)",
    input={},
)


class Result(NamedTuple):
    """A test case with what the rules said. `told` says why it fails, or is empty; `off`: its rule is off."""

    case: Mapping[str, Any]
    verdict: Verdict
    told: str = ""
    off: bool = False

    @property
    def passed(self) -> bool:
        """Whether it says nothing against the set."""
        return not self.told


def run(rules: Sequence[Mapping[str, Any]], cases: Iterable[Mapping[str, Any]]) -> list[Result]:
    """Every test case against all rules together. One about a rule that is off is set aside."""
    made = Rules(rules)
    off = {str(rule.get("key")) for rule in rules if rule.get("enabled") is False}
    return [_run(made, case, off) for case in cases]


def failing(results: Iterable[Result]) -> list[Result]:
    """Those that say that the set is wrong."""
    return [one for one in results if not one.passed]


def facts_of(case: Mapping[str, Any]) -> Facts:
    """The act of a test case."""
    said = dict(case["facts"])
    unknown = said.pop("unknown", [])
    given = {name: getattr(ORDINARY, name) for name in ORDINARY.__slots__} | {
        name: tuple(value) if name in SEVERAL and isinstance(value, list) else value for name, value in said.items()
    }
    return Facts(**given | dict.fromkeys(unknown, UNKNOWN))


def _run(rules: Rules, case: Mapping[str, Any], off: set[str]) -> Result:
    verdict = judge(rules, case["point"], facts_of(case))
    about = case.get("rule")
    if about in off:
        return Result(case, verdict, off=True)
    return Result(case, verdict, _why_it_fails(verdict, case, about))


def _why_it_fails(verdict: Verdict, case: Mapping[str, Any], about: str | None) -> str:
    if verdict.effect != case["expect"]:
        words = {"wanted": Effect(case["expect"]).label, "came": verdict.effect.label, "told": verdict.told()}
        return _("Expected “%(wanted)s”, came to “%(came)s”. %(told)s") % words
    holds = any(one.key == about and not one.error for one in verdict.matched)
    if about and "matches" in case and holds != case["matches"]:
        name = _("the safe default") if about == SAFE_DEFAULT else about
        return (
            _("The rule %s should hold here, and does not.") % name
            if case["matches"]
            else (_("The rule %s should not hold here, and does.") % name)
        )
    return ""
