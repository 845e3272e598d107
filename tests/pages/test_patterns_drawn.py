"""How repeats and hand-overs stand in the graph of a workflow and of a run."""

import pytest

from orchestration.explain import graph
from orchestration.models import StepRun
from tests.agents.conftest import said as said
from tests.agents.drawn import agent
from tests.agents.test_handing_over import INPUT, OVER, REFUND, WAYS
from tests.cast import Cast
from tests.flow.drawn import carry_on, start, step
from tests.flow.test_repeats import again
from tests.loopback import Provider
from tests.pages.conftest import Look
from tests.pages.rows import spec
from tests.pages.test_graph import draw, place

pytestmark = pytest.mark.django_db


def test_a_hand_over_is_a_line_past_what_stands_between() -> None:
    ways = [{"to": "end"}]
    for drawing in draw([spec("ask", "agent", hands_over=ways), spec("one"), spec("end")]):
        (line,) = [edge for edge in drawing.edges if edge.kind == "hand"]
        ask, end = place(drawing, "ask"), place(drawing, "end")
        assert line.path.startswith(f"M{ask.x + ask.width // 2} {ask.bottom}") or line.path.startswith(f"M{ask.right}")
        assert line.path.endswith(f"V{end.bottom}") or line.path.endswith(f"H{end.right}")
        assert max(one.bottom for one in drawing.nodes) < drawing.height
    plain = draw([spec("ask", "agent"), spec("one"), spec("end")])
    assert not [edge for drawing in plain for edge in drawing.edges if edge.kind == "hand"]


def test_a_repeat_is_a_frame_with_what_is_inside_or_one_node() -> None:
    document = [spec("again", "repeat", until="true", rounds=2, steps=[spec("write")]), spec("end")]
    open_, folded = draw(document)[0], draw(document, fold=True)[0]
    assert [one.node.key for one in folded.nodes] == [graph.BEGIN, "again", "end"]
    assert len(open_.frames) == 1
    assert "each round" in [word.text for word in open_.words]


def test_the_page_of_a_run_shows_where_it_was_handed_over(cast: Cast, look: Look, said: Provider) -> None:
    said.says = [OVER]
    line = [agent(hands_over=[*WAYS, {"to": "end"}]), step("answer"), REFUND, step("end")]
    run = carry_on(start(cast, *line, input=INPUT, given={"question": "Where?"}))
    seen = look(cast.adam, f"/runs/{run.pk}/")
    drawing = seen.context["drawings"][0]
    states = {one.node.key: one.node.state for one in drawing.nodes}
    assert (states["ask"], states["answer"], states["refund"]) == ("done", "skip", "done")
    assert [edge.state for edge in drawing.edges if edge.kind == "hand"] == ["done", "skip"]
    assert "handed over to Refund" in seen.text
    assert "The run went another way." in look(cast.adam, f"/runs/{run.pk}/?step=answer").text


def test_the_page_of_a_run_lists_rounds_and_opens_one(cast: Cast, look: Look) -> None:
    run = carry_on(start(cast, again(rounds=3)))
    around = StepRun.objects.get(run=run, step__key="again")
    seen = look(cast.adam, f"/runs/{run.pk}/?step=again")
    assert "Rounds" in seen.text
    assert "3 rounds" in seen.html
    assert f"item={around.pk}~1" in seen.html
    opened = look(cast.adam, f"/runs/{run.pk}/?step=again&item={around.pk}~1")
    assert "Steps of this round" in opened.text
    inside = look(cast.adam, f"/runs/{run.pk}/?step=write&item={around.pk}~1&tab=output")
    assert "aa" in inside.text
    assert look(cast.adam, f"/runs/{run.pk}/?step=write&item={around.pk}.1").status == 200
