"""Sorting questions: the workflow, the models with what their admin thinks of them, and what came of it."""

import csv
import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from audit.models import Leaf
from deploy.sample import train as classifier
from orchestration.models import FigureMark, Model, ModelFigure, RoutingDecision, StepRun, Workflow
from orchestration.routing import candidates
from orchestration.routing import figures as figures_of_routing
from orchestration.routing.asked import ENOUGH
from orchestration.states import RiskTier
from tests.bench import runs as engine_runs
from tests.farm import work
from tests.farm.__main__ import LIMIT
from tests.farm.judging import Condition
from tests.farm.neighbour import Neighbour
from tests.routing.farm import Server

BUILT_IN, NEIGHBOUR, LANGUAGE = "handrail/intent", "farm/neighbour", "farm/local"
TAG = "triage"
# What their admin thinks of each, before anything was measured.
THOUGHT = {LANGUAGE: 0.95, NEIGHBOUR: 0.9, BUILT_IN: 0.85}
WEIGHTS = {"quality": 95, "cost": 3, "speed": 2}
AT_ONCE = 4  # questions: else those that wait for a slow model would count as its own time
RIGHT = {"name": "The right label", "kind": "cel", "expression": "output.label == input.category"}
SLUG, STEP = "triage", "sort"


class Chosen(NamedTuple):
    """A batch: which model its questions went to, why, and the share that was right."""

    chosen: str
    why: str
    met: float
    own: bool  # whether the first model's own figures counted


class Questions:
    """Questions that no model was trained on, each handed out once, in an order that nobody chose."""

    def __init__(self, source: Path | None = None) -> None:
        known = {text for text, _ in classifier.rows(classifier.TRAIN)}
        with (source or classifier.QUESTIONS).open(encoding="utf-8", newline="") as file:
            found = {row["text"].strip(): row["category"] for row in csv.DictReader(file)}
        drawn = sorted((text for text in found if text not in known), key=_lot)
        self.left = [(text, found[text]) for text in drawn]
        self.asked = 0

    def some(self, count: int) -> list[tuple[str, str]]:
        """So many of them; from the first one again when all were asked."""
        first, self.asked = self.asked, self.asked + count
        return [self.left[place % len(self.left)] for place in range(first, self.asked)]


def _lot(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def train() -> list[Server]:
    """Teach the built-in classifier and the nearest neighbour, both from the rows that the sample carries."""
    report = classifier.train()
    print(report.lines()[1], flush=True)
    facts = {"ceiling": "special", "price": 0.05, "quality": THOUGHT[NEIGHBOUR], "tags": [TAG]}
    return [Server("neighbour", 0.02, thinks=Neighbour(classifier.rows(classifier.TRAIN)), facts=facts)]


def models(servers: Mapping[str, Server]) -> list[str]:
    """The models that may sort, as their admin sees them."""
    names = [BUILT_IN, *(f"farm/{name}" for name in servers)]
    for row in Model.objects.filter(name__in=names):
        row.quality, row.tags, row.tiers = THOUGHT[row.name], [TAG], RiskTier.values
        row.save()
    candidates.forget()
    time.sleep(2 * candidates.KEPT)  # until workers have seen it too
    return names


def workflow(named: str = "") -> Workflow:
    """The newest version: whichever model does it best, or the one that is named."""
    labels = sorted({label for _, label in classifier.rows(classifier.TRAIN)})
    output = {"type": "object", "required": ["label"], "properties": {"label": {"enum": labels}}}
    routing = {"tags": [TAG], "weights": WEIGHTS, "output_tokens": 60, "languages": [], "regions": ["eu", "own"]}
    prompt = f"Say what a bank's customer asks about. Answer with one of these labels: {', '.join(labels)}."
    step = work.step(STEP, "internal", "minimal", routing=routing)
    step |= {"prompt": prompt, "input": {"question": "input.question"}, "output": output, "metrics": [RIGHT]}
    step["limits"] = {"seconds": 300}
    if named:
        step = {**step, "model": named}
        step.pop("routing")
    given = {"question": {"type": "string"}, "category": {"type": "string"}}
    asks = {"type": "object", "required": list(given), "properties": given}
    return work.publish(SLUG, "minimal", step, input=asks, name="Triage of questions", limits={"steps": AT_ONCE})


def ask(questions: list[tuple[str, str]], *, named: str = "") -> Chosen:
    """Let them be sorted, and wait until that is counted. What was chosen for the most of them."""
    flow, given = workflow(named), [{"question": text, "category": label} for text, label in questions]
    before = time.monotonic()
    ids = work.start([flow], len(given), given=lambda place: given[place])
    work.wait(ids, LIMIT)
    print(f"{len(ids)} questions to {named or 'whichever is best'}: {time.monotonic() - before:.1f} s", flush=True)
    _counted()
    done = StepRun.objects.filter(run_id__in=ids)
    met = sum(all(one["met"] for one in metrics) for metrics in done.values_list("metrics", flat=True) if metrics)
    decisions = list(RoutingDecision.objects.filter(step_run__in=done).order_by("pk"))
    first, times = Counter(one.chosen for one in decisions).most_common(1)[0]
    one = next(one for one in decisions if one.chosen == first)
    own = bool(one.ranked and one.ranked[0][-1])
    return Chosen(first, f"{one.why} ({times} of {len(decisions)})", met / len(ids), own)


def _counted() -> None:
    """Wait until the clock has read the ledger to its end, and workers look at the figures anew."""
    engine_runs.wait_for_seals(LIMIT)
    last = Leaf.objects.latest("leaf_index").leaf_index
    engine_runs.wait(lambda: FigureMark.objects.filter(leaf__gte=last).exists(), LIMIT)
    time.sleep(figures_of_routing.KEPT + 0.5)


def told() -> dict[str, dict[str, Any]]:
    """The figures of the step by model, as the page shows them."""
    found = {}
    for row in ModelFigure.objects.filter(workflow__slug=SLUG, step=STEP).order_by("model"):
        share = row.met / row.measured if row.measured else None
        found[row.model] = {
            "runs": row.runs,
            "measured": row.measured,
            "met": share and round(share, 4),
            "p50_s": row.p50 and round(row.p50, 4),
            "p95_s": row.p95 and round(row.p95, 4),
            "cost": str(row.cost),
            "cost_of_one_that_met": str(row.cost * row.measured / row.met) if row.met and row.cost else None,
        }
    return found


def judged(chosen: list[Chosen], figures: Mapping[str, Mapping[str, Any]]) -> list[Condition]:
    """The choice began by what the admin thinks, and ended by what was measured."""
    path = [one.chosen for one in chosen]
    thought = max((name for name in THOUGHT if name in figures), key=lambda name: THOUGHT[name])
    best = max((name for name in figures if figures[name]["measured"] >= ENOUGH), key=lambda name: figures[name]["met"])
    begins = path[0] == thought and not chosen[0].own
    ends = path[-1] == best != thought and chosen[-1].own
    met = {"met_at_first": chosen[0].met, "met_at_last": chosen[-1].met}
    return [
        Condition("routing_begins_by_what_the_admin_thinks", begins, {"chosen": path[0]}),
        Condition("routing_follows_the_figures", ends, {"path": path, "best": best, **met}),
        Condition("it_got_better", chosen[-1].met > chosen[0].met, dict(met)),
    ]
