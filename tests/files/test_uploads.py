"""Files on their way in: bounded while they arrive, and held for a day when their form is refused."""

import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.test import Client, RequestFactory

from audit import bodies
from orchestration import files, uploads
from orchestration.models import Content, File, Run
from tests import clock
from tests.cast import Cast
from tests.files.conftest import LETTER, PAGE, Send, letter


def kept_token(answer: Any) -> str:
    (found,) = re.findall(r'name="input-letter-kept" value="([^"]+)" checked', answer.content.decode())
    return str(found)


def test_a_refused_form_keeps_its_file(send: Send) -> None:
    first = send(question="")
    assert (first.status_code, File.objects.count()) == (422, 0)
    second = send(letter=None, **{"letter-kept": kept_token(first), "customer": "nobody"})
    third = send(letter=None, **{"letter-kept": kept_token(second)})
    assert third.status_code == 303
    run = Run.objects.get()
    assert files.read(run.input["letter"], run) == LETTER


def test_another_file_takes_the_place_of_the_held_one(send: Send) -> None:
    first = send(question="")
    send(letter=letter(b"%PDF new"), **{"letter-kept": kept_token(first)})
    run = Run.objects.get()
    assert files.read(run.input["letter"], run) == b"%PDF new"


def test_nobody_else_can_use_what_is_held(desk: Cast, adam: Client, send: Send) -> None:
    held = kept_token(send(question=""))
    assert uploads.held(held, desk.adam) is not None
    assert uploads.held(held, desk.mina) is None
    assert uploads.held(f"{held}x", desk.adam) is None


def test_what_was_held_is_thrown_away(desk: Cast, send: Send) -> None:
    send(question="")
    clock.jump(3 * 24 * 3600)
    send(question="", letter=letter(b"%PDF another"))
    held = Content.objects.get()
    assert held.pk.startswith("~")
    assert bytes(held.content) == b"%PDF another"


def test_what_was_thrown_away_must_be_chosen_again(send: Send) -> None:
    held = kept_token(send(question=""))
    Content.objects.all().delete()
    answer = send(letter=None, **{"letter-kept": held})
    assert answer.status_code == 422
    assert "no longer held here" in answer.content.decode()


@pytest.mark.parametrize("handlers", [["orchestration.uploads.Bounded"], None])
def test_a_file_past_the_limit_is_refused_and_nothing_is_kept(send: Send, settings: Any, handlers: Any) -> None:
    if handlers is None:  # even where nothing bounds it on its way
        settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    answer = send(picture=letter(bytes(files.LARGEST + 1), "large.bin"), question="Still here?")
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "The file is too large" in page.partition('id="id_input-picture_error"')[2]
    assert "Still here?" in page
    assert "This file was not kept. Choose it again." in page
    assert not Content.objects.exists()
    assert not Run.objects.exists()


def test_a_file_of_the_largest_size_is_taken(send: Send) -> None:
    assert send(picture=letter(bytes(files.LARGEST))).status_code == 303


def test_many_files_are_too_much_together(send: Send) -> None:
    many = [letter(bytes(files.LARGEST), f"{number}.bin") for number in range(5)]
    assert send(picture=many).status_code == 413
    assert not Content.objects.exists()


def test_a_file_larger_than_its_own_limit_is_too_large(send: Send) -> None:
    answer = send(letter=letter(bytes(1001)))
    assert answer.status_code == 413
    assert "larger than 1000" in answer.content.decode()


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what was written down of each file."""
    sizes: list[int] = []
    complete = uploads.Bounded.file_complete

    def watch(self: uploads.Bounded, size: int) -> Any:
        self.file.seek(0)
        sizes.append(len(self.file.read()))
        return complete(self, size)

    monkeypatch.setattr(uploads.Bounded, "file_complete", watch)
    return sizes


def test_nothing_past_the_limit_is_written_down(send: Send, received: list[int]) -> None:
    send(picture=letter(bytes(3 * files.LARGEST), "large.bin"))
    assert sorted(received) == [0, len(LETTER)]


def test_a_page_without_files_takes_none(adam: Client, received: list[int]) -> None:
    asked = [(adam, "/theme/"), (adam, "/login/"), (Client(), "/login/"), (Client(), PAGE)]
    answers = [client.post(url, {"x": letter(bytes(100_000))}).status_code for client, url in asked]
    assert (answers, received) == ([302, 302, 200, 302], [])


def test_too_many_fields_are_refused_with_a_sentence(adam: Client) -> None:
    answer = adam.post(PAGE, {f"f{number}": "x" for number in range(10_001)})
    assert answer.status_code == 413
    assert "more than Handrail takes" in answer.content.decode()


def test_too_much_text_is_refused_with_a_sentence(adam: Client, send: Send) -> None:
    for answer in (send(question="x" * 3_000_000), adam.post("/logout/", {"x": "y" * 3_000_000})):
        assert answer.status_code == 413
        assert "more than Handrail takes" in answer.content.decode()
    assert not Run.objects.exists()


def test_other_requests_that_make_no_sense_are_answered_as_before(adam: Client) -> None:
    request = RequestFactory().get("/")
    assert uploads.refused(request, ValueError()).status_code == 400
    for error in (RequestDataTooBig(), TooManyFieldsSent()):
        assert uploads.refused(request, error).status_code == 413


def carry(parts: list[bytes], announced: int | None = None) -> tuple[list[dict[str, Any]], int]:
    """What a server is told, and how many bytes the application was given."""
    said: list[dict[str, Any]] = []
    left, given = list(parts), 0

    async def receive() -> dict[str, Any]:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Any) -> None:
        said.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal given
        more = True
        while more:
            message = await receive()
            given, more = given + len(message["body"]), message["more_body"]
        await send({"type": "http.response.start", "status": 200})

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    async_to_sync(bodies.bounded(app))({"type": "http", "headers": headers}, receive, send)
    return said, given


def test_a_body_past_all_limits_is_cut_at_the_door() -> None:
    megabyte = bytes(1024 * 1024)
    said, given = carry([megabyte] * 100)
    assert (said[0]["status"], given) == (413, bodies.LARGEST)
    assert b"more than Handrail takes" in said[1]["body"]
    said, given = carry([megabyte] * 100, announced=100 * 1024 * 1024)
    assert (said[0]["status"], given) == (413, 0)


def test_other_bodies_pass_the_door() -> None:
    said, given = carry([b"x"] * 10, announced=10)
    assert (said, given) == ([{"type": "http.response.start", "status": 200}], 10)
