"""How steps are drawn: where each kind stands, which lines lead where, and that nothing covers anything."""

from itertools import combinations
from typing import Any

import pytest

from orchestration.explain import blocks, graph
from orchestration.explain.shapes import Drawing, Placed
from tests.pages.rows import ASKED, Spec, decision, parallel, spec, steps_of

EVERYTHING: list[Spec] = [
    spec("read", "model"),
    parallel(
        "check", join={"quorum": 2}, cover=[spec("cover")], photos=[spec("photos", "model")], fraud=[spec("fraud")]
    ),
    decision(
        "how", settle=[spec("amount"), decision("large", yes=[spec("second", "agent")], no=[])], refuse=[spec("no")]
    ),
    spec("each", "map", over="input.lines", steps=[spec("line", "model"), spec("book")]),
    spec("offer", "person", review=ASKED, releases=["send", "pay"]),
    spec("send", compensate=spec("recall"), fallback=spec("post", review=ASKED)),
    spec("pay", "workflow", workflow="payments"),
    spec("pause", "wait", for_seconds=60),
    spec("outcome", "outcome"),
]


def draw(document: list[Spec], **how: Any) -> tuple[Drawing, Drawing]:
    found = graph.nodes(steps_of(document), "Form", **how)
    return graph.across(found), graph.down(found)


def place(drawing: Drawing, key: str, *, gate: bool = False) -> Placed:
    return next(p for p in drawing.nodes if p.node.key == key and p.node.gate == gate)


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_covers_anything_and_all_is_inside(number: int) -> None:
    drawing = draw(EVERYTHING)[number]
    for one, other in combinations(drawing.nodes, 2):
        apart = one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
        assert apart, (one.node.name, other.node.name)
    assert min(p.x for p in drawing.nodes) >= 0 <= min(p.y for p in drawing.nodes)
    assert max(p.right for p in drawing.nodes) <= drawing.width
    assert max(p.bottom for p in drawing.nodes) <= drawing.height


def test_branches_stand_above_each_other_and_are_joined() -> None:
    wide, _ = draw([parallel("check", a=[spec("one")], b=[spec("two"), spec("three")]), spec("end")])
    one, two, three, end = (place(wide, key) for key in ("one", "two", "three", "end"))
    assert one.x == two.x < three.x < end.x
    assert one.bottom < two.y == three.y
    assert [word.text for word in wide.words] == ["a", "b", "all"]


def test_branches_stand_beside_each_other_on_a_phone() -> None:
    _, tall = draw([decision("how", a=[spec("one")], b=[spec("two")]), spec("end")])
    one, two, end = (place(tall, key) for key in ("one", "two", "end"))
    assert one.right < two.x
    assert one.y == two.y < end.y
    assert tall.width <= 334


def test_the_name_of_each_branch_stands_on_its_line() -> None:
    wide, _ = draw([decision("how", settle=[spec("amount")], refuse=[])])
    assert [word.text for word in wide.words] == ["settle", "refuse"]


@pytest.mark.parametrize(("join", "said"), [("all", "all"), ("any", "any"), ({"quorum": 2}, "2 of 3")])
def test_a_join_says_what_it_waits_for(join: Any, said: str) -> None:
    wide, _ = draw([parallel("check", join, a=[spec("one")], b=[spec("two")], c=[spec("three")])])
    assert [word.text for word in wide.words if word.join] == [said]


def test_a_map_is_one_node_when_folded_and_a_frame_when_not() -> None:
    document = [spec("each", "map", steps=[spec("line")]), spec("end")]
    open_, folded = draw(document)[0], draw(document, fold=True)[0]
    assert [p.node.key for p in folded.nodes] == [graph.BEGIN, "each", "end"]
    assert not folded.frames
    (frame,) = open_.frames
    line = place(open_, "line")
    assert frame.x < line.x < line.right < frame.x + frame.width


def test_a_fallback_stands_below_with_a_dashed_line_and_goes_on() -> None:
    wide, _ = draw([spec("send", fallback=spec("post")), spec("end")])
    send, post = place(wide, "send"), place(wide, "post")
    assert (send.x, send.bottom) == (post.x, post.y - 22)
    assert [edge.kind for edge in wide.edges].count("fall") == 1
    assert len(wide.edges) == 4


def test_what_undoes_a_step_stands_above_it_and_leads_nowhere() -> None:
    wide, _ = draw([spec("send", compensate=spec("recall")), spec("end")])
    assert place(wide, "recall").bottom < place(wide, "send").y
    assert [edge.kind for edge in wide.edges].count("undo") == 1
    assert len(wide.edges) == 3


def test_what_stands_beside_is_left_out_when_asked() -> None:
    document = [spec("send", compensate=spec("recall"), fallback=spec("post"))]
    found = graph.nodes(steps_of(document), "Form", beside=lambda step: step.key == "post")
    assert [node.key for node in blocks.flat(found)] == [graph.BEGIN, "send", "post"]


def test_a_person_is_one_hexagon_that_says_what_it_releases() -> None:
    wide, _ = draw([spec("offer", "person", review=ASKED, releases=["send"]), spec("send", review=ASKED)])
    assert [(p.node.name, p.node.gate) for p in wide.nodes[1:]] == [
        ("Offer", True),
        ("Approve: Send", True),
        ("Send", False),
    ]
    assert wide.nodes[1].node.under == "releases 1 step"


@pytest.mark.parametrize(
    ("kind", "shape"), [("decision", "sign"), ("map", "pile"), ("workflow", "inset"), ("wait", "pill"), ("tool", "box")]
)
def test_each_kind_has_a_shape(kind: str, shape: str) -> None:
    inner = {"branches": [{"name": "a", "steps": []}]} if kind == "decision" else {}
    found = graph.nodes(steps_of([spec("one", kind, **inner)]), "Form", fold=True)
    assert list(blocks.flat(found))[1].shape == shape


def test_nodes_grow_narrow_before_a_graph_grows_wide() -> None:
    few, _ = draw([spec(f"s{number}") for number in range(3)])
    some, _ = draw([spec(f"s{number}") for number in range(7)])
    many, _ = draw([spec(f"s{number}") for number in range(20)])
    assert [drawing.nodes[0].width for drawing in (few, some, many)] == [118, 84, 108]
    assert few.width < some.width < 790 < many.width


def test_a_long_name_stands_on_two_lines() -> None:
    wide, _ = draw([spec("one", name="Answer the customer")])
    assert [text.text for text in wide.nodes[1].texts] == ["Answer the", "customer"]


def test_two_hundred_steps_in_eight_levels_are_drawn() -> None:
    deep = [spec("inmost")]
    for level in range(7):
        deep = [parallel(f"fork{level}", a=deep, b=[spec(f"other{level}")])]
    wide, tall = draw([*deep, *(spec(f"s{number}") for number in range(190))])
    assert len(wide.nodes) == len(tall.nodes) == 206
