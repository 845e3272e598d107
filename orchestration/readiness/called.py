"""Rules on the models and tools that a definition calls, by their rows in the catalog."""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import tools
from orchestration.documents.outline import Placed
from orchestration.documents.problems import Path
from orchestration.models.catalog import Entry
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import Definition, Facts, Lack, rule

NAMED = 10  # names in one finding

type Told = Iterator[Lack | None]
type Called = Iterator[tuple[Placed, str, Path]]  # the step, the name, and where it stands in the step


def models_of(definition: Definition) -> Called:
    """Every model that is named: by steps, and by metrics that a model judges."""
    for step in definition.placed:
        if step.spec.get("model"):
            yield step, step.spec["model"], ("model",)
        for place, metric in enumerate(step.spec.get("metrics", [])):
            if "model" in metric:
                yield step, metric["model"], ("metrics", place, "model")


def tools_of(definition: Definition) -> Called:
    """Every tool that is named and that there is: by steps, and by agents that may call it."""
    for step in definition.placed:
        if step.spec.get("tool") in tools.TOOLS:
            yield step, step.spec["tool"], ("tool",)
        for place, name in enumerate(step.spec.get("tools", [])):
            if name in tools.TOOLS:
                yield step, name, ("tools", place)


@rule("model", BLOCKS, gettext_lazy("Every model is approved"))
def model(definition: Definition, facts: Facts) -> Told:
    """It has a row in the catalog, and is not off."""
    missing = (
        _("The model “%(name)s” is not in the catalog, so nobody has approved it."),
        _("Choose one of the catalog, or have it approved."),
    )
    off = _("The model “%(name)s” is switched off."), _("Choose another, or have it approved again.")
    return _in_the_catalog(models_of(definition), facts.models, missing, off)


@rule("tool", BLOCKS, gettext_lazy("Every tool may be used"))
def tool(definition: Definition, facts: Facts) -> Told:
    """It has a row in the catalog, and is not off."""
    missing = (
        _("The tool “%(name)s” is not in the catalog yet."),
        _("It is put there within a minute of the clock's start."),
    )
    off = _("The tool “%(name)s” is switched off."), _("Choose another, or have it switched on again.")
    return _in_the_catalog(tools_of(definition), facts.tools, missing, off)


def _in_the_catalog(called: Called, rows: Mapping[str, Entry], missing: tuple[str, str], off: tuple[str, str]) -> Told:
    """What is wrong and how it is mended: where there is no row, and where it is switched off."""
    for step, name, part in called:
        row = rows.get(name)
        if row is not None and row.is_approved:
            yield None
        else:
            what, mend = missing if row is None else off
            yield Lack(what % {"name": name}, mend, step, part)


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


@rule("secret", BLOCKS, gettext_lazy("Secrets are in the environment"))
def secret(definition: Definition, facts: Facts) -> Told:
    """Whatever a model or a tool needs to be called. Only whether it is there is asked."""
    calls: list[tuple[Placed, Entry, Path]] = []
    calls += [(step, facts.models[name], part) for step, name, part in models_of(definition) if name in facts.models]
    calls += [(step, facts.tools[name], part) for step, name, part in tools_of(definition) if name in facts.tools]
    for step, row, part in calls:
        if not row.secret:
            continue
        if row.variable in settings.HANDRAIL_SECRETS:
            yield None
        else:
            told = {"name": row.name, "variable": row.variable}
            what = _("%(name)s needs %(variable)s, which is not in the environment.") % told
            yield Lack(what, _("Set it where Handrail is started, and start it again."), step, part)
