"""Rules on agents: what they may change, whom they ask, who works for them, and how far they go."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orchestration.documents import naming, reviews
from orchestration.documents.outline import Placed, Spec
from orchestration.documents.problems import Path
from orchestration.readiness.called import changes, tools_of, workers_of
from orchestration.readiness.findings import BLOCKS, WARNS
from orchestration.readiness.rules import Definition, Facts, Lack, rule

NAMED = 10  # names in one finding

type Told = Iterator[Lack | None]


def agents_of(definition: Definition) -> Iterator[tuple[Placed, Spec, Path]]:
    """Every agent, and each that works for one: its step, its part of the document, and where that is in the step."""
    for step in definition.of_kind("agent"):
        yield step, step.spec, ()
        for worker, part in workers_of(step.spec):
            yield step, worker, part


@rule("calls", BLOCKS, gettext_lazy("Somebody decides on what agents change"))
def calls(definition: Definition, facts: Facts) -> Told:
    """A review of the calls, or a waiver of it, as a tool's own step has one."""
    broken = {problem.step for problem in reviews.problems(definition.document)}
    for step in definition.of_kind("agent"):
        writes = [name for name, of in _named(definition, step) if changes(name)]
        if not writes or step.key in broken:
            continue
        if step.spec.get("call_review"):
            yield None
        else:
            told = {"names": ", ".join(dict.fromkeys(writes[:NAMED]))}
            what = _("It may change something with %(names)s, and nothing says who decides on that.") % told
            mend = _("Say under call_review who decides before such a call, or waive that: a reason and an end date.")
            yield Lack(what, mend, step, ("call_review",))


def _named(definition: Definition, step: Placed) -> Iterator[tuple[str, Path]]:
    """The tools of an agent and of those that work for it."""
    yield from ((name, part) for placed, name, part in tools_of(definition) if placed.key == step.key)


@rule("workers", BLOCKS, gettext_lazy("Every worker has a model"))
def workers(definition: Definition, facts: Facts) -> Told:
    """Of an agent's workers, as of any step that asks one."""
    for step, spec, part in agents_of(definition):
        if not part:
            continue
        if spec.get("model"):
            yield None
        else:
            what = _("The worker “%(name)s” has no model.") % {"name": spec["name"]}
            yield Lack(what, _("Choose one of the catalog."), step, part)


@rule("lent", WARNS, gettext_lazy("Workers have the tools of their agent"))
def lent(definition: Definition, facts: Facts) -> Told:
    """What an agent may do is read off its own tools; a worker's others are easily overlooked."""
    for step in definition.of_kind("agent"):
        for worker, part in workers_of(step.spec):
            more = [name for name in worker["tools"] if name not in step.spec["tools"]]
            if not more:
                yield None
                continue
            told = {"name": worker["name"], "names": ", ".join(more[:NAMED])}
            what = _("The worker “%(name)s” may call what its agent may not: %(names)s.") % told
            mend = _("Give the agent these tools too, or take them from the worker.")
            yield Lack(what, mend, step, (*part, "tools"))


@rule("own_calls", WARNS, gettext_lazy("Others decide on calls than start runs"))
def own_calls(definition: Definition, facts: Facts) -> Told:
    """Nobody decides on what they started: where all of a group may start runs, one of them never can."""
    starts = definition.document["groups"]["start"]
    starters = frozenset[str]().union(*(facts.groups.get(name, frozenset()) for name in starts))
    for step in definition.of_kind("agent"):
        for group, part in asked(step.spec):
            members = facts.groups.get(group)
            if not members:
                continue
            if not members <= starters:
                yield None
                continue
            told = {"group": group, "count": len(members)}
            alone = (
                _("“%(group)s” decides on its calls, and whoever is in it may start the run: then nobody can.") % told
            )
            all_of = _("“%(group)s” decides on its calls, and all of it may start runs: of each, one less can.") % told
            mend = _("Ask a group with somebody who starts none.")
            yield Lack(alone if len(members) == 1 else all_of, mend, step, part)


def asked(spec: Spec) -> Iterator[tuple[str, Path]]:
    """The groups that an agent's calls wait for, each with its place."""
    for path, group in naming.letting(spec.get("call_review", {})):
        yield group, ("call_review", *path)


@rule("bounds", WARNS, gettext_lazy("Limits of agents leave room for an answer"))
def bounds(definition: Definition, facts: Facts) -> Told:
    """A limit that is reached before the first answer, or that another one makes void."""
    for step, spec, part in agents_of(definition):
        if not (limits := spec.get("limits")):
            continue
        told = list(_void(spec, limits))
        yield from (Lack(what, mend, step, (*part, "limits")) for what, mend in told)
        if not told:
            yield None


def _void(spec: Spec, limits: dict[str, Any]) -> Iterator[tuple[str, str]]:
    may_call = bool(spec["tools"] or spec.get("workers") or "asks" in spec)
    if limits.get("turns") == 1 and may_call:
        yield (
            _("“%s” may call something, and has no turn left to read what came of it.") % spec["name"],
            _("Give it two turns at least, or nothing to call."),
        )
    if "calls" in limits and limits.get("fan_out", 0) > limits["calls"]:
        told = {"name": spec["name"], "calls": limits["calls"], "fan_out": limits["fan_out"]}
        some = ngettext("%(calls)d call in all", "%(calls)d calls in all", limits["calls"]) % told
        yield (
            _("“%(name)s” may make %(fan_out)d calls in one turn, and %(some)s.") % {**told, "some": some},
            _("Let fan_out be no more than calls."),
        )
    output = spec.get("routing", {}).get("output_tokens", 0)
    if limits.get("tokens", output) < output:
        told = {"name": spec["name"], "tokens": limits["tokens"], "output": output}
        yield (
            _("“%(name)s” may take %(tokens)d tokens in all, and one answer may have %(output)d.") % told,
            _("Let it take more tokens, or answer with fewer."),
        )
    if "cost" in limits and Decimal(limits["cost"]) == 0:
        yield (
            _("“%s” may cost nothing, so only models without a price can be asked.") % spec["name"],
            _("Say an amount, or leave it out."),
        )
