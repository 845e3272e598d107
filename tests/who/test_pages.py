"""The pages of who decides: the lead's with the same number of queries at any size, the editor's part, readiness."""

from typing import Any

import pytest
import yaml
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from audit import people
from audit.actors import COMMAND
from orchestration import drafts, readiness
from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.reviews import Review as ReviewWidget
from orchestration.editing.widgets.widget import Choices, Wrong
from orchestration.explain import whom
from orchestration.models import Workflow
from reviews.models import Review
from reviews.who import holders
from tests import clock
from tests.cast import Cast
from tests.flow import drawn
from tests.reviews.conftest import Browse
from tests.who.asked import RIGHTS, somebody, start, waiting, workflow

pytestmark = pytest.mark.django_db
LEADS = {**RIGHTS, "see": ["reviewer", "manager", "admin"]}


def test_a_lead_sees_who_has_how_much_and_what_is_late(cast: Cast, browse: Browse) -> None:
    of = workflow(cast, groups=LEADS, assign="least_loaded")
    for _ in range(3):
        start(cast, of)
    clock.jump(seconds=3700)
    text = " ".join(browse(cast.adam).get("/team/").text.split())
    assert "3 late" in text
    assert "Rita Bauer" in text
    assert browse(cast.rita).get("/team/").status_code == 404


def test_the_leads_page_asks_as_much_whatever_waits(cast: Cast, browse: Browse) -> None:
    of = workflow(cast, groups=LEADS, assign="in_turn")
    start(cast, of)
    client = browse(cast.adam)
    few = _queries(client)
    for login in ("rosa", "rolf", "rudi"):
        somebody(login, "reviewer")
    for _ in range(6):
        start(cast, of)
    assert _queries(client) == few


def _queries(client: Any) -> int:
    client.get("/team/")
    holders.forget()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/team/")
    return len(asked)


def test_the_leads_lists_go_on_where_they_end(cast: Cast, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.who.team.SIZE", 2)
    of = workflow(cast, groups=LEADS, title="'Item ' + act.arguments.amount")
    made = [start(cast, of, str(amount)) for amount in (11, 12, 13)]
    client = browse(cast.adam)
    first = client.get("/team/").text
    assert [f"Item {n}" in first for n in (11, 12, 13)] == [True, True, False]
    later = client.get(f"/team/?late={made[1].pk}").text
    assert [f"Item {n}" in later for n in (11, 12, 13)] == [False, False, True]
    assert client.get("/team/?late=x&people=-1").status_code == 200


def sent(**fields: Any) -> QueryDict:
    query = QueryDict(mutable=True)
    usual = {"mode": "before", "group": "reviewer", "title": "'Look'"}
    for name, value in {**usual, **fields}.items():
        query.setlist(f"review.{name}", value if isinstance(value, list) else [value])
    return query


def test_the_editor_keeps_and_changes_places(cast: Cast) -> None:
    before = {**drawn.REVIEW, "then": [{"group": "manager", "if": "true"}], "of": 1, "side_by_side": True}
    assert ReviewWidget().read("review", sent(), before)["then"] == before["then"]  # a form without places
    rows = {
        "then.kind": ["person", "manager", ""],
        "then.name": ["ravi", "", ""],
        "then.if": ["", "input.x", ""],
        "then.skill": ["", "fraud", ""],
    }
    first = {f"who.{part}": [""] for part in ("kind", "name", "if", "skill")}
    made = ReviewWidget().read("review", sent(**rows, **first, of="2", assign="in_turn"), before)
    assert made["then"] == [{"person": "ravi"}, {"manager": True, "if": "input.x", "skill": "fraud"}]
    assert (made["of"], made["assign"], "side_by_side" in made) == (2, "in_turn", False)
    shown = ReviewWidget().show(made, Choices())["whom"]
    assert [row["kind"] for row in shown["then"]] == ["person", "manager", ""]


def test_the_editor_refuses_a_place_that_says_nobody(cast: Cast) -> None:
    rows = {"then.kind": ["group"], "then.name": [""], "then.if": [""], "then.skill": [""]}
    with pytest.raises(Wrong):
        ReviewWidget().read("review", sent(**rows), drawn.REVIEW)
    assert ReviewWidget().read("review", QueryDict(), None) is MISSING


def test_the_editors_page_shows_the_places(cast: Cast, browse: Browse) -> None:
    of = workflow(cast, groups=LEADS, then=[{"person": "ravi", "skill": "fraud"}], of=1)
    drafts.draft_of(of, by=cast.adam)
    text = browse(cast.adam).get("/workflows/books/draft/?step=book").text
    assert 'value="ravi"' in text
    assert 'value="fraud"' in text


def found(cast: Cast, **review: Any) -> list[str]:
    """What readiness says of the places of a review."""
    asked = {**drawn.REVIEW, **review}
    if "who" in asked:
        del asked["group"]
    text = drawn.source(drawn.step("book", review=asked), groups=RIGHTS)
    return [one.rule for one in readiness.check(text).findings if one.rule in ("places", "owner_place", "named")]


def test_readiness_finds_places_that_nobody_can_fill(cast: Cast) -> None:
    assert found(cast) == []
    assert found(cast, who={"person": "ravi"}) == []
    assert found(cast, who={"person": "noah"}) == ["places"]
    assert found(cast, who={"person": "nobody-here"}) == ["named"]
    assert found(cast, who={"manager": True}) == ["places"]
    people.give_manager(cast.adam, cast.mina, actor=COMMAND)
    assert found(cast, who={"manager": True}) == []
    assert found(cast, who={"group": "reviewer", "skill": "fraud"}) == ["places"]
    people.give_skills(cast.rita, ["fraud"], actor=COMMAND)
    assert found(cast, who={"group": "reviewer", "skill": "fraud"}) == []
    assert found(cast, who={"person": "rita"}, then=[{"person": "rita"}]) == ["places"]
    assert found(cast, who={"person": "rita"}, then=[{"person": "rita"}], of=1) == []


def test_readiness_warns_of_a_place_that_only_the_owner_could_fill(cast: Cast) -> None:
    people.join(cast.adam, cast.groups["reviewer"], actor=COMMAND)
    assert found(cast, who={"person": "adam"}) == ["owner_place"]


@pytest.mark.parametrize(
    "review",
    [
        {"who": {"group": "reviewer", "person": "rita"}},
        {"who": {}},
        {"then": [{"if": "true"}]},
        {"of": 3},
        {"assign": "by_dice"},
        {"who": {"holds": "rule"}},
        {"who": {"expr": "input."}},
    ],
)
def test_a_section_that_makes_no_sense_is_told_and_breaks_nothing(cast: Cast, review: dict[str, Any]) -> None:
    asked = {**drawn.REVIEW, **review}
    text = drawn.source(drawn.step("book", review=asked), groups=RIGHTS)
    assert readiness.check(text).blocking


def test_the_path_is_explained_in_sentences(cast: Cast) -> None:
    review = {
        "who": {"holds": "manage"},
        "then": [{"person": "ravi"}, {"manager": True}],
        "of": 2,
        "side_by_side": True,
    }
    assert whom.first(review) == "Everybody who manages the workflow"
    told = " ".join(whom.sentences({**review, "assign": "in_turn"}))
    assert "Beside them ravi approve: another person, on the same text." in told
    assert "2 of these 3 are enough." in told
    assert "They are given it in turn." in told


def test_the_page_of_a_workflow_explains_them(cast: Cast, browse: Browse) -> None:
    workflow(cast, groups=LEADS, who={"manager": True}, then=[{"group": "manager"}])
    assert "The manager of the workflow’s owner" in browse(cast.adam).get("/workflows/books/").text


def test_every_kind_of_place_is_shown_on_the_item_and_the_run(cast: Cast, browse: Browse) -> None:
    people.give_manager(cast.adam, cast.mina, actor=COMMAND)
    then = [{"person": "ravi"}, {"manager": True}, {"expr": "['rita', 'manager']"}, {"group": "manager", "skill": "x"}]
    review = waiting(cast, who={"holds": "decide"}, then=then, side_by_side=True, of=2)
    text = " ".join(browse(cast.rita).get(f"/inbox/{review.pk}/").text.split())
    for said in ("Everybody who may decide here", "Ravi Menon", "Mina Sato, the owner’s manager", "with the skill “x”"):
        assert said in text
    assert "2 of these 5 are enough." in text
    assert browse(cast.rita).get(f"/runs/{review.run_id}/").status_code == 200
    assert browse(cast.rita).get("/").status_code == 200
    assert browse(cast.rita).get(f"/inbox/{review.pk}/pass/").status_code == 200


def test_a_section_as_yaml_reads_as_it_is_written(cast: Cast) -> None:
    text = "{who: {manager: true}, then: [{expr: input.amount, skill: fraud}], of: 1, assign: least_loaded}"
    of = workflow(cast, **yaml.safe_load(text))
    assert Workflow.objects.get(pk=of.pk).current is not None
    assert Review.objects.count() == 0
