"""Success metrics in a document: each kind says what it needs, and only what is known at once can block."""

from collections.abc import Iterator
from typing import Any

from orchestration import tools
from orchestration.documents import schemas
from orchestration.documents.outline import Placed
from orchestration.documents.problems import Problem
from orchestration.expressions import BadExpression, evaluate

# What a metric of each kind must say, and what it may say besides name, kind, target and blocking.
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "cel": (set(), {"expression"}),
    "schema": (set(), {"schema"}),
    "contains": ({"of", "text"}, {"absent"}),
    "matches": ({"of", "pattern"}, {"absent"}),
    "cost": ({"most"}, set()),
    "latency": ({"seconds"}, set()),
    "tool_used": ({"tool"}, {"used"}),
    "verdict": (set(), {"is"}),
    "edit_distance": ({"most_share"}, set()),
    "judge": ({"model", "question"}, set()),
    "callback": (set(), set()),
}
AT_ONCE = ("cel", "schema", "contains", "matches", "cost", "latency", "tool_used")  # known when the step is done
ALWAYS = {"name", "kind", "target", "blocking"}
WHERE = {  # the kinds of step at which a kind of metric means something
    "cost": {"model", "agent"},
    "latency": {"model", "agent", "tool"},
    "tool_used": {"agent", "tool"},
    "judge": {"model", "agent", "tool", "person", "workflow"},
}


def kind_of(metric: dict[str, Any]) -> str:
    """The kind of a metric; where it says none, it is an expression."""
    return str(metric.get("kind", "cel"))


def problems(placed: Placed) -> Iterator[Problem]:
    """What is wrong with the metrics of a step."""
    seen: set[str] = set()
    for place, metric in enumerate(placed.spec.get("metrics", [])):
        path = (*placed.path, "metrics", place)
        where = f"metrics {metric['name']}"
        for told in _metric(placed.spec, metric, seen):
            yield Problem(told, path, placed.key, where)
        yield from schemas.problems(f"the metric {metric['name']!r}", metric.get("schema", {}), path, placed.key)
        seen.add(metric["name"])


def _metric(spec: dict[str, Any], metric: dict[str, Any], seen: set[str]) -> Iterator[str]:
    kind = kind_of(metric)
    needs, may = KINDS[kind]
    if metric["name"] in seen:
        yield "stands twice."
    yield from (f"is of kind {kind}, so it says {name!r}." for name in sorted(needs - set(metric)))
    for name in sorted(set(metric) - needs - may - ALWAYS):
        yield f"is of kind {kind}, so {name!r} means nothing."
    if metric.get("blocking") and kind not in AT_ONCE:
        yield f"is of kind {kind}, which is known only later, so it cannot block."
    if metric.get("blocking") and kind == "cel" and "expression" not in metric:
        yield "blocks, so it says 'expression'."
    yield from _own(spec, kind, metric)


def _own(spec: dict[str, Any], kind: str, metric: dict[str, Any]) -> Iterator[str]:
    if kind == "schema" and not {"schema"} & set(metric) and "output" not in spec:
        yield "checks the output, so the metric says 'schema' or the step says 'output'."
    if spec["kind"] not in WHERE.get(kind, {spec["kind"]}):
        yield f"is of kind {kind}, which means nothing at a step of kind {spec['kind']}."
    if kind == "tool_used" and metric.get("tool") not in {*tools.TOOLS, None}:
        yield f"asks for {metric['tool']!r}, which is no tool here."
    if kind == "matches" and "pattern" in metric:
        try:
            evaluate("''.matches(pattern)", {"pattern": metric["pattern"]})
        except BadExpression:
            yield f"has the pattern {metric['pattern']!r}, which is no regular expression (RE2)."
