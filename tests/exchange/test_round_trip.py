"""What is written out and taken over elsewhere comes back byte for byte, and does nothing by itself."""

from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.actors import COMMAND
from audit.models import Event, User
from audit.people import join
from orchestration import drafts, queue
from orchestration.beginnings import CannotBegin
from orchestration.documents import BadDocument
from orchestration.exchange import form, giving, taking
from orchestration.exchange.form import Described
from orchestration.exchange.renaming import renamed
from orchestration.models import Run, Trigger, TriggerFire, Version, Workflow
from orchestration.states import TriggerStatus, VersionStatus
from orchestration.triggers import keeping
from orchestration.triggers.keeping import Wanted
from tests.cast import Cast
from tests.orchestration.drafting import EVERY_KIND

pytestmark = pytest.mark.django_db

SAMPLE = Path("orchestration/templates/answer_a_customer.yaml").read_text()
MAPPING = {name: f"payload.{name}" for name in ("question", "customer_name", "customer")}


def file_of(source: str, *triggers: Described) -> bytes:
    """An exported file."""
    return form.write(source, triggers)


def taken(cast: Cast, raw: bytes, **more: Any) -> Version:
    """What Adam makes of it."""
    return taking.take(form.read(raw), by=cast.adam, **more)


def with_triggers(cast: Cast) -> Workflow:
    """The sample's workflow with a webhook, a schedule, the API, and one that follows it."""
    workflow = cast.workflow
    keeping.make(
        workflow, "webhook", Wanted("Shop", {"mapping": MAPPING, "headers": ["x-shop"], "per_minute": 9}), by=cast.adam
    )
    texts = dict.fromkeys(MAPPING, "'x@example.org'")
    told = {"mapping": texts, "cron": "0 8 * * MON-FRI", "zone": "Europe/Berlin", "missed": "skip"}
    keeping.make(workflow, "schedule", Wanted("Jeden Morgen: grüße", told), by=cast.adam)
    keeping.make(workflow, "api", Wanted("Programs"), by=cast.adam)
    told = {"mapping": texts, "ends": "done", "outcome": "not sent"}
    keeping.make(workflow, "outcome", Wanted("Again", told, workflow), by=cast.adam)
    return workflow


def elsewhere(workflow: Workflow) -> None:
    """As if it had never been here: its name is free."""
    Workflow.objects.filter(pk=workflow.pk).update(slug=f"was-{workflow.slug}")


def test_an_export_comes_back_byte_for_byte(cast: Cast) -> None:
    workflow = with_triggers(cast)
    raw = giving.written(giving.chosen(workflow))
    elsewhere(workflow)
    draft = taken(cast, raw)
    assert giving.written(giving.chosen(draft.workflow)) == raw
    assert draft.workflow.owner == cast.adam


@pytest.mark.parametrize("source", [SAMPLE, EVERY_KIND], ids=["sample", "every kind"])
def test_another_slug_changes_that_line_alone(cast: Cast, source: str) -> None:
    raw = file_of(source)
    draft = taken(cast, raw, slug="quite-another")
    lines = list(zip(raw.decode().splitlines(), giving.written(draft).decode().splitlines(), strict=True))
    assert [pair for pair in lines if pair[0] != pair[1]] == [
        (f"slug: {form.read(raw).slug}", "slug: quite-another"),
    ]


@st.composite
def sources(draw: st.DrawFn) -> str:
    """The sample with comments, other line ends, another last line, texts of all sorts."""
    lines = SAMPLE.split("\n")
    kept = st.characters(
        exclude_categories=["Cs", "Cc", "Co", "Cn", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"
    )
    for _ in range(draw(st.integers(0, 4))):
        lines.insert(draw(st.integers(0, 12)), "# " + draw(st.text(kept, max_size=20)))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    text = ending.join(lines)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    return text + ending * draw(st.integers(0, 3))


@given(sources())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_was(source: str) -> None:
    raw = file_of(source, Described("api", "Programs", "adam", {}))
    sent = form.read(raw)
    assert sent.source == source
    assert form.write(sent.source, sent.triggers) == raw
    changed = renamed(source, "another-one")
    assert changed.replace("slug: another-one", "slug: answer-a-customer") == source


def test_nothing_of_it_runs(cast: Cast) -> None:
    workflow = with_triggers(cast)
    raw = giving.written(giving.chosen(workflow))
    elsewhere(workflow)
    with patch.object(queue, "ring") as bell:
        draft = taken(cast, raw)
    bell.assert_not_called()
    assert (draft.status, draft.workflow.current, draft.number) == (VersionStatus.DRAFT, None, None)
    made = Trigger.objects.filter(workflow=draft.workflow)
    assert {one.status for one in made} == {TriggerStatus.PAUSED}
    assert {one.next_at for one in made} == {None}
    assert not Run.objects.exists()
    assert not TriggerFire.objects.exists()
    first, second = Trigger.objects.filter(kind="webhook").order_by("pk")
    assert (first.secret, first.public_id) != (second.secret, second.public_id)
    assert first.secret not in raw.decode()
    assert Event.objects.filter(kind="workflow.imported").count() == 1


def test_nobody_else_is_made_to_answer_for_its_runs(cast: Cast) -> None:
    """A trigger's owner counts as the starter of its runs, and nobody decides on what they started."""
    workflow = with_triggers(cast)
    raw = giving.written(giving.chosen(workflow))
    elsewhere(workflow)
    join(cast.ravi, cast.groups["owner"], actor=COMMAND)
    ravi = User.objects.get(pk=cast.ravi.pk)
    draft = taking.take(form.read(raw), by=ravi)
    assert {one.owner for one in draft.workflow.triggers.all()} == {ravi}
    assert draft.workflow.owner == cast.adam


def test_a_workflow_that_is_here_is_never_changed(cast: Cast) -> None:
    raw = giving.written(giving.chosen(cast.workflow))
    with pytest.raises(CannotBegin, match="already"):
        taken(cast, raw)
    seen = taking.preview(form.read(raw), by=cast.adam)
    assert (seen.taken, seen.slug, seen.into) == (True, "answer-a-customer-2", cast.workflow)
    draft = taking.take_as_draft(form.read(raw + b"# more\n"), by=cast.adam)
    assert draft.source.endswith("# more\n")
    assert draft.workflow.current == cast.version
    assert taking.preview(form.read(raw), by=cast.adam).into is None
    with pytest.raises(taking.CannotTake):
        taking.take_as_draft(form.read(raw), by=cast.adam)
    drafts.discard(draft.pk, by=cast.adam)
    with pytest.raises(taking.CannotTake):
        taking.take_as_draft(form.read(raw), by=cast.mina)


def test_it_says_what_is_missing_here(cast: Cast) -> None:
    source = SAMPLE.replace("handrail/intent", "openai/gpt-99").replace("email.send", "pigeon.send")
    source = source.replace("owner: {group: reviewer}", "owner: {group: pigeons}").replace(
        "owner: adam\n", "owner: eve\n"
    )
    seen = taking.preview(form.read(file_of(source, Described("api", "P", "zoe", {}))), by=cast.adam)
    missing = {(str(one.sort), one.name) for one in seen.missing}
    assert missing >= {("Models", "openai/gpt-99"), ("Tools", "pigeon.send"), ("Groups", "pigeons")}
    assert {name for sort, name in missing if sort == "People"} == {"eve", "zoe"}
    assert seen.owner == cast.adam


def test_only_who_may_make_workflows_makes_one(cast: Cast) -> None:
    sent = form.read(file_of(EVERY_KIND))
    with pytest.raises(CannotBegin, match="may not"):
        taking.take(sent, by=cast.rita)
    assert not taking.may_take(cast.noah)
    assert taking.may_take(cast.adam)


HEAD = b"handrail: 1\n"
BOMB = b"a: &a [x,x]\nb: &b [*a,*a]\n"
BROKEN: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "head", 1),
    "no head": (SAMPLE.encode(), "head", 1),
    "a document alone": (b"---\n" + SAMPLE.encode(), "head", 1),
    "another form": (b"handrail: 2\n---\n" + SAMPLE.encode(), "form 2", 1),
    "no whole form": (b"handrail: true\n---\n" + SAMPLE.encode(), "form", 1),
    "an unknown key": (HEAD + b"run: now\n---\n" + SAMPLE.encode(), "run", 1),
    "two of a key": (HEAD + HEAD + b"---\n" + SAMPLE.encode(), "twice", 2),
    "a bomb above": (HEAD + BOMB + b"---\n" + SAMPLE.encode(), "anchors", 2),
    "a bomb below": (HEAD + b"---\n" + BOMB, "anchors", 3),
    "two workflows": (HEAD + b"---\n" + SAMPLE.encode() + b"\n---\n" + HEAD, "YAML", 200),
    "no text": (HEAD + b"---\nslug: \xff\n", "UTF-8", 3),
    "nothing below": (HEAD + b"---\n", "object", 3),
    "5 MB": (HEAD + b"---\n" + b"#" * 5_000_000, "larger", 1),
    "a tag": (HEAD + b"---\nslug: !!python/object:os.system x\n", "tags", 3),
    "deep": (HEAD + b"---\n" + b"a: " + b"[" * 5000, "nested", 3),
    "a slug that is a page": (
        HEAD + b"---\n" + SAMPLE.replace("slug: answer-a-customer", "slug: import").encode(),
        "page",
        5,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_with_its_line(cast: Cast, name: str) -> None:
    raw, told, line = BROKEN[name]
    with pytest.raises(BadDocument) as caught:
        taking.check(form.read(raw))
    assert told in str(caught.value)
    assert caught.value.problems[0].line >= line
    assert all(problem.line for problem in caught.value.problems)


TRIGGERS: dict[str, str] = {
    "{kind: schedule, name: S, owner: adam, config: {mapping: {}, cron: '* *', zone: Europe/Berlin, missed: skip}}": "",
    "{kind: schedule, name: S, owner: a, config: {mapping: {}, cron: '0 1 * * *', zone: Mars, missed: one}}": "zone",
    "{kind: schedule, name: S, owner: adam}": "required",
    "{kind: webhook, name: S, owner: adam, config: {mapping: {}, headers: [authorization], per_minute: 5}}": "secret",
    "{kind: webhook, name: S, owner: adam, config: {mapping: {}, headers: [], per_minute: 0}}": "whole number",
    "{kind: webhook, name: S, owner: adam, secret: hrs_x}": "secret",
    "{kind: magic, name: S, owner: adam, config: {do: it}}": "magic",
    "{kind: api, name: S, owner: adam}\n- {kind: api, name: T, owner: adam}": "once",
    "{kind: api, name: '', owner: adam}": "",
}


@pytest.mark.parametrize("text", TRIGGERS)
def test_a_trigger_that_could_never_be_made_is_told(cast: Cast, text: str) -> None:
    raw = HEAD + b"triggers:\n- " + text.encode() + b"\n---\n" + SAMPLE.encode()
    with pytest.raises(BadDocument) as caught:
        taking.check(form.read(raw))
    assert TRIGGERS[text] in str(caught.value)
    assert 3 <= caught.value.problems[0].line <= 4
    assert Workflow.objects.count() == 1


def command(*given: str) -> tuple[int, str, str]:
    """The exit status, what it says, and what it complains of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("workflow", *given, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_shell_does_the_same(cast: Cast, tmp_path: Path) -> None:
    path, again = tmp_path / "a.yaml", tmp_path / "b.yaml"
    assert command("export", "answer-a-customer", "--to", str(path))[0] == 0
    assert command("export", "answer-a-customer", "--to", str(path))[0] == 2
    assert command("import", str(path))[0] == 1
    assert command("import", str(path), "--as", "answered", "--by", "noah")[0] == 1
    status, said, _ = command("import", str(path), "--as", "answered")
    assert (status, "answered: here as a draft" in said) == (0, True)
    assert command("export", "answered", "--version", "draft", "--to", str(again))[0] == 0
    assert again.read_bytes() == path.read_bytes().replace(b"slug: answer-a-customer\n", b"slug: answered\n")
    assert command("export", "answered", "--version", "7")[0] == 1
    assert command("export", "nothing")[0] == 1
    path.write_bytes(b"handrail: 1\n---\nslug: [\n")
    status, _, told = command("import", str(path))
    assert (status, f"{path}:3:" in told or f"{path}:4:" in told) == (1, True)
    assert command("import", str(tmp_path / "none"))[0] == 2
