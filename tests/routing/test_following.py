"""Real questions of bank customers, sorted by models that really err: the choice follows what was measured.

The questions and their labels are of banking77 (PolyAI, CC BY 4.0), as the sample carries them.
"""

from collections.abc import Iterator

import pytest

from audit import sealer
from deploy.sample.train import QUESTIONS, TRAIN
from orchestration import jobs
from orchestration.models import ModelFigure, RoutingDecision, StepRun, Workflow
from orchestration.routing import figures
from orchestration.routing.asked import ENOUGH
from tests.cast import Cast
from tests.farm.neighbour import Neighbour, rows
from tests.flow import drawn
from tests.pages.conftest import Look
from tests.routing.farm import Server, farm

pytestmark = pytest.mark.django_db

TAUGHT, HASTY = "farm/taught", "farm/hasty"
LABEL = {"type": "object", "required": ["label"], "properties": {"label": {"type": "string"}}}
RIGHT = {"name": "The right label", "expression": "output.label == input.category"}
INPUT = {"type": "object", "properties": {"question": {"type": "string"}, "category": {"type": "string"}}}

type Questions = Iterator[tuple[str, str]]


@pytest.fixture
def triage(cast: Cast) -> Iterator[Workflow]:
    """A step for either of two models: the dear one that its admin thinks less of knows twenty times as much."""
    known = rows(TRAIN)
    taught = Server("taught", thinks=Neighbour(known), facts={"ceiling": "special", "price": 2, "quality": 0.6})
    hasty = Server("hasty", thinks=Neighbour(known[::20]), facts={"ceiling": "special", "price": 1, "quality": 0.9})
    routing = {"tags": ["farm"], "weights": {"quality": 90, "cost": 10}}
    step = drawn.step("sort", "model", model="any", routing=routing, prompt="Sort it.", metrics=[RIGHT], output=LABEL)
    with farm(taught, hasty):
        step["input"] = {"question": "input.question"}
        yield drawn.publish(cast, step, slug="triage", input=INPUT)


def sort(cast: Cast, workflow: Workflow, questions: Questions, times: int) -> RoutingDecision:
    """Let so many be sorted, and count what came of it. The last decision."""
    for (text, label), _ in zip(questions, range(times), strict=False):
        drawn.begin(cast, workflow, {"question": text, "category": label})
    jobs.advance()
    while sealer.seal():
        pass
    figures.count()
    figures.forget()
    return RoutingDecision.objects.latest("pk")


def test_the_choice_follows_the_figures_once_there_are_enough(cast: Cast, triage: Workflow, look: Look) -> None:
    questions = iter(rows(QUESTIONS))
    first = sort(cast, triage, questions, ENOUGH - 1)
    few = sort(cast, triage, questions, 1)
    assert {first.chosen, few.chosen} == {HASTY}  # by what its admin thinks
    after = sort(cast, triage, questions, ENOUGH)
    assert after.why.startswith(f"{TAUGHT} came first of 2, ")
    assert [(one[0], one[-1]) for one in after.ranked] == [(TAUGHT, False), (HASTY, True)]
    last = sort(cast, triage, questions, 1)
    assert [(one[0], one[-1]) for one in last.ranked] == [(TAUGHT, True), (HASTY, True)]
    share = {row.model: row.met / row.measured for row in ModelFigure.objects.all()}
    assert share[HASTY] < 0.5 < share[TAUGHT]
    assert ModelFigure.objects.get(model=HASTY).measured == ENOUGH
    page = look(cast.rita, "/models/figures/?workflow=triage").text
    assert f"{HASTY} {ENOUGH} {share[HASTY]:.0%} of {ENOUGH}" in page
    assert f"{TAUGHT} {ENOUGH + 1} " in page
    assert not StepRun.objects.exclude(status="done").exists()
