"""The work of the farm: one workflow for each data class and risk tier, and one for each kind of budget."""

import itertools
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from audit.actors import person
from orchestration import engine, workflows
from orchestration.models import Run, StepRun, Workflow
from orchestration.routing.candidates import CLASSES
from orchestration.states import RiskTier
from tests.bench import workspace
from tests.farm.servers import PLANTED
from tests.routing.farm import MARK

SAID = {"type": "object", "required": ["said"], "properties": {"said": {"type": "string"}}}
RIGHT = {"name": "It says the word", "kind": "cel", "expression": "output.said == input.word"}
WEIGHTS = {"quality": 50, "cost": 50}
LETTER = "Please read this line with care and then say the word. "
LONG = 130  # times the letter: more than the server `narrow` can read
GIVEN = {"word": "input.word", "letter": "input.letter", "run": "run.id"}
INPUT = {
    "type": "object",
    "required": ["word", "letter"],
    "properties": {"word": {"type": "string"}, "letter": {"type": "string", "maxLength": 20_000}},
}

type Spec = dict[str, Any]


def step(key: str, data: str, tier: str, *, kind: str = "model", **more: Any) -> Spec:
    """A step that asks for a word."""
    routing = {"tags": ["farm"], "regions": ["eu", "own"], "weights": WEIGHTS, "languages": ["en"]}
    routing |= {"output_tokens": 100} | more.pop("routing", {})
    usual: Spec = {
        "key": key,
        "name": key.capitalize(),
        "kind": kind,
        "purpose": "Say the word.",
        "owner": {"user": workspace.OWNER},
        "model": "any",
        "routing": routing,
        "prompt": f"{MARK}{data} {tier}. Say the word.",
        "input": GIVEN,
        "output": SAID,
        "data": data,
        "limits": {"seconds": 30},
        "permission": {"see": ["bench"], "run": ["bench"]},
        "review": {"waiver": "Its answer goes nowhere."},
        "metrics": [RIGHT],
    }
    return usual | more


def publish(slug: str, tier: str, *steps: Spec, **more: Any) -> Workflow:
    """A workflow of these steps."""
    owner = workspace.person_called(workspace.OWNER)
    groups = {act: ["bench"] for act in ("see", "start", "decide", "manage")}
    document: Spec = {
        "slug": slug,
        "name": slug,
        "purpose": "Ask whichever model may do it.",
        "risk": tier,
        "owner": workspace.OWNER,
        "groups": groups,
        "title": f"'{slug}'",
        "input": INPUT,
        "steps": list(steps),
    }
    version = workflows.publish(json.dumps(document | more), actor=person(owner), by=owner)
    return Workflow.objects.select_related("current").get(pk=version.workflow_id)


def plain(prefix: str, **routing: Any) -> list[Workflow]:
    """One for each class and tier."""
    made = []
    for data, tier in itertools.product(CLASSES, RiskTier.values):
        made.append(publish(f"{prefix}-{data}-{tier}", tier, step("ask", data, tier, routing=routing)))
    return made


def limited() -> list[Workflow]:
    """Two that ask a server with a limit first, and another one while that is at its limit."""
    names, routing = ("crowded", "scarce"), {"tags": ["limited", "farm"], "weights": {"quality": 10, "cost": 90}}
    return [
        publish(
            f"farm-{name}",
            "limited",
            step("ask", "internal", "limited", routing={**routing, "among": [f"farm/{name}", "farm/slow"]}),
        )
        for name in names
    ]


def letter(number: int) -> dict[str, str]:
    """The input of a run: every third carries somebody's address, every ninth a key, every tenth is long."""
    text = LETTER * (LONG if number % 10 == 0 else 1)
    if number % 9 == 4:
        text += PLANTED["confidential"]
    elif number % 3 == 1:
        text += PLANTED["personal"]
    return {"word": f"word {number}", "letter": text}


def start(workflows_: Iterable[Workflow], runs: int, given: Callable[[int], dict[str, Any]] = letter) -> list[int]:
    """So many runs of each, in turn. Their ids."""
    owner, each = workspace.person_called(workspace.OWNER), list(workflows_)
    actor, ids = person(owner), []
    for number in range(runs):
        for workflow in each:
            ids.append(engine.start(workflow, given(number), actor=actor, started_by=owner).pk)
    return ids


def wait(ids: list[int], limit: float) -> float:
    """Wait until each has ended or waits for a person. The seconds that took."""
    began = time.monotonic()
    while busy(ids):
        if time.monotonic() - began > limit:
            left = StepRun.objects.filter(run__in=Run.objects.live(), run_id__in=ids).exclude(status="done")
            raise SystemExit(f"Not done after {limit:.0f} s: {list(left.values('run', 'status', 'error')[:5])}")
        time.sleep(0.2)
    return time.monotonic() - began


def busy(ids: list[int]) -> bool:
    """Whether any of them still has something to do by itself."""
    own = Run.objects.live().filter(pk__range=(ids[0], ids[-1]))
    asked = StepRun.objects.filter(status="waiting", awaits="outcome").values("run")
    return own.exclude(pk__in=asked).exists()
