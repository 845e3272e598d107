"""Rules on the models and tools that a definition calls, by their rows in the catalog."""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import credentials, tools
from orchestration.documents.outline import Placed, Spec
from orchestration.documents.problems import Path
from orchestration.models.catalog import WHY_NOT, Entry
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import THINKING, Definition, Facts, Lack, rule
from orchestration.routing.asked import Asked, Classed
from orchestration.routing.candidates import Snapshot, of_row
from orchestration.routing.classes import LOWEST
from orchestration.routing.deciding import decide, looked_at
from orchestration.routing.policy import ANY, Policy, named
from orchestration.routing.sentences import nobody
from orchestration.states import ModelStatus

NAMED = 10  # names in one finding

type Told = Iterator[Lack | None]
type Called = Iterator[tuple[Placed, str, Path]]  # the step, the name, and where it stands in the step


def models_of(definition: Definition) -> Called:
    """Every model that is named: by steps, and by metrics that a model judges."""
    for step in definition.placed:
        for spec, inside in [(step.spec, ()), *workers_of(step.spec)]:
            part = ("model",) if spec.get("model") != ANY else ("routing", "among")
            yield from ((step, name, (*inside, *part)) for name in (named(spec) if spec.get("model") else ()))
        for place, metric in enumerate(step.spec.get("metrics", [])):
            if "model" in metric:
                yield step, metric["model"], ("metrics", place, "model")


def tools_of(definition: Definition) -> Called:
    """Every tool that is named and that there is: by steps, and by agents that may call it."""
    for step in definition.placed:
        if step.spec.get("tool") in tools.TOOLS:
            yield step, step.spec["tool"], ("tool",)
        for spec, inside in [(step.spec, ()), *workers_of(step.spec)]:
            for place, name in enumerate(spec.get("tools", [])):
                if name in tools.TOOLS:
                    yield step, name, (*inside, "tools", place)


def changes(name: str) -> bool:
    """Whether a call of a tool changes something, so that an agent's review of its calls is asked."""
    return tools.TOOLS[name].effect != "read"


def workers_of(spec: Spec, around: Path = ()) -> Iterator[tuple[Spec, Path]]:
    """Every agent that works for an agent, or for one of its workers, and where it stands in the step."""
    for place, worker in enumerate(spec.get("workers", [])):
        here = (*around, "workers", place)
        yield worker, here
        yield from workers_of(worker, here)


@rule("model", BLOCKS, gettext_lazy("Every model is approved"))
def model(definition: Definition, facts: Facts) -> Told:
    """It has a row in the catalog, and may be used: approved, by whom and until when is on its page."""
    missing = (
        _("The model “%(name)s” is not in the catalog, so nobody has approved it."),
        _("Choose one of the catalog, or have it approved."),
    )
    off = _("The model “%(name)s” is %(why)s."), _("Choose another, or have it approved again.")
    return _in_the_catalog(models_of(definition), facts.models, missing, off, facts)


@rule("routed", BLOCKS, gettext_lazy("A model may do each step"))
def routed(definition: Definition, facts: Facts) -> Told:
    """At least one that the catalog lets do it, by the step's data class and the workflow's risk, leaves."""
    snapshot = Snapshot(tuple(of_row(row) for _, row in sorted(facts.models.items())))
    for step, spec, inside in _thinking(definition):
        policy = Policy.of(spec)
        known = [model for model in looked_at(policy, snapshot) if model.status == ModelStatus.APPROVED]
        if policy.named and not known:
            continue  # it is told already that nobody has approved it
        needs = frozenset({"tools"} if spec.get("tools") else ())
        data, risk = Classed(str(spec.get("data") or step.spec.get("data") or LOWEST)), str(definition.document["risk"])
        decided = decide(Asked(policy, data, risk, needs=needs, today=facts.today), Snapshot(tuple(known)))
        if decided.ranked:
            yield None
        else:
            mend = _("Choose others, ask less of them, or have one approved for this data and risk.")
            yield Lack(nobody(decided), mend, step, (*inside, "model" if policy.named else "routing"))


def _thinking(definition: Definition) -> Iterator[tuple[Placed, Spec, Path]]:
    """Whatever asks a model: steps, and the workers of agents."""
    for step in definition.of_kind(*THINKING):
        yield step, step.spec, ()
        yield from ((step, worker, inside) for worker, inside in workers_of(step.spec) if worker.get("model"))


@rule("tool", BLOCKS, gettext_lazy("Every tool may be used"))
def tool(definition: Definition, facts: Facts) -> Told:
    """It has a row in the catalog, and is not off."""
    missing = (
        _("The tool “%(name)s” is not in the catalog yet."),
        _("It is put there within a minute of the clock's start."),
    )
    off = _("The tool “%(name)s” is %(why)s."), _("Choose another, or have it switched on again.")
    return _in_the_catalog(tools_of(definition), facts.tools, missing, off, facts)


def _in_the_catalog(
    called: Called, rows: Mapping[str, Entry], missing: tuple[str, str], off: tuple[str, str], facts: Facts
) -> Told:
    """What is wrong and how it is mended: where there is no row, and where it may not be used."""
    for step, name, part in called:
        row = rows.get(name)
        why = row.why_not(facts.today) if row is not None else ""
        if row is not None and not why:
            yield None
        else:
            what, mend = missing if row is None else off
            yield Lack(what % {"name": name, "why": WHY_NOT.get(why, why)}, mend, step, part)


@rule("given", BLOCKS, gettext_lazy("Every tool is given what it needs"))
def given(definition: Definition, facts: Facts) -> Told:
    """An expression for each argument that it cannot do without, and none that it does not know."""
    for step in definition.of_kind("tool"):
        tool = tools.TOOLS.get(step.spec["tool"])
        if tool is None:
            continue
        said, known = step.spec.get("input", {}), tool.schema.get("properties", {})
        lacking = [name for name in tool.schema.get("required", []) if name not in said]
        strange = [name for name in said if name not in known and tool.schema.get("additionalProperties") is False]
        told = {"tool": tool.title, "names": ", ".join([*lacking, *strange][:NAMED])}
        if lacking:
            what = _("“%(tool)s” is not given all that it needs: %(names)s.") % told
            yield Lack(what, _("Say for each what it is: an expression, or a fixed text in quotes."), step, ("input",))
        elif strange:
            yield Lack(
                _("“%(tool)s” knows no %(names)s.") % told, _("Take it out, or mend its name."), step, ("input",)
            )
        else:
            yield None


@rule("secret", BLOCKS, gettext_lazy("Keys are where they are said to be"))
def secret(definition: Definition, facts: Facts) -> Told:
    """Whatever a model or a tool needs to be called. Only whether it is there is asked."""
    calls: list[tuple[Placed, Entry, Path]] = []
    calls += [(step, facts.models[name], part) for step, name, part in models_of(definition) if name in facts.models]
    calls += [(step, facts.tools[name], part) for step, name, part in tools_of(definition) if name in facts.tools]
    missing = credentials.missing({row.secret for _step, row, _part in calls if not row.variable})
    for step, row, part in calls:
        if not row.secret:
            continue
        if row.variable and row.variable not in settings.HANDRAIL_SECRETS:
            told = {"name": row.name, "variable": row.variable}
            what = _("%(name)s needs %(variable)s, which is not in the environment.") % told
            yield Lack(what, _("Set it where Handrail is started, and start it again."), step, part)
        elif row.secret in missing:
            what = _("%(name)s has no key: %(why)s") % {"name": row.name, "why": missing[row.secret]}
            yield Lack(what, _("Put the key where its page says, or name another place there."), step, part)
        else:
            yield None
