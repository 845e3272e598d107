"""`manage.py workflow check`, and the schema that editors fetch."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from audit.actors import COMMAND
from deploy.sample import workspace
from orchestration import catalog
from orchestration.documents.loading import load
from tests.cast import Cast
from tests.orchestration.drafting import EVERY_KIND, document, tell
from tests.orchestration.test_readiness import ready, without


def run(*given: Any) -> tuple[int, str, str]:
    """Exit status, what was said, and what was complained of."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("workflow", "check", *map(str, given), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def house(cast: Cast) -> Cast:
    catalog.bring_in_line(actor=COMMAND)
    return cast


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "draft.yaml"


def test_a_ready_document_is_status_0(house: Cast, file: Path) -> None:
    file.write_text(document(ready("end")))
    assert run(file) == (0, "", "")


def test_each_problem_is_a_line_with_file_line_step_what_and_mend(house: Cast, file: Path) -> None:
    source = document(ready("end"), without(ready("more"), "owner"))
    file.write_text(source)
    status, said, _ = run(file)
    line = source[: source.index("key: more")].count("\n") + 1
    told = f"{file}:{line}: more: blocks owner: Nobody answers for it. Name a person or a group as its owner.\n"
    assert (status, said) == (1, told)


def test_it_speaks_json_too(house: Cast, file: Path) -> None:
    file.write_text(document(without(ready("end"), "owner")))
    status, said, _ = run(file, "--format", "json")
    (told,) = json.loads(said)
    assert (status, told["file"], told["step"], told["rule"]) == (1, str(file), "end", "owner")
    assert set(told) == {"file", "line", "step", "level", "rule", "what", "mend"}


def test_warnings_alone_are_status_0(house: Cast, file: Path) -> None:
    file.write_text(document(ready("end", metrics=[{"name": "m", "expression": "true"}])))
    status, said, _ = run(file)
    assert (status, "warns watched" in said) == (0, True)


def test_what_cannot_be_read_is_status_2_and_the_others_are_checked(house: Cast, file: Path, tmp_path: Path) -> None:
    file.write_text("a: [")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    status, said, complained = run(tmp_path / "nowhere.yaml", tmp_path / "bytes.yaml", file)
    assert (status, complained.count("cannot be read")) == (2, 2)
    assert f"{file}:1: -: blocks document: The document is not YAML" in said


def test_the_sample_is_ready_once_its_waivers_are_signed(house: Cast) -> None:
    from orchestration import readiness
    from orchestration.dry import cases
    from tests.orchestration.test_readiness import signed

    cases.run_all(workspace.document(), by=house.adam)
    assert readiness.check(workspace.document(), signed=signed).findings == []


def test_editors_fetch_the_schema_without_a_login(client: Client) -> None:
    answer = client.get("/schema/workflow.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
    schema = json.loads(answer.content)
    Draft202012Validator.check_schema(schema)
    editor = Draft202012Validator(schema)
    for source in (EVERY_KIND, workspace.document()):
        assert list(editor.iter_errors(load(source).value)) == []
    assert not editor.is_valid(load(document(tell(review={"when": "before"}))).value)


def test_it_describes_whatever_can_be_written(client: Client) -> None:
    schema = json.loads(client.get("/schema/workflow.json").content)
    for part in (schema, schema["$defs"]["step"], schema["$defs"]["metric"], schema["$defs"]["test"]):
        assert part.get("description") or part["properties"]
    bare = [name for name, said in schema["$defs"]["metric"]["properties"].items() if "description" not in said]
    assert bare == []
