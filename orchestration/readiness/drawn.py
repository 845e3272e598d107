"""Rules on what the document says of each step."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents import Problem, reviews
from orchestration.documents.outline import Placed
from orchestration.documents.reach import texts
from orchestration.models.definitions import StepRole
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import CALLING, THINKING, Definition, Facts, Lack, rule

WITHOUT_METRIC = ("decision", "parallel", "wait")
WITHOUT_REVIEW = (*WITHOUT_METRIC, "outcome")
WITH_CONTRACT = ("model", "agent", "person", "workflow")  # a tool has its own

type Told = Iterator[Lack | None]


def at(definition: Definition, problem: Problem) -> Lack:
    """A problem of the document as what a rule found."""
    step = next((placed for placed in definition.placed if problem.step and placed.key == problem.step), None)
    told = f"{problem.where}: {problem.told}" if problem.where else problem.told
    return Lack(told, problem.mend, step, problem.path[len(step.path) :] if step else problem.path, problem.line)


@rule("document", BLOCKS, gettext_lazy("The document holds together"))
def document(definition: Definition, facts: Facts) -> Told:
    """Keys, gates, schemas, limits: what contradicts itself."""
    yield from (at(definition, problem) for problem in definition.problems if not problem.reads)


@rule("owner", BLOCKS, gettext_lazy("Every step has an owner"))
def owner(definition: Definition, facts: Facts) -> Told:
    """A person or a group."""
    for step in definition.placed:
        if step.spec["owner"]:
            yield None
        else:
            yield Lack(_("Nobody answers for it."), _("Name a person or a group as its owner."), step, ("owner",))


@rule("input", BLOCKS, gettext_lazy("Every step says what it reads"))
def contract(definition: Definition, facts: Facts) -> Told:
    """An input schema, or `input: {}` for nothing."""
    for step in definition.of_kind(*WITH_CONTRACT):
        if "input_schema" in step.spec or step.spec.get("input") == {}:
            yield None
        else:
            mend = _("Say it in its input contract (input_schema), or give it no input where it reads nothing.")
            yield Lack(_("Nothing says what its input must be."), mend, step, ("input_schema",))


@rule("means", BLOCKS, gettext_lazy("Every step has a model or a tool"))
def means(definition: Definition, facts: Facts) -> Told:
    """Steps of other kinds need none, and their kind says so."""
    for step in definition.of_kind(*THINKING, "tool"):
        name = "tool" if step.spec["kind"] == "tool" else "model"
        if step.spec[name]:
            yield None
        elif name == "tool":
            yield Lack(_("It names no tool."), _("Choose a tool of the catalog."), step, (name,))
        else:
            yield Lack(_("It names no model."), _("Choose a model of the catalog."), step, (name,))


@rule("permission", BLOCKS, gettext_lazy("Every step has its groups"))
def permission(definition: Definition, facts: Facts) -> Told:
    """Groups, by name."""
    for step in definition.placed:
        lacking = [may for may in ("see", "run") if not step.spec["permission"].get(may)]
        if lacking:
            what = _("No group may see it.") if lacking[0] == "see" else _("No group may run it.")
            if len(lacking) > 1:
                what = _("No group may see or run it.")
            mend = _("Name groups under permission: %(may)s.") % {"may": ", ".join(lacking)}
            yield Lack(what, mend, step, ("permission",))
        else:
            yield None


@rule("review", BLOCKS, gettext_lazy("Review points or waivers"))
def review(definition: Definition, facts: Facts) -> Told:
    """One that can be followed. Nobody decides at a branch, a wait or an outcome."""
    misfits: dict[str, list[Problem]] = {}
    for problem in reviews.problems(definition.document):
        misfits.setdefault(problem.step, []).append(problem)
    for step in definition.placed:
        if step.key in misfits:
            yield from (at(definition, problem) for problem in misfits[step.key])
        elif step.spec.get("review"):
            yield None
        elif step.spec["kind"] not in WITHOUT_REVIEW:
            mend = _("Say who decides, before it acts or after, or waive that: a reason and an end date.")
            yield Lack(_("Nobody decides here, and nothing says why."), mend, step, ("review",))


@rule("metric", BLOCKS, gettext_lazy("Every step has a success metric"))
def metric(definition: Definition, facts: Facts) -> Told:
    """Of any kind."""
    for step in definition.placed:
        if step.spec["kind"] in WITHOUT_METRIC:
            continue
        if step.spec["metrics"]:
            yield None
        else:
            mend = _("Say under metrics how it shows that the step did well.")
            yield Lack(_("It has no success metric."), mend, step, ("metrics",))


@rule("time", BLOCKS, gettext_lazy("Time limits of calls"))
def time(definition: Definition, facts: Facts) -> Told:
    """For a try; for a workflow, in all."""
    for step in definition.of_kind(*CALLING):
        limits = step.spec.get("limits", {})
        if "seconds" in limits or (step.spec["kind"] == "workflow" and "total_seconds" in limits):
            yield None
        else:
            yield Lack(_("It has no time limit."), _("Say limits: {seconds: …}."), step, ("limits",))


@rule("fallback", BLOCKS, gettext_lazy("What happens on failure is said"))
def fallback(definition: Definition, facts: Facts) -> Told:
    """A step, or fail. What stands in for another step has none."""
    for step in definition.of_kind(*CALLING):
        if step.role != StepRole.STEP:
            continue
        if "fallback" in step.spec:
            yield None
        else:
            mend = _("Give a step as its fallback, or fallback: fail where the run fails with it.")
            yield Lack(_("Nothing says what happens when it fails."), mend, step, ("fallback",))


@rule("reads", BLOCKS, gettext_lazy("Expressions read what is there"))
def reads(definition: Definition, facts: Facts) -> Told:
    """Nothing reads what comes later, or never."""
    wrong = [at(definition, problem) for problem in definition.problems if problem.reads]
    yield from wrong
    yield from [None] * (sum(_count(step) for step in definition.placed) - len(wrong))


def _count(step: Placed) -> int:
    return len(list(texts(step.spec)))


@rule("starts", BLOCKS, gettext_lazy("Every workflow that it starts is there"))
def starts(definition: Definition, facts: Facts) -> Told:
    """Published, given what it asks for, and not leading back here."""
    yield from (at(definition, problem) for problem in facts.started)
    wrong = {problem.step for problem in facts.started}
    yield from (None for step in definition.of_kind("workflow") if step.key not in wrong)
