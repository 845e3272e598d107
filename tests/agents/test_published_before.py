"""Agents of versions that were published before calls were step runs: the migration gives them what they may call."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestration import plans
from orchestration.models import Run, Step, StepGroup
from reviews.models import Review
from tests import tools
from tests.agents.drawn import ANSWER, agent, asker, asks, calls, stand
from tests.cast import Cast
from tests.flow.drawn import REVIEW, Spec, begin, carry_on, publish, step
from tests.flow.hands import approve
from tests.loopback import Provider

pytestmark = pytest.mark.django_db

READS = ["test.say", "test.hold"]
FIELDS = ("key", "name", "kind", "purpose", "owner_id", "owner_group_id", "branch", "role", "parent__key", "spec")


def migrate() -> None:
    migration = import_module("orchestration.migrations.0023_calls_of_published")
    migration.as_they_stood(apps, SimpleNamespace(connection=connection))
    plans.forget()


def as_it_was() -> None:
    """Versions hold what stands in their documents, and no more."""
    Step.objects.filter(role="call").delete()
    plans.forget()


def rows() -> list[tuple[object, ...]]:
    return list(Step.objects.filter(role="call").order_by("version", "position").values_list(*FIELDS))


def rights() -> list[tuple[object, ...]]:
    found = StepGroup.objects.filter(step__role="call")
    return sorted(found.values_list("step__version__number", "step__key", "group__name", "may"))


def older(**more: Any) -> Spec:
    """An agent as documents knew it: with tools alone."""
    return {name: value for name, value in {**agent(tools=list(READS)), **more}.items() if name != "call_review"}


def test_the_steps_are_those_that_publishing_makes_today(cast: Cast) -> None:
    inside = step("both", "parallel", branches=[{"name": "A", "steps": [older(key="look")]}])
    publish(cast, older(data="internal"), inside, older(key="lone", tools=[]))
    publish(cast, older(owner={"group": "reviewer"}, key="a" * 55))
    made, may = rows(), rights()
    assert len(made) == 6
    as_it_was()
    migrate()
    assert rows() == made
    assert rights() == may
    assert Step.objects.filter(role="call", position=0).count() == 0


def test_a_second_time_changes_nothing_and_later_versions_are_left_alone(cast: Cast) -> None:
    publish(cast, older())
    as_it_was()
    publish(cast, agent(asks={"group": "reviewer"}))
    kept = rows()
    migrate()
    assert [one for one in rows() if one in kept] == kept
    assert len(rows()) == len(kept) + 2
    migrate()
    assert len(rows()) == len(kept) + 2


def test_two_tools_that_a_model_could_not_tell_apart_are_one_step(cast: Cast) -> None:
    publish(cast, older())
    as_it_was()
    one = Step.objects.get(key="ask")
    Step.objects.filter(pk=one.pk).update(spec={**one.spec, "tools": ["test.say", "test_say", "test.hold"]})
    migrate()
    found = Step.objects.filter(role="call").order_by("position")
    assert [row.spec["tool"] for row in found] == ["test.say", "test.hold"]


def test_its_queries_do_not_grow_with_the_versions(cast: Cast) -> None:
    counts = []
    for more in (1, 4):
        for number in range(more):
            publish(cast, older(prompt=f"Find out {more} {number}."))
        as_it_was()
        with CaptureQueriesContext(connection) as queries:
            migrate()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _waiting(cast: Cast) -> Run:
    """A run whose agent waits for a person before it begins, in a version as it was."""
    run = carry_on(begin(cast, publish(cast, older(review=REVIEW))))
    as_it_was()
    assert asker(run).status == "waiting"
    return run


def test_a_run_that_waits_at_such_an_agent_goes_on_with_its_tools(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_say", {"word": "card"})), ANSWER]
    run = _waiting(cast)
    migrate()
    approve(cast, Review.objects.get())
    run = carry_on(run)
    assert (run.status, stand(run), tools.calls[0][1]) == ("done", ["done"], {"word": "card"})
    assert calls(run)[0].step.role == "call"


def test_without_it_the_agent_finds_no_tool(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_say", {"word": "card"})) for _ in range(3)]
    run = _waiting(cast)
    approve(cast, Review.objects.get())
    assert (carry_on(run).status, tools.calls) == ("failed", [])


def test_a_run_that_begins_at_an_older_version_goes_on(cast: Cast, said: Provider) -> None:
    said.says = [asks(("test_say", {"word": "card"})), ANSWER]
    workflow = publish(cast, older())
    as_it_was()
    migrate()
    run = carry_on(begin(cast, workflow))
    assert (run.status, stand(run)) == ("done", ["done"])
