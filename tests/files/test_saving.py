"""What is kept beside a run can be saved by those who may read it, and by nobody else."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection
from django.test import Client

from orchestration import contents, files
from orchestration.contents import ContentLost
from orchestration.models import Attempt, Content, Run, StepRun
from tests.cast import Cast
from tests.files.conftest import LETTER, Send, signed_in


@async_to_sync
async def saved(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def where(run: Run, kind: str = "files", digest: str = "") -> str:
    return f"/runs/{run.pk}/{kind}/{digest or run.input['letter']['$file']}/"


def test_a_file_is_saved_and_never_opened(adam: Client, run: Run) -> None:
    answer = adam.get(where(run))
    assert saved(answer) == LETTER
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert (answer["Content-Type"], answer["Content-Length"]) == ("application/pdf", str(len(LETTER)))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_large_file_comes_in_parts_and_whole(desk: Cast, adam: Client, run: Run) -> None:
    reference = files.store("large – ✓.bin", bytes(range(256)) * 12_000)
    files.attach(run, [reference])
    answer = signed_in(desk.rita).get(where(run, digest=reference["$file"]))
    assert saved(answer) == bytes(range(256)) * 12_000
    assert "filename*=utf-8''large%20%E2%80%93%20%E2%9C%93.bin" in answer["Content-Disposition"]


def test_an_altered_file_never_arrives_whole(adam: Client, run: Run) -> None:
    Content.objects.update(content=b"x" * len(LETTER))
    with pytest.raises(ContentLost):
        saved(adam.get(where(run)))


def test_the_same_bytes_go_by_each_of_their_names(adam: Client, run: Run) -> None:
    files.attach(run, [files.store("other.txt", LETTER)])
    assert 'filename="other.txt"' in adam.get(where(run), {"name": "other.txt"})["Content-Disposition"]
    assert 'filename="letter.pdf"' in adam.get(where(run))["Content-Disposition"]
    assert adam.get(where(run), {"name": "no\0.txt"}).status_code == 404


def test_only_the_runs_own_files_are_there(desk: Cast, adam: Client, run: Run) -> None:
    other = files.store("other.txt", b"of nobody")
    assert adam.get(where(run, digest=other["$file"])).status_code == 404
    assert adam.get(where(run, digest="x" * 500)).status_code == 404
    assert signed_in(desk.noah).get(where(run)).status_code == 404


def test_what_a_step_made_is_for_those_who_may_read_it(desk: Cast, run: Run) -> None:
    made = files.store("made.txt", b"made by a step")
    files.attach(run, [made])
    given, step = where(run), where(run, digest=made["$file"])
    asked = {
        login: [signed_in(getattr(desk, login)).get(url).status_code for url in (given, step)]
        for login in ("rita", "mina")
    }
    assert asked == {"rita": [200, 200], "mina": [200, 404]}


LARGE = {"text": "x" * 100_000}


def at(run: Run, place: str, reference: Any) -> None:
    """Put a reference where the engine would."""
    if place in {"input", "result"}:
        Run.objects.filter(pk=run.pk).update(**{place: reference})
    elif place == "prompt":
        Attempt.objects.create(step_run=run.step_runs.get(), fence=1, worker="w", prompt=[reference])
    else:
        StepRun.objects.filter(run=run).update(**{place: {"act": reference}})


@pytest.mark.parametrize("place", ["input", "result", "question", "answer", "output", "prompt"])
def test_a_large_value_is_saved_by_those_who_may_read_it(desk: Cast, run: Run, place: str) -> None:
    reference = contents.beside(LARGE)
    address = where(run, "contents", reference["$content"])
    assert signed_in(desk.rita).get(address).status_code == 404
    at(run, place, reference)
    answer = signed_in(desk.rita).get(address)
    assert saved(answer) == contents.as_json(LARGE)
    assert (answer["Content-Type"], "attachment" in answer["Content-Disposition"]) == (
        "text/plain; charset=utf-8",
        True,
    )
    assert signed_in(desk.mina).get(address).status_code == (200 if place in {"input", "result"} else 404)
    assert signed_in(desk.noah).get(address).status_code == 404


def test_the_run_must_be_the_one_that_refers_to_it(adam: Client, send: Send, run: Run) -> None:
    send()
    reference = contents.beside(LARGE)
    at(run, "input", reference)
    other = Run.objects.exclude(pk=run.pk).get()
    assert adam.get(where(other, "contents", reference["$content"])).status_code == 404
    assert adam.get(where(run, "contents", run.files.get().content_id)).status_code == 404


def test_a_file_that_is_not_kept_can_be_attached_to_nothing(run: Run) -> None:
    files.attach(run, [files.reference("a.txt", "0" * 64, 1)])
    with pytest.raises(IntegrityError):
        connection.check_constraints()
