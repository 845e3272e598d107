"""Another workflow's end starts a run: once for each ended run, and never in a circle."""

import pytest

from audit import grants, sealer
from audit.actors import COMMAND, person
from orchestration import control
from orchestration.models import Run, Trigger, TriggerFire, Workflow
from orchestration.states import FireResult
from orchestration.subworkflows import DEEPEST
from orchestration.triggers import chains, keeping
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.triggers.conftest import clocked, following

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def first(cast: Cast) -> Workflow:
    """A workflow whose runs end well."""
    end = drawn.step("end", "outcome", label="'sold'", success="true")
    return drawn.publish(cast, drawn.step("say"), end, slug="first")


def let_it_follow() -> None:
    """What worker and clock do in turn, until nothing is left."""
    for _ in range(2 * DEEPEST):
        carry_out_all()
        while sealer.seal():
            pass
        chains.follow()


def test_a_run_that_is_done_starts_another_once(cast: Cast, first: Workflow) -> None:
    trigger = following(cast, first, clocked(cast), outcome="sold")
    run = drawn.begin(cast, first)
    let_it_follow()
    after = Run.objects.get(trigger=trigger)
    assert (after.input, after.started_by, after.depth) == ({"at": f"after {run.pk}"}, cast.adam, 1)
    assert TriggerFire.objects.get().key == f"run:{run.pk}"


def test_a_clock_that_lost_its_place_starts_nothing_twice(cast: Cast, first: Workflow) -> None:
    trigger = following(cast, first, clocked(cast))
    drawn.begin(cast, first)
    let_it_follow()
    Trigger.objects.filter(pk=trigger.pk).update(place=-1)
    chains.follow()
    assert Run.objects.filter(trigger=trigger).count() == 1


def test_it_follows_only_the_end_and_the_outcome_that_it_names(cast: Cast, first: Workflow) -> None:
    made = clocked(cast)
    following(cast, first, made, outcome="returned")
    following(cast, first, made, ends="failed")
    cancelled = following(cast, first, made, ends="cancelled")
    drawn.begin(cast, first)
    let_it_follow()
    assert not TriggerFire.objects.exists()
    control.cancel_run(drawn.begin(cast, first), actor=person(cast.adam), why="No.")
    let_it_follow()
    assert TriggerFire.objects.get().trigger == cancelled


def test_what_ended_before_or_while_it_was_paused_does_not_count(cast: Cast, first: Workflow) -> None:
    drawn.begin(cast, first)
    let_it_follow()
    trigger = following(cast, first, clocked(cast))
    let_it_follow()
    keeping.pause(trigger, actor=person(cast.adam))
    drawn.begin(cast, first)
    let_it_follow()
    keeping.go_on(trigger, actor=person(cast.adam))
    let_it_follow()
    assert not TriggerFire.objects.exists()
    drawn.begin(cast, first)
    let_it_follow()
    assert TriggerFire.objects.count() == 1


def test_a_circle_ends(cast: Cast) -> None:
    one, two = clocked(cast, "one"), clocked(cast, "two")
    following(cast, one, two)
    following(cast, two, one)
    drawn.begin(cast, one, {"at": "the beginning"})
    let_it_follow()
    assert sorted(Run.objects.values_list("depth", flat=True)) == list(range(DEEPEST + 1))
    last = TriggerFire.objects.order_by("-pk")[0]
    assert (last.result, "started one another" in last.told) == (FireResult.REFUSED, True)


def test_an_owner_who_may_not_see_the_other_workflow_carries_nothing_over(cast: Cast, first: Workflow) -> None:
    following(cast, first, clocked(cast))
    drawn.begin(cast, first)
    grants.revoke("view_workflow", cast.groups["admin"], first, actor=COMMAND)
    let_it_follow()
    fire = TriggerFire.objects.get()
    assert (fire.result, "may not see runs" in fire.told) == ("refused", True)


def test_an_ended_run_that_breaks_us_holds_nobody_up(
    cast: Cast, first: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    following(cast, first, clocked(cast))
    drawn.begin(cast, first)
    with monkeypatch.context() as patch:
        patch.setattr(chains, "scope_of", lambda run: 1 / 0)
        let_it_follow()
    assert TriggerFire.objects.get().result == "failed"
    drawn.begin(cast, first)
    let_it_follow()
    assert TriggerFire.objects.filter(result="started").count() == 1


def test_the_result_is_read(cast: Cast, first: Workflow) -> None:
    trigger = following(cast, first, clocked(cast))
    trigger.config["mapping"] = {"at": "outcome + (run.succeeded ? ' well ' : ' badly ') + result.label"}
    keeping.change(trigger, keeping.Wanted(trigger.name, trigger.config, first), by=cast.adam)
    drawn.begin(cast, first)
    let_it_follow()
    assert Run.objects.get(trigger=trigger).input == {"at": "sold well sold"}
