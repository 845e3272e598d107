"""What rules name that is not there: a group that nobody can be of, a workflow that nobody can start."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import F
from django.utils.translation import gettext as _

from orchestration.models import Model, Step, Tool, Workflow
from orchestration.policies.shape import Problem

type Rule = Mapping[str, Any]

MOST = 2000  # names of a kind that are looked at


class There(NamedTuple):
    """The names that there are, by kind."""

    groups: frozenset[str]
    workflows: frozenset[str]
    models: frozenset[str]
    tools: frozenset[str]

    @classmethod
    def now(cls) -> "There":
        """As they are: four queries."""
        return cls(
            frozenset(Group.objects.values_list("name", flat=True)[:MOST]),
            frozenset(Workflow.objects.values_list("slug", flat=True)[:MOST]),
            frozenset(Model.objects.values_list("name", flat=True)[:MOST]),
            frozenset(Tool.objects.values_list("name", flat=True)[:MOST]),
        )


def problems(rule: Rule, there: There) -> list[Problem]:
    """Why a rule that is on would not do what it says. It has the shape of a rule."""
    return list(_problems(rule, there)) if rule["enabled"] else []


def _problems(rule: Rule, there: There) -> Iterator[Problem]:
    group = rule.get("then", {}).get("group")
    if group and group not in there.groups:
        yield Problem(("then", "group"), _("There is no group “%s”, so nobody could approve.") % group)
    for name in _names(rule, "groups"):
        if name not in there.groups:
            yield Problem(("match", "groups"), _("There is no group “%s”.") % name)
    if not settings.HANDRAIL_PRESIDIO and {"person", "place"} & set(rule.get("then", {}).get("kinds", [])):
        told = _("Names of people and places are not looked for here: the host has not switched presidio on.")
        yield Problem(("then", "kinds"), told)
    workflow = rule.get("scope", {}).get("workflow")
    if workflow and workflow not in there.workflows:
        yield Problem(("scope", "workflow"), _("There is no workflow “%s”.") % workflow)


def doubts(rules: Iterable[Rule], there: There) -> list[str]:
    """What may be a slip of the pen in rules that are on, in sentences: names that nothing here has."""
    on = [rule for rule in rules if rule["enabled"]]
    steps = {(scope["workflow"], scope["step"]) for rule in on if "step" in (scope := rule.get("scope", {}))}
    known = _steps({workflow for workflow, _step in steps})
    found = [
        _("%(rule)s: there is no step “%(step)s” in %(workflow)s now.")
        % {"rule": rule["title"], "step": scope["step"], "workflow": scope["workflow"]}
        for rule in on
        if "step" in (scope := rule.get("scope", {})) and (scope["workflow"], scope["step"]) not in known
    ]
    for rule in on:
        for kind, names in (("model", there.models), ("tool", there.tools)):
            told = _("%(rule)s: there is no model or tool “%(name)s” here now.")
            absent = (name for name in _names(rule, kind) if name not in names)
            found += [told % {"rule": rule["title"], "name": name} for name in absent]
    return found


def _steps(workflows: Iterable[str]) -> set[tuple[str, str]]:
    rows = Step.objects.filter(version__workflow__slug__in=workflows, version__workflow__current=F("version"))
    return set(rows.values_list("version__workflow__slug", "key")[: MOST * 10])


def _names(rule: Rule, field: str) -> list[str]:
    given = rule.get("match", {}).get(field, [])
    return list(given["not"] if isinstance(given, dict) else given)
