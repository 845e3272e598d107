"""The catalog: rows for what there is here, secrets by name alone, and nothing that is off is called."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import COMMAND, person
from audit.models import Event
from orchestration import catalog, jobs
from orchestration.models import Model, StepRun, Tool
from orchestration.states import ToolStatus
from reviews import decisions
from tests import tools as calls
from tests.cast import Cast, carry_out_all
from tests.clock import jump
from tests.fakes import FakeModels
from tests.flow.drawn import start, step


@pytest.fixture
def rows(db: None) -> int:
    return catalog.bring_in_line(actor=COMMAND)


def off(entry: Model | Tool, cast: Cast) -> None:
    if isinstance(entry, Model):
        catalog.suspend(entry, actor=person(cast.adam))
    else:
        catalog.switch(entry, ToolStatus.OFF, actor=person(cast.adam))


def test_a_new_installation_has_rows_for_what_is_built_in(rows: int) -> None:
    assert set(Model.objects.values_list("name", "status")) == {
        ("handrail/intent", "approved"),
        ("handrail/invoice", "approved"),
        ("handrail/scripted", "approved"),
        ("handrail/unplugged", "approved"),
    }
    send = Tool.objects.get(name="email.send")
    assert (send.title, send.version, send.effect, send.leaves_house) == ("Send an e-mail", 1, "write", True)
    assert rows == Model.objects.count() + Tool.objects.count()


def test_the_clock_brings_it_in_line_by_itself(db: None) -> None:
    catalog.keep_in_line()
    assert Tool.objects.filter(name="email.send").exists()
    assert Event.objects.filter(kind="tool.approved", actor_kind="clock").exists()


def test_doing_it_again_changes_nothing(rows: int, cast: Cast) -> None:
    off(Tool.objects.get(name="email.send"), cast)
    before = Event.objects.count()
    assert catalog.bring_in_line(actor=COMMAND) == 0
    assert Event.objects.count() == before
    assert Tool.objects.get(name="email.send").status == "off"


def test_what_a_tool_says_of_itself_follows_its_code_and_is_recorded(rows: int) -> None:
    Tool.objects.filter(name="email.send").update(version=7, leaves_house=False)
    assert catalog.bring_in_line(actor=COMMAND) == 1
    assert Tool.objects.get(name="email.send").version == 1
    assert Event.objects.get(kind="tool.changed").data["was"]["version"] == 7


def test_what_is_built_in_is_approved_for_everything_and_costs_what_it_says(rows: int) -> None:
    row = Model.objects.get(name="handrail/intent")
    assert (row.status, row.ceiling, row.region, row.tiers) == (
        "approved",
        "special",
        "own",
        ["minimal", "limited", "high"],
    )
    assert (row.price_in, row.price_out) == (Decimal(2), Decimal(4))
    assert row.stands_as_signed
    Model.objects.filter(pk=row.pk).update(price_in=9)
    assert catalog.bring_in_line(actor=COMMAND) == 1
    assert Event.objects.get(kind="model.changed").data["now"]["price_in"] == "2.000000"


def test_the_model_that_the_host_names_has_a_row_with_the_name_of_its_key(db: None, settings: Any) -> None:
    settings.HANDRAIL_MODEL = "openai/gpt-x"
    catalog.bring_in_line(actor=COMMAND)
    row = Model.objects.get(name="openai/gpt-x")
    assert (row.variable, row.status, row.ceiling) == ("OPENAI_API_KEY", "approved", "personal")


@pytest.mark.parametrize(
    "secret",
    ["sk-proj-abc123", "env:sk-abc", "env:AKIAIOSFODNN7EXAMPLE", "OPENAI_API_KEY", "env:", "env:lower", "env:A B"],
)
def test_a_secret_itself_is_refused_and_not_repeated(rows: int, secret: str) -> None:
    model = Model.objects.get(name="handrail/intent")
    model.secret = secret
    with pytest.raises(ValidationError) as caught:
        model.full_clean()
    assert secret not in str(caught.value) or secret in {"env:", "OPENAI_API_KEY"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Model.objects.filter(pk=model.pk).update(secret=secret)


@pytest.mark.parametrize("secret", ["", "env:OPENAI_API_KEY", "env:TOKEN", "env:A1_B2"])
def test_the_name_of_a_variable_is_taken(rows: int, secret: str) -> None:
    model = Model.objects.get(name="handrail/intent")
    model.secret = secret
    model.full_clean()
    model.save()


def test_a_tool_that_is_off_is_not_called(cast: Cast, rows: int) -> None:
    run = start(cast, step("a"))
    off(Tool.objects.get(name="test.say"), cast)
    jobs.advance()
    (held,) = StepRun.objects.filter(run=run)
    assert (held.status, held.error) == ("failed", "The tool test.say is switched off here.")
    assert not [key for *_, key in calls.calls if key.startswith(f"run-{run.pk}-")]
    assert held.attempts.get().result == "failed"


def test_a_model_that_is_off_is_not_asked(cast: Cast, rows: int, models: FakeModels) -> None:
    off(Model.objects.get(name="handrail/scripted"), cast)
    run = cast.start()
    carry_out_all()
    draft = StepRun.objects.get(run=run, step__key="draft")
    assert (draft.status, draft.awaits) == ("waiting", "outcome")
    told = "No model may do this. handrail/scripted: nobody has approved it."
    assert (draft.question or {})["unknown"] == told
    assert models.scripted.calls == 0


def test_an_email_that_was_approved_is_not_sent_once_the_tool_is_off(cast: Cast, rows: int, models: FakeModels) -> None:
    review = cast.waiting()
    shown: dict[str, Any] = {"version": review.version, "shown_hash": review.content_hash}
    decisions.decide(review.pk, by=cast.rita, verdict="approved", **shown)
    off(Tool.objects.get(name="email.send"), cast)
    jump(seconds=30)
    carry_out_all()
    send = StepRun.objects.get(run=review.run, step__key="send")
    assert (send.status, send.error) == ("failed", "The tool email.send is switched off here.")


def test_switched_on_again_it_is_called(cast: Cast, rows: int) -> None:
    tool = Tool.objects.get(name="test.say")
    off(tool, cast)
    catalog.switch(tool, ToolStatus.APPROVED, actor=person(cast.adam))
    run = start(cast, step("a"))
    jobs.advance()
    assert StepRun.objects.get(run=run).status == "done"
    kinds = (
        Event.objects.filter(object_type="tool", object_id=str(tool.pk)).order_by("pk").values_list("kind", flat=True)
    )
    assert list(kinds) == ["tool.approved", "tool.off", "tool.approved"]


def test_looking_costs_one_query_a_second_however_many_steps(cast: Cast, rows: int) -> None:
    catalog.forget()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for _ in range(50):
            catalog.look()
    assert len(asked) == 1
