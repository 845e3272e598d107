"""A workspace's own patterns: set by people, looked for everywhere within a second, and never lowering anything."""

import asyncio
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Event, User
from orchestration import jobs
from orchestration.explain.trying import try_out
from orchestration.models import Pattern, Run, Step, StepRun
from orchestration.routing import classes, detectors
from orchestration.routing.patterns import keeping, looking
from orchestration.routing.patterns.keeping import CannotKeep, Clash, NotAllowed
from orchestration.routing.patterns.reading import BadPattern
from orchestration.routing.redaction import Cover
from orchestration.starts import CannotStart
from orchestration.states import DataClass, PatternStatus
from tests import tools
from tests.cast import Cast
from tests.flow import drawn
from tests.policies.conftest import PutInForce, a_rule
from tests.policies.conftest import ada as ada
from tests.policies.conftest import put_in_force as put_in_force
from tests.routing import world

pytestmark = pytest.mark.django_db
KD = r"KD-\d{6}"
WHY = "They name a person."


def add(cast: Cast, name: str = "customer-number", pattern: str = KD, data: str = "special") -> Pattern:
    return keeping.add(name, pattern, data, why=WHY, by=cast.adam)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_story_an_admin_sets_a_pattern_and_a_step_reads_it(house: Cast) -> None:
    """Through the page: tried first, then set; the next decision is of its class and says why."""
    world.decided(house)
    adam, said = as_user(house.adam), {"name": "customer-number", "pattern": KD, "level": "special", "why": WHY}
    tried = adam.post("/rules/patterns/new/", {**said, "text": "Ask KD-123456, not KD-1.", "try": "1"})
    assert (tried.status_code, Pattern.objects.count()) == (200, 0)
    assert "<mark>KD-123456</mark>" in tried.content.decode()
    step = Step.objects.get(version__workflow__slug="drawn", key="letter")
    given_input = dict.fromkeys(step.spec["input"], "About KD-123456")
    assert try_out(step, given_input, by=house.adam).decision.asked["data"] != "special"
    done = adam.post("/rules/patterns/new/", said, follow=True)
    assert "customer-number is looked for from now on." in done.content.decode()
    again = try_out(step, given_input, by=house.adam)
    assert (again.decision.asked["data"], again.decision.asked["sources"]) == ("special", ["found:customer-number"])
    assert "customer-number was found" in again.sources[0]
    event = Event.objects.get(object_type="pattern")
    assert (event.kind, event.data["now"]) == ("pattern.on", {"pattern": KD, "data": "special"})
    row = Pattern.objects.get()
    shown = adam.get(f"/rules/patterns/{row.pk}/").content.decode()
    assert "has the pattern customer-number looked for: They name a person" in shown


def test_what_a_rule_blacks_out_includes_them(cast: Cast, put_in_force: PutInForce) -> None:
    tools.forget()
    add(cast)
    put_in_force(a_rule("redact", "tool", then={"kinds": ["own"]}))
    takes = {"type": "object", "properties": {"word": {"type": "string"}}}
    drawn.start(cast, drawn.step("say", input={"word": "input.word"}), given={"word": "For KD-123456"}, input=takes)
    jobs.advance()
    assert [arguments["word"] for _, arguments, _ in tools.calls] == ["For [customer-number-1]"]


def test_they_count_where_a_run_starts(cast: Cast, put_in_force: PutInForce) -> None:
    add(cast)
    put_in_force(a_rule("deny", "start", match={"data_class": "special"}))
    takes = {"type": "object", "properties": {"word": {"type": "string"}}}
    with pytest.raises(CannotStart):
        drawn.start(cast, drawn.step("say"), given={"word": "For KD-123456"}, input=takes)
    assert drawn.start(cast, drawn.step("say"), slug="other", given={"word": "For KD-1"}, input=takes).pk


def test_one_that_is_off_finds_nothing_and_is_found_again(cast: Cast) -> None:
    row = add(cast)
    assert detectors.kinds("KD-123456") == {"customer-number": "special"}
    keeping.switch(row.pk, PatternStatus.OFF, why="It finds too much.", by=cast.adam)
    assert detectors.kinds("KD-123456") == {}
    keeping.switch(row.pk, PatternStatus.ON, why="It does not.", by=cast.adam)
    assert detectors.kinds("KD-123456") == {"customer-number": "special"}
    with pytest.raises(Clash):
        keeping.switch(row.pk, PatternStatus.ON, why="Once more.", by=cast.adam)
    kinds = list(Event.objects.filter(object_type="pattern").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["pattern.on", "pattern.off", "pattern.on"]


def test_a_change_is_recorded_with_was_and_now(cast: Cast) -> None:
    row = add(cast)
    seen = keeping.state_of(row)
    keeping.change(row.pk, "KD-[0-9]{8}", "personal", seen=seen, why="Longer now.", by=cast.adam)
    assert detectors.kinds("KD-123456 KD-12345678") == {"customer-number": "personal"}
    event = Event.objects.get(kind="pattern.changed")
    assert event.data["was"] == {"pattern": KD, "data": "special"}
    with pytest.raises(Clash):
        keeping.change(row.pk, KD, "special", seen=seen, why="Back.", by=cast.adam)


def test_a_second_costs_one_query(cast: Cast) -> None:
    add(cast)
    looking.forget()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(20):
            classes.classed("internal", {}, "KD-123456")
            Cover(["own"]).over("KD-123456")
    assert len(queries) == 1


def test_an_event_loop_has_what_was_looked_at_before(cast: Cast) -> None:
    add(cast)
    looking.look()

    async def cover() -> Any:
        return Cover(["own"]).over("KD-123456")

    with CaptureQueriesContext(connection) as queries:
        assert asyncio.run(cover()) == "[customer-number-1]"
    assert not len(queries)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("pattern", {"pattern": "(a"}),
        ("pattern", {"pattern": "a*"}),
        ("pattern", {"pattern": r"\b"}),
        ("pattern", {"pattern": ""}),
        ("pattern", {"pattern": r"(?=x)"}),
        ("pattern", {"pattern": "a\x00b"}),
        ("pattern", {"pattern": "x" * 501}),
        ("pattern", {"pattern": "((a{100}){100}){100}"}),
        ("name", {"name": "email"}),
        ("name", {"name": "own"}),
        ("name", {"name": "Not a name"}),
        ("name", {"name": ""}),
        ("data", {"data": "public"}),
        ("data", {"data": "none"}),
        ("why", {"why": "  "}),
        ("why", {"why": "x" * 501}),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(cast: Cast, field: str, said: dict[str, str]) -> None:
    given_form = {"name": "customer-number", "pattern": KD, "data": "special", "why": WHY} | said
    with pytest.raises(CannotKeep) as refused:
        keeping.add(**given_form, by=cast.adam)
    assert {name for name, _told in refused.value.problems} == {field}
    answer = as_user(cast.adam).post("/rules/patterns/new/", {**given_form, "level": given_form["data"]})
    assert (answer.status_code, Pattern.objects.count()) == (422, 0)
    shown = "level" if field == "data" else field
    assert f'id="id_{shown}_error"' in answer.content.decode()


def test_a_pattern_that_cannot_be_read_is_told_when_it_is_tried(cast: Cast) -> None:
    answer = as_user(cast.adam).post("/rules/patterns/new/", {"pattern": "(a", "text": "a", "try": "1"})
    assert answer.status_code == 422
    assert "It cannot be read: missing ): (a." in answer.content.decode()
    assert "id_why_error" not in answer.content.decode()


def test_only_those_who_may_change_rules_set_them(cast: Cast) -> None:
    row = add(cast)
    with pytest.raises(NotAllowed):
        keeping.add("another", "x{3}", "special", why=WHY, by=cast.mina)
    with pytest.raises(NotAllowed):
        keeping.change(row.pk, "x", "special", seen=keeping.state_of(row), why=WHY, by=cast.rita)
    with pytest.raises(NotAllowed):
        keeping.switch(row.pk, PatternStatus.OFF, why=WHY, by=cast.mina)
    User.objects.filter(pk=cast.adam.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        keeping.switch(row.pk, PatternStatus.OFF, why=WHY, by=cast.adam)


def test_a_name_is_taken_once_and_there_is_an_end_to_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    add(cast)
    with pytest.raises(CannotKeep, match="already"):
        add(cast)
    monkeypatch.setattr(keeping, "MOST", 1)
    with pytest.raises(CannotKeep, match="at the most"):
        add(cast, "another")


def test_two_who_change_it_at_once_lose_nothing(cast: Cast) -> None:
    row, client = add(cast), as_user(cast.adam)
    said = {"pattern": "KD-[0-9]{8}", "level": "personal", "why": "Longer now."}
    stale = client.post(f"/rules/patterns/{row.pk}/", {**said, "seen": "0" * 64})
    assert stale.status_code == 409
    assert "KD-[0-9]{8}" in stale.content.decode()
    empty = client.post(f"/rules/patterns/{row.pk}/switch/", {"to": "off", "why": ""})
    assert (empty.status_code, Pattern.objects.get().status) == (422, "on")


def test_one_that_can_be_read_no_longer_stops_what_looks(cast: Cast) -> None:
    Pattern.objects.filter(pk=add(cast).pk).update(pattern="(a")
    looking.forget()
    with pytest.raises(BadPattern, match="customer-number"):
        detectors.kinds("anything")


def test_a_run_whose_pattern_cannot_be_read_is_not_done(cast: Cast, put_in_force: PutInForce) -> None:
    put_in_force(a_rule("redact", "tool", then={"kinds": ["own"]}))
    tools.forget()
    run = drawn.start(cast, drawn.step("say"))
    Pattern.objects.filter(pk=add(cast).pk).update(pattern="(a")
    looking.forget()
    jobs.advance()
    assert tools.calls == []
    assert StepRun.objects.filter(run=run).first() is not None
    assert Run.objects.get(pk=run.pk).status != "done"


TEXTS = ("KD-123456", "ines@customer.example", "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", " and ", "tax ")
texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6).map("".join)
PATTERNS = (KD, r"[A-Z]{2}", r"\d+", r".+", r"ines", r"@[a-z.]+", r"3704 0044", r"[^@]+@")
own_ones = st.lists(
    st.tuples(st.sampled_from(PATTERNS), st.sampled_from(keeping.RAISING)), max_size=4, unique_by=lambda one: one[0]
)


@settings(max_examples=200, deadline=None)
@given(text=texts, more=own_ones)
def test_a_pattern_more_never_lowers_a_class_and_uncovers_nothing(text: str, more: list[tuple[str, str]]) -> None:
    made = [detectors.own(f"own-{number}", pattern, data) for number, (pattern, data) in enumerate(more)]
    before, after = classes.classed("", {}, text, ()), classes.classed("", {}, text, made)
    assert DataClass(after.name).rank >= DataClass(before.name).rank
    wanted = ["email", "iban", "card", "own"]
    plain, covered = (detectors.find(text, some, wanted) for some in ((), made))
    hidden = {place for one in covered for place in range(one.start, one.end)}
    assert {place for one in plain for place in range(one.start, one.end)} <= hidden
    for one in made:
        assert {place for found in one.found(text) for place in range(found.start, found.end)} <= hidden


def test_names_of_fields_and_numbers_are_covered_too() -> None:
    cover = Cover(["email", "card"])
    value = {"ines@customer.example": 4111111111111111, "n": 5, "ok": True}
    assert cover.over(value) == {"[email-1]": "[card-1]", "n": 5, "ok": True}
    deep: Any = "ines@customer.example"
    for _ in range(150):
        deep = [deep]
    assert "ines@" not in str(cover.over(deep))
