"""Files: kept once, and named by references that open nothing by themselves."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from orchestration import files
from orchestration.contents import ContentLost
from orchestration.models import Content, File, Run
from tests.cast import Cast
from tests.files.conftest import LETTER, PAGE, Send, letter


def test_the_form_asks_for_files(adam: Client) -> None:
    page = adam.get(PAGE).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert re.search(r'<input type="file" name="input-letter"[^>]*accept="\.pdf"', page)
    assert "At most 1000\xa0bytes. .pdf" in page


def test_a_file_that_came_with_the_form_is_a_file_of_the_run(send: Send) -> None:
    assert send().status_code == 303
    run = Run.objects.get()
    name = {"name": "letter.pdf", "media_type": "application/pdf", "size": len(LETTER)}
    assert run.input["letter"] == {"$file": run.files.get().content_id, **name}
    assert files.read(run.input["letter"], run) == LETTER
    assert files.of(run) == [run.input["letter"]]


def test_equal_bytes_are_kept_once(send: Send) -> None:
    send(picture=letter(name="the same.png"))
    send()
    assert (Content.objects.count(), File.objects.count(), Run.objects.count()) == (1, 3, 2)


def test_a_run_reads_no_file_of_another(send: Send) -> None:
    send()
    send(letter=letter(b"%PDF other"))
    first, second = Run.objects.order_by("pk")
    with pytest.raises(ContentLost, match="has no file"):
        files.read(second.input["letter"], first)


def test_a_run_hands_on_the_files_that_are_named(desk: Cast, send: Send, run: Run) -> None:
    send(letter=letter(b"%PDF other"))
    other = Run.objects.exclude(pk=run.pk).get()
    files.hand_on({"mine": run.input["letter"], "not mine": other.input["letter"]}, of_run=run, to=other)
    assert files.read(run.input["letter"], other) == LETTER
    assert len(files.of(other)) == 2


@pytest.mark.parametrize("field", ["notes", "letter-kept", "letter"])
def test_a_forged_reference_is_refused(send: Send, field: str) -> None:
    forged = json.dumps({**files.store("secret.pdf", LETTER), "deep": [files.store("other.pdf", b"%PDF other")]})
    answer = send(**{"letter": letter() if field == "notes" else None, field: forged})
    assert (answer.status_code, Run.objects.count()) == (422, 0)


def test_a_reference_is_checked_against_what_came() -> None:
    schema = {"properties": {"letter": {"type": "object", "format": "file", "accept": [".pdf"], "maxSize": 9}}}
    came = files.reference("a.pdf", "0" * 64, 9)
    assert not files.problems(schema, {"letter": came}, [came])
    assert files.problems(schema, {"letter": came})
    wrongs: list[Any] = [{**came, "size": 8}, {**came, "$file": "1" * 64}, {"a": 1}, "text", None, []]
    for wrong in wrongs:
        assert files.problems(schema, {"letter": wrong}, [came])
    large, other = files.reference("a.pdf", "0" * 64, 10), files.reference("a.exe", "0" * 64, 9)
    assert files.problems(schema, {"letter": large}, [large]) == [("letter", "The file is larger than 9\xa0bytes.")]
    assert files.problems(schema, {"letter": other}, [other]) == [("letter", "Only these are taken: .pdf.")]


def test_a_schema_says_what_files_it_takes() -> None:
    schema = {"properties": {"a": {"type": "object", "format": "file", "accept": ["pdf"], "maxSize": 2**40}}}
    assert len(files.schema_problems(schema)) == 2
    assert not files.schema_problems({"properties": {"a": {"type": "object", "format": "file", "accept": [".PDF"]}}})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "required"),
        (letter(b""), "The file is empty"),
        (letter(name="letter.exe"), "Only these are taken: .pdf"),
        (letter(name="letter"), "Only these are taken: .pdf"),
    ],
)
def test_a_file_that_does_not_fit_is_told_beside_its_field(send: Send, given: Any, told: str) -> None:
    answer = send(letter=given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page.partition('id="id_input-letter_error"')[2].partition("</p>")[0]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x", "x"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("", "file"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\nc\u200b.pdf", "ab c.pdf"),
        ('<img src=x>"|?*.pdf', "_img src=x_____.pdf"),
        ("Über straße ✓.PDF", "Über straße ✓.PDF"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("." + "x" * 300, "x" * 200),
    ],
)
def test_a_name_is_cleaned(name: str, kept: str) -> None:
    assert files.clean_name(name) == kept


def test_the_type_is_told_by_the_extension_alone(send: Send) -> None:
    send(picture=letter(b"<script>", "page.html", "image/png"))
    assert Run.objects.get().input["picture"]["media_type"] == "application/octet-stream"
    assert files.media_type("x.PNG") == "image/png"
