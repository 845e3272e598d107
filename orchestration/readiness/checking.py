"""Looking through a definition: every rule, in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from audit.clock_time import now
from audit.models import User
from orchestration import documents, subworkflows
from orchestration.documents import BadDocument, Problem, Sketch, naming
from orchestration.documents.outline import Spec, walk
from orchestration.models import Model, Tool, Version
from orchestration.readiness import (  # noqa: F401  (they hold the rules)
    agents,
    called,
    drawn,
    named,
    people,
    placed,
    tested,
    waived,
    warned,
)
from orchestration.readiness.doors import Signed, Tried, runner, signatures_of
from orchestration.readiness.findings import BLOCKS, Count, Finding, Report
from orchestration.readiness.rules import Definition, Facts, every, found

DOCUMENT = "document"  # the rule of what keeps a document from being looked through


def check(what: str | Version, *, signed: Signed | None = None, tried: Tried | None = None) -> Report:
    """What a version lacks, or a source. Never raises for what stands in it.

    `signed` and `tried` stand in for the registered signatures and dry runs.
    """
    try:
        sketch = documents.sketch(what if isinstance(what, str) else what.source)
    except BadDocument as error:
        return Report([_of(problem) for problem in error.problems])
    if isinstance(what, Version) and sketch.document["slug"] != what.workflow.slug:
        sketch = sketch._replace(problems=[*sketch.problems, _other(sketch, what.workflow.slug)])
    definition = Definition(sketch.document, list(walk(sketch.document)), sketch.problems, sketch.lines)
    facts = _facts(sketch.document, signed)
    started = _started(sketch) if definition.of_kind("workflow") else []
    return _report(definition, replace(facts, tried=tried or runner(), started=started))


def _other(sketch: Sketch, slug: str) -> Problem:
    """A draft of one workflow that says it is another."""
    mend = _("Write slug: %s. What a workflow is called in addresses never changes.") % slug
    return Problem("is that of another workflow.", ("slug",), where="slug", mend=mend, line=sketch.lines.of(("slug",)))


def _of(problem: Problem) -> Finding:
    what = str(replace(problem, step=""))
    return Finding(DOCUMENT, BLOCKS, what, problem.mend, problem.step, problem.path, max(problem.line, 1))


def _report(definition: Definition, facts: Facts) -> Report:
    findings, counts = [], {}
    for one in every():
        looked = list(one.look(definition, facts))
        lacks = [lack for lack in looked if lack is not None]
        findings += [found(one, lack, definition.lines) for lack in lacks]
        if looked:
            counts[one.name] = Count(str(one.said), one.level, len(looked) - len(lacks), len(looked))
    return Report(findings, counts)


def _facts(document: Spec, signed: Signed | None) -> Facts:
    logins = {one.name for one in naming.people(document)}
    active = User.objects.filter(username__in=logins, is_active=True)
    return Facts(
        people=frozenset(active.values_list("username", flat=True)),
        groups=_groups({one.name for one in naming.groups(document)}),
        models={row.name: row for row in Model.objects.all()},
        tools={row.name: row for row in Tool.objects.select_related("connection")},
        today=now().astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        signed=signed or signatures_of(document["slug"]),
        agents=named.rows(document),
        **_places(document),
    )


def _places(document: Spec) -> dict[str, Any]:
    """What places ask about that name no group: the owner's manager, and who has a skill. No query where none does."""
    entries = [
        entry
        for step in walk(document)
        for section in naming.SECTIONS
        for _path, entry in naming.entries(step.spec.get(section, {}))
    ]
    found: dict[str, Any] = {}
    if any(entry.get("manager") for entry in entries):
        owner = User.objects.filter(username=document["owner"], manager__is_active=True)
        found["manager"] = owner.values_list("manager__username", flat=True).first() or ""
    if skills := {str(entry["skill"]).lower() for entry in entries if entry.get("skill")}:
        skilled: dict[str, set[str]] = {skill: set() for skill in skills}
        held = User.objects.filter(is_active=True, skills__overlap=sorted(skills))
        for login, known in held.values_list("username", "skills"):
            for skill in skills & set(known):
                skilled[skill].add(login)
        found["skilled"] = {skill: frozenset(logins) for skill, logins in skilled.items()}
    return found


def _groups(names: Iterable[str]) -> dict[str, frozenset[str]]:
    members: dict[str, set[str]] = {}
    rows = Group.objects.filter(name__in=names).values_list("name", "user__username", "user__is_active")
    for name, login, active in rows:
        members.setdefault(name, set()).update([login] if active else [])
    return {name: frozenset(logins) for name, logins in members.items()}


def _started(sketch: Sketch) -> list[Problem]:
    try:
        subworkflows.pin(sketch.document)
    except BadDocument as error:
        return error.at(sketch.lines).problems
    return []
