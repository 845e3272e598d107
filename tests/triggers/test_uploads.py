"""Uploads: what a row becomes, what is wrong with it, and one run for each row, whoever is at work on them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from audit import grants, people
from audit.actors import COMMAND, person
from audit.models import Event
from orchestration import control, engine, turns
from orchestration.batches import keeping, pieces, progress, results, values
from orchestration.batches.keeping import BadMapping, CannotUpload
from orchestration.models import Run, Trigger, TriggerFire, Upload, UploadRow, Workflow
from orchestration.starts import BadInput
from orchestration.states import WorkflowStatus
from orchestration.triggers import keeping as triggers
from tests.cast import Cast, carry_out_all
from tests.triggers.sheets import PEOPLE, SCHEMA, all_pieces, begun, checked, counted, numbers, sent


def results_of(upload: Upload) -> str:
    read, text, after = results.of(upload, upload.by), "", -1
    while (found := read(after)) is not None:
        piece, after = found
        text += piece
    return text


def wrong(upload: Upload) -> dict[int, list[list[str]]]:
    return {row.line: row.problems or [] for row in upload.rows.filter(problems__isnull=False)}


def test_columns_are_found_by_name_and_by_title_however_they_are_written(cast: Cast) -> None:
    upload = sent(cast, PEOPLE)
    assert {name: source["what"] for name, source in upload.mapping.items()} == {
        "n": "N",
        "name": "Customer name",
        "day": "Day",
        "tags": "Tags",
        "urgent": "Urgent",
    }


def test_each_row_starts_a_run_with_what_its_cells_mean(cast: Cast) -> None:
    upload = all_pieces(begun(cast, PEOPLE))
    assert upload.status == "done"
    assert [run.input for run in Run.objects.order_by("pk")] == [
        {"n": 1, "name": "Ines", "day": "2026-11-22", "tags": ["a", "b"], "urgent": True},
        {"n": 2, "name": "Ada", "day": "2026-11-22", "urgent": False},
    ]
    run = Run.objects.latest("pk")
    assert (run.started_by, run.trigger and run.trigger.kind, run.title) == (cast.adam, "upload", "Number 2")
    event = Event.objects.get(kind="run.accepted", run_id=run.pk)
    assert (event.actor_kind, event.on_behalf_of_id) == ("clock", str(cast.adam.pk))
    kinds = ["draft", "checking", "checked", "starting", "done"]
    assert [e.kind for e in Event.objects.filter(object_type="upload").order_by("pk")] == [f"upload.{k}" for k in kinds]
    assert Event.objects.get(kind="upload.done").data["rows"] == 2


@pytest.mark.parametrize(
    ("text", "spec", "value"),
    [
        (" 12 ", {"type": "integer"}, 12),
        ("-1.5e2", {"type": "number"}, -150.0),
        ("3", {"type": "number"}, 3),
        ("No", {"type": "boolean"}, False),
        ("2026-11-22", {"type": "string", "format": "date"}, "2026-11-22"),
        ("1; 2", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ('["a;b"]', {"type": "array"}, ["a;b"]),
        ('{"a": 1}', {"type": "object"}, {"a": 1}),
        ("high", {"enum": ["low", "high"]}, "high"),
        ("2", {"enum": [1, 2]}, 2),
        ("7", {"type": ["integer", "null"]}, 7),
        ("x", {"type": ["integer", "string"]}, "x"),
        (" as it is ", {"type": "string"}, " as it is "),
    ],
)
def test_a_text_becomes_what_the_schema_asks_for(text: str, spec: dict[str, Any], value: Any) -> None:
    assert values.of(text, spec) == value
    assert type(values.of(text, spec)) is type(value)


@pytest.mark.parametrize(
    ("text", "spec", "said"),
    [
        ("1,5", {"type": "number"}, "with a point"),
        ("1.5", {"type": "integer"}, "no whole number"),
        ("99999999999999999", {"type": "integer"}, "no whole number"),
        ("1e999", {"type": "number"}, "no number"),
        ("maybe", {"type": "boolean"}, "neither true nor false"),
        ("11/22/2026", {"type": "string", "format": "date"}, "no date as in"),
        ("31.02.2026", {"type": "string", "format": "date"}, "no date as in"),
        ("2026-11-22T10:00", {"type": "string", "format": "date-time"}, "with its zone"),
        ("mid", {"enum": ["low", "high"]}, "none of these: low, high"),
        ("[1", {"type": "array"}, "no JSON"),
        ("[1]", {"type": "object"}, "no JSON object"),
    ],
)
def test_where_it_is_none_a_sentence_says_why(text: str, spec: dict[str, Any], said: str) -> None:
    with pytest.raises(values.Unfit, match=said):
        values.of(text, spec)


def test_what_does_not_fit_is_told_by_line_and_column_and_starts_nothing(cast: Cast) -> None:
    data = b"N,Customer name,Day\n1,Ines,\nx,Ines,tomorrow\n,Ada,\n-4,Ada,\n5," + b"a" * 30 + b",\n6,7\n8,Ada,\n"
    upload = checked(cast, data)
    told = {line: dict(problems) for line, problems in wrong(upload).items()}
    assert set(told) == {3, 4, 5, 6, 7}
    assert set(told[3]) == {"N", "Day"}
    assert "whole number" in told[3]["N"]
    assert "asks for it" in told[4]["N"]
    assert "minimum" in told[5]["N"]
    assert "Customer name" in told[6]
    assert "2 values" in told[7][""]
    counts = progress.of(upload)
    assert (counts.fit, counts.wrong, Run.objects.count()) == (2, 5, 0)
    keeping.start(upload.pk, 2, by=cast.adam)
    upload = all_pieces(upload)
    assert [run.input["n"] for run in Run.objects.order_by("pk")] == [1, 8]
    assert dict(upload.rows.values_list("line", "result"))[3] == "refused"


def test_a_field_can_be_a_fixed_value_or_an_expression(cast: Cast) -> None:
    chosen = {
        "n": {"how": "expression", "what": "int(row.Number) * 2"},
        "name": {"how": "expression", "what": "row['First name'] + '!'"},
        "urgent": {"how": "fixed", "what": "yes"},
    }
    upload = checked(cast, b"Number,First name\n4,Ines\nx,Ada\n", mapping=chosen)
    keeping.start(upload.pk, 1, by=cast.adam)
    all_pieces(upload)
    assert Run.objects.get().input == {"n": 8, "name": "Ines!", "urgent": True}
    assert set(wrong(upload)) == {3}


@pytest.mark.parametrize(
    ("field", "how", "what", "said"),
    [
        ("n", "column", "gone", "no column"),
        ("n", "fixed", "x", "no whole number"),
        ("n", "expression", "row.", "no expression"),
        ("n", "expression", "input.n", "nothing that can be read"),
        ("name", "fixed", "x", "say what it is"),
    ],
)
def test_a_mapping_that_cannot_be_is_told_beside_its_field(
    cast: Cast, field: str, how: str, what: str, said: str
) -> None:
    upload = sent(cast, PEOPLE)
    with pytest.raises(BadMapping, match=said):
        keeping.look_through(upload.pk, {field: {"how": how, "what": what}}, by=cast.adam)
    assert Upload.objects.get().status == "draft"


def test_json_lines_keep_their_types(cast: Cast) -> None:
    data = b'{"n": 1, "tags": ["x"]}\n{"n": "2"}\n{"n": 3.5}\n{"n": null}\n{"n": 4, "extra": {"a": 1}}\n'
    upload = sent(cast, data, name="rows.jsonl")
    keeping.look_through(upload.pk, upload.mapping, by=cast.adam)
    upload = all_pieces(upload)
    assert set(wrong(upload)) == {3, 4}
    keeping.start(upload.pk, 3, by=cast.adam)
    all_pieces(upload)
    assert [run.input for run in Run.objects.order_by("pk")] == [{"n": 1, "tags": ["x"]}, {"n": 2}, {"n": 4}]


def test_a_row_cannot_name_a_file(cast: Cast) -> None:
    taken = {"type": "object", "properties": {"doc": {"type": "object"}}, "required": ["doc"]}
    workflow = counted(cast, input=taken, title="'x'")
    forged = b'{"doc": {"$file": "' + b"0" * 64 + b'", "name": "a.pdf", "media_type": "x", "size": 1}}\n'
    upload = sent(cast, forged, workflow, "rows.jsonl")
    keeping.look_through(upload.pk, upload.mapping, by=cast.adam)
    upload = all_pieces(upload)
    assert "not sent with it" in str(wrong(upload))


def test_it_stops_and_goes_on_and_says_who_and_why(cast: Cast) -> None:
    upload = begun(cast, numbers(120))
    pieces.piece(upload.pk)
    keeping.stop(upload.pk, by=cast.adam, why="The wrong file.")
    assert pieces.piece(upload.pk) == 0
    assert Run.objects.count() == pieces.STARTED
    event = Event.objects.get(kind="upload.stopped")
    assert (event.about["actor"], event.about["reason"]) == ("Adam Novak", "The wrong file.")
    with pytest.raises(CannotUpload):
        keeping.stop(upload.pk, by=cast.adam)
    keeping.go_on(upload.pk, by=cast.adam)
    assert all_pieces(upload).status == "done"
    assert sorted(run.input["n"] for run in Run.objects.all()) == list(range(120))


def test_a_right_that_is_withdrawn_refuses_the_rest(cast: Cast) -> None:
    upload = begun(cast, numbers(80))
    pieces.piece(upload.pk)
    people.leave(cast.adam, cast.groups["admin"], actor=COMMAND)
    upload = all_pieces(upload)
    assert (upload.status, Run.objects.count()) == ("done", pieces.STARTED)
    assert upload.rows.filter(result="refused").count() == 30
    assert "may not start runs of Counted" in str(wrong(upload))


@pytest.mark.parametrize("hold", ["brake", "trigger"])
def test_rows_wait_while_everything_is_stopped_or_the_trigger_is_paused(cast: Cast, hold: str) -> None:
    upload = begun(cast, numbers(3))
    trigger = Trigger.objects.get(kind="upload")
    if hold == "brake":
        control.stop_everything(actor=person(cast.adam), by=cast.adam, why="Stop.")
    else:
        triggers.pause(trigger, actor=person(cast.adam))
    pieces.work()
    assert (Run.objects.count(), Upload.objects.get().status) == (0, "starting")
    if hold == "brake":
        control.let_go(actor=person(cast.adam), by=cast.adam, why="Go.")
    else:
        triggers.go_on(Trigger.objects.get(pk=trigger.pk), actor=person(cast.adam))
    assert (all_pieces(upload).status, Run.objects.count()) == ("done", 3)


def test_a_retired_workflow_stops_it_and_it_can_go_on_later(cast: Cast) -> None:
    upload = begun(cast, numbers(3))
    Workflow.objects.filter(pk=upload.workflow_id).update(status=WorkflowStatus.RETIRED)
    upload = all_pieces(upload)
    assert (upload.status, upload.why) == ("stopped", "Counted takes no runs now.")
    with pytest.raises(CannotUpload):
        keeping.go_on(upload.pk, by=cast.adam)
    Workflow.objects.filter(pk=upload.workflow_id).update(status=WorkflowStatus.ACTIVE)
    keeping.go_on(upload.pk, by=cast.adam)
    assert (all_pieces(upload).status, Run.objects.count()) == ("done", 3)


def test_a_version_published_meanwhile_refuses_what_it_does_not_take(cast: Cast) -> None:
    upload = begun(cast, numbers(60))
    pieces.piece(upload.pk)
    narrower = {**SCHEMA, "properties": {**SCHEMA["properties"], "n": {"type": "integer", "maximum": 54}}}
    counted(cast, input=narrower)
    upload = all_pieces(upload)
    assert (upload.status, Run.objects.count()) == ("done", 55)
    assert "Version 2, published meanwhile" in str(wrong(upload)[57])
    late = checked(cast, numbers(1), Workflow.objects.get(slug="counted"))
    counted(cast)
    with pytest.raises(CannotUpload, match="published meanwhile"):
        keeping.start(late.pk, 1, by=cast.adam)


def test_it_starts_no_other_number_than_was_shown(cast: Cast) -> None:
    upload = checked(cast, numbers(3))
    with pytest.raises(CannotUpload, match="3 rows fit now"):
        keeping.start(upload.pk, 2, by=cast.adam)
    keeping.start(upload.pk, 3, by=cast.adam)
    with pytest.raises(CannotUpload):
        keeping.start(upload.pk, 3, by=cast.adam)


def test_runs_take_turns_as_others_do(cast: Cast) -> None:
    workflow = counted(cast, limits={"runs": 2})
    upload = begun(cast, numbers(10), workflow)
    all_pieces(upload)
    assert (Run.objects.count(), Run.objects.filter(waits_turn=True).count()) == (10, 10)
    assert turns.admit(Workflow.objects.get(pk=workflow.pk)) == 2


def test_many_runs_at_once_are_as_one_by_one(cast: Cast) -> None:
    workflow = counted(cast)
    assert workflow.current is not None
    made = engine.start_many(
        workflow.current, [{"n": 1}, {"n": "x"}, {"n": 2}], actor=person(cast.adam), started_by=cast.adam
    )
    assert [isinstance(one, BadInput) for one in made] == [False, True, False]
    carry_out_all()
    assert [(run.input["n"], run.status) for run in Run.objects.order_by("pk")] == [(1, "done"), (2, "done")]


def test_a_row_that_breaks_us_holds_up_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, real = begun(cast, numbers(5)), engine.start_many

    def breaks(version: Any, inputs: Any, **more: Any) -> Any:
        if {"n": 2} in inputs:
            raise RuntimeError("broken")
        return real(version, inputs, **more)

    monkeypatch.setattr("orchestration.engine.start_many", breaks)
    upload = all_pieces(upload)
    assert (upload.status, Run.objects.count()) == ("done", 4)
    assert "Handrail broke" in str(wrong(upload)[4])


def test_the_results_are_a_file_that_no_spreadsheet_carries_out(cast: Cast) -> None:
    upload = begun(cast, b"N,Customer name\n1,=1+1\n-2,@x\n+3,Ada\n")
    all_pieces(upload)
    carry_out_all()
    run = Run.objects.order_by("pk").first()
    lines = results_of(upload).splitlines()
    assert lines[0] == "N,Customer name,line,run,state,outcome,result,error"
    assert run is not None
    assert lines[1].startswith(f"1,'=1+1,2,{run.pk},done,,")
    assert lines[2].startswith("-2,'@x,3,,refused,,,N: -2 is less than")
    assert lines[3].startswith("+3,Ada,4,")


def test_the_results_are_read_in_slices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "SLICE", 3)
    text = results_of(all_pieces(begun(cast, numbers(8))))
    assert [line.split(",")[0] for line in text.splitlines()] == ["n", *map(str, range(8))]


def test_what_is_thrown_away_is_gone(cast: Cast) -> None:
    upload = checked(cast, numbers(3))
    keeping.drop(upload.pk, by=cast.adam)
    assert (Upload.objects.get().status, UploadRow.objects.count()) == ("dropped", 0)
    other = begun(cast, numbers(3))
    with pytest.raises(CannotUpload, match="it stays"):
        keeping.drop(other.pk, by=cast.adam)


def test_one_upload_does_not_hold_up_another(cast: Cast) -> None:
    first, second = begun(cast, numbers(500)), begun(cast, numbers(60), counted(cast, "other"))
    for _ in range(2):
        pieces.piece(first.pk)
    pieces.work()
    assert Run.objects.filter(upload_row__upload=second).exists()


def test_who_sent_it_and_who_manages_see_it(cast: Cast) -> None:
    upload = sent(cast, PEOPLE)
    grants.grant("start_workflow", cast.ravi, upload.workflow, actor=COMMAND)
    assert not Upload.objects.seen_by(cast.ravi).exists()
    grants.grant("manage_workflow", cast.ravi, upload.workflow, actor=COMMAND)
    assert Upload.objects.seen_by(type(cast.ravi).objects.get(pk=cast.ravi.pk)).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_different_rows_and_wait_for_nothing(live_cast: Cast) -> None:
    upload = begun(live_cast, numbers(3 * pieces.STARTED))
    with transaction.atomic():
        assert pieces._start(upload.pk) == pieces.STARTED
        assert in_a_thread(lambda: pieces.start_some(upload.pk)) == pieces.STARTED
        assert Run.objects.count() == 2 * pieces.STARTED
    assert pieces.start_some(upload.pk) == pieces.STARTED
    assert pieces.start_some(upload.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_start_each_row_once(live_cast: Cast) -> None:
    upload = begun(live_cast, numbers(400))
    threads = [threading.Thread(target=quietly, args=(lambda: all_pieces(upload),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(Run.objects.values_list("input__n", flat=True)) == list(range(400))
    assert UploadRow.objects.filter(result="started").count() == 400
    assert TriggerFire.objects.filter(key__startswith="row:").count() == 400
    assert Upload.objects.get().status == "done"


@pytest.mark.django_db(transaction=True)
def test_a_piece_whose_commit_fails_has_started_nothing(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(live_cast, numbers(5))

    def dies() -> None:
        connection.rollback()
        raise ConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "commit", dies)
        with pytest.raises(ConnectionError):
            pieces._start(upload.pk)
    connection.close()
    assert not Run.objects.exists()
    assert all_pieces(upload).status == "done"
    assert Run.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_trigger_knows_a_row_that_was_started_whatever_the_rows_say(live_cast: Cast) -> None:
    upload = begun(live_cast, numbers(1))
    pieces.start_some(upload.pk)
    UploadRow.objects.update(result="", run=None)
    pieces.start_some(upload.pk)
    assert Run.objects.count() == 1
    assert "Handrail broke" in str(wrong(upload))


def in_a_thread[T](act: Callable[[], T]) -> T:
    found: list[T] = []
    thread = threading.Thread(target=quietly, args=(lambda: found.append(act()),))
    thread.start()
    thread.join(20)
    assert found, "It waited for the other."
    return found[0]


def quietly(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()
        close_old_connections()
