"""The page of a draft: its steps, the form of one of them, what it lacks and what was changed."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.http import QueryDict
from django.utils.translation import gettext as _

from audit.models import User
from audit.retelling import retold
from orchestration import documents, providers, readiness, tools, waived
from orchestration.documents import BadDocument, Problem, reviews
from orchestration.documents.outline import Spec
from orchestration.editing import changing, compared, deriving, guide, scope, skeletons, steps
from orchestration.editing.changing import ASKING, Changed
from orchestration.editing.compared import StepChange
from orchestration.editing.drawn import steps_of
from orchestration.editing.fields import WHOLE, Field
from orchestration.editing.typed import typed
from orchestration.editing.widgets import Choices, folds
from orchestration.explain import graph, kinds, lacks, path, source
from orchestration.models import Aside, Model, Step, Tool, Trigger, Version, Workflow
from orchestration.models.catalog import WHY_NOT, Entry
from orchestration.readiness import Finding, Report
from orchestration.states import WorkflowStatus

FORM, YAML, GRAPH = "form", "yaml", "graph"
VIEWS = (FORM, YAML, GRAPH)
ROOM = 640  # pixels for the graph above the form


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the form: how it is drawn, what is wrong with it, what an expression in it came to."""

    of: Field
    shown: dict[str, Any]
    was: str = "null"
    problem: str = ""
    notes: list[Finding] = field(default_factory=list)
    changed: bool = False
    told: str = ""  # what is known of the thing that is chosen


@dataclass(frozen=True, slots=True)
class Listed:
    """One step in the list beside the form: all that its line there shows."""

    key: str
    name: str
    kind: str
    owner: str
    role: str
    depth: int
    how: str
    is_reviewed: bool
    lacks: bool
    warns: bool
    here: bool
    line: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the draft is looked at, and how."""

    view: str = FORM
    key: str = ""
    run: int = 0

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """What the address says."""
        view, run = query.get("view", FORM), query.get("run", "")
        key = query.get("step", "").removesuffix("-start") or WHOLE if "step" in query else ""
        return cls(view if view in VIEWS else FORM, key, int(run) if run.isdecimal() and len(run) < 18 else 0)


def context(
    draft: Version, user: User, asked: Asked, *, sent: QueryDict | None = None, made: Changed | None = None
) -> dict[str, Any]:
    """Everything that the template needs. `sent` and `made` are a form that was not taken as it is."""
    common = {
        "workflow": draft.workflow,
        "draft": draft,
        "base": draft.base,
        "asked": asked,
        "asides": list(Aside.objects.filter(version=draft, closed_at=None).select_related("by")[:10]),
        "kinds": list(skeletons.NAMES.items()),
    }
    try:
        sketch = documents.sketch(draft.source)
    except BadDocument as error:
        return common | _unreadable(draft, error.problems)
    report = readiness.check(draft)
    drawn = steps_of(sketch.document, draft)
    key = asked.key if asked.key == WHOLE or any(one.key == asked.key for one in drawn) else drawn[0].key
    changed = _changes(draft, sketch.document)
    runs = scope.past_runs(user, draft.workflow_id)
    chosen = next((run for run in runs if run.pk == asked.run), runs[0] if runs else None)
    past = scope.past(user, chosen) if chosen else None
    if past is not None and key in past["steps"]:
        past["output"] = past["steps"][key]
    triggers = list(draft.workflow.triggers.select_related("owner").order_by("name"))
    text, spans = draft.source.splitlines(), source.places(draft.source)
    return common | {
        "key": key,
        "own": _own(text, spans, key),
        "line_count": len(text),
        "whole": key == WHOLE,
        "step": next((one for one in drawn if one.key == key), None),
        "listed": _listed(drawn, report, changed, key, spans if asked.view == YAML else {}),
        "rows": _rows(draft, key, report, changed, sent, made),
        "names": scope.names(sketch.document, key, past),
        "past": past,
        "runs": runs,
        "run": chosen,
        "places": steps.places(draft.source),
        "derivable": deriving.is_wanted(next((one.spec for one in drawn if one.key == key), {})),
        "put": guide.place(draft.source, key),
        "guide": guide.stages(draft, sketch.document, report),
        "changes": sum(one.count for one in changed.values()),
        "changed": changed.get(key),
        "general": _general(report, key, len(changing.part(draft.source, key).path)),
        **_beside(draft, sketch.document, drawn, report, triggers),
        **_order(drawn, key),
    }


def _unreadable(draft: Version, problems: list[Problem]) -> dict[str, Any]:
    """The page of a text that cannot be looked through: the text, and what is wrong with it."""
    return {
        "broken": problems,
        "key": WHOLE,
        "whole": True,
        "line_count": len(draft.source.splitlines()),
        "readiness": Report([]),
        "lacks": lacks.lines(readiness.check(draft), []),
    }


def _beside(
    draft: Version, document: Spec, drawn: list[Step], report: Report, triggers: list[Trigger]
) -> dict[str, Any]:
    """What stands around the form: the graph, what is missing, the path in words, the text."""
    nodes = list(graph.nodes(drawn, triggers[0].name if triggers else _("Form")))
    shown = Version(workflow=draft.workflow, document=document, source=draft.source)
    return {
        "drawings": [graph.across(nodes, room=ROOM), graph.down(nodes)],
        "readiness": report,
        "lacks": lacks.lines(report, drawn),
        "bar": lacks.bar(report),
        "path": path.explain(shown, drawn, triggers),
    }


def _own(text: list[str], spans: dict[str, tuple[int, int]], key: str) -> list[source.Line]:
    """The lines of one step; of the workflow itself, those before its steps."""
    top = next((place for place, line in enumerate(text) if line.startswith("steps:")), len(text))
    return source.between(text, *spans.get(key, (1, top if key == WHOLE else 0)))


def _general(report: Report, key: str, deep: int) -> list[Finding]:
    """What is missing at the step as a whole, or at none of its fields."""
    about = "" if key == WHOLE else key
    return [one for one in report.findings if one.step == about and len(one.path) <= deep]


def _order(drawn: list[Step], key: str) -> dict[str, Any]:
    keys = [WHOLE, *(one.key for one in drawn)]
    where = keys.index(key)
    return {
        "before": keys[where - 1] if where else None,
        "after": keys[where + 1] if where + 1 < len(keys) else None,
    }


def _listed(
    drawn: list[Step], report: Report, changed: dict[str, StepChange], key: str, spans: dict[str, tuple[int, int]]
) -> list[Listed]:
    depth: dict[int, int] = {}
    missing = {one.step for one in report.blocking}
    warned = {one.step for one in report.warnings}
    made = []
    for one in drawn:
        depth[one.pk] = depth[one.parent_id] + 1 if one.parent_id else 0
        made.append(
            Listed(
                **{name: getattr(one, name) for name in ("key", "name", "kind", "is_reviewed")},
                owner=kinds.owner(one),
                role=str(one.role),
                depth=min(depth[one.pk], 4),
                how=changed[one.key].how if one.key in changed else "",
                lacks=one.key in missing,
                warns=one.key in warned,
                here=one.key == key,
                line=spans.get(one.key, (1, 1))[0],
            )
        )
    return made


def _changes(draft: Version, document: Spec) -> dict[str, StepChange]:
    """What differs from the version that the draft was made from."""
    base = draft.base
    if base is None:
        return {}
    return {one.key: one for one in compared.changes(base.document, document)}


def _rows(
    draft: Version,
    key: str,
    report: Report,
    changed: dict[str, StepChange],
    sent: QueryDict | None,
    made: Changed | None,
) -> list[Row]:
    about = changing.part(draft.source, key)
    choices = choices_of(about, key)
    notes: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.step == ("" if key == WHOLE else key):
            part = finding.path[len(about.path) : len(about.path) + 1] if finding.path else ()
            notes[str(part[0]) if part else ""].append(finding)
    names = changed[key].names if key in changed and changed[key].how == compared.CHANGED else ()
    problems, parts = (made.problems, made.parts) if made else ({}, {})
    stands = changing.shown(about)
    rows = []
    for one in about.fields.values():
        shown = one.widget.show(about.spec.get(one.name), choices)
        if sent is not None and one.name in problems:
            shown = typed(shown, one.name, sent)
        if "folds" in shown:
            shown = shown | {"folds": folds.opened(shown["folds"], one.name, notes.get(one.name, []), parts)}
        was = json.dumps(stands[one.name], ensure_ascii=False) if one.name in stands else ""
        found = notes.get(one.name, [])
        told = _told(str(about.spec.get("model", ""))) if one.name == "model" else ""
        rows.append(Row(one, shown, was, problems.get(one.name, ""), found, one.name in names, told))
    return rows


def _told(model: str) -> str:
    """What a built-in model reads and answers, and whether it can be used here."""
    name = model.removeprefix("handrail/")
    return providers.get(name).about() if model != name and name in providers.names() else ""


def choices_of(about: changing.Part, key: str) -> Choices:
    """What the house has to choose from."""
    people, today = User.objects.filter(is_active=True).order_by("username")[:500], waived.today()
    known = [(row.name, _called(row, today)) for row in Tool.objects.select_related("connection")]
    return Choices(
        people=[(user.username, str(user)) for user in people],
        groups=list(Group.objects.order_by("name").values_list("name", flat=True)),
        models=[(row.name, _called(row, today)) for row in Model.objects.all()],
        tools=known,
        workflows=list(
            Workflow.objects.exclude(status=WorkflowStatus.RETIRED).values_list("slug", "name").order_by("name")
        ),
        steps=[(one, one) for one in sorted(about.keys) if one != key],
        calendars=reviews.calendars() if ASKING & set(about.fields) else [],
        asked=_asked(about.spec),
        lent=_lent(about.spec, known),
    )


def _asked(spec: Spec) -> list[str]:
    """What the tool of a step asks for: first what it needs."""
    tool = tools.TOOLS.get(str(spec.get("tool", "")))
    if tool is None:
        return []
    needed = list(tool.schema.get("required", []))
    return [*needed, *(name for name in tool.schema.get("properties", {}) if name not in needed)]


def _lent(spec: Spec, known: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The tools that a step itself may call, as they are called."""
    named = spec.get("tools")
    return [(name, label) for name, label in known if name in named] if isinstance(named, list) else []


def _called(row: Entry, today: date) -> str:
    said, why = (
        f"{retold(row.title)} ({row.name})" if row.title and row.title != row.name else row.name,
        row.why_not(today),
    )
    return f"{said}, {WHY_NOT[why]}" if why else said
