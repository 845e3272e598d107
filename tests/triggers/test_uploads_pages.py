"""The pages of uploads: the story of a file through the forms, without script, and what each page refuses."""

import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import grants
from audit.actors import COMMAND
from audit.models import Event, User
from orchestration.batches import keeping, pieces
from orchestration.models import Run, Upload
from tests.cast import Cast, carry_out_all
from tests.pages.conftest import Look, look  # noqa: F401  (a fixture)
from tests.triggers.sheets import PEOPLE, all_pieces, begun, checked, counted, numbers, sent

NEW = "/workflows/counted/uploads/new/"


@pytest.fixture(autouse=True)
def _as_in_a_house(settings: Any) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["orchestration.uploads.Bounded"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, data: bytes, name: str = "rows.csv", **more: str) -> Any:
    return client.post(NEW, {"file": SimpleUploadedFile(name, data), **more})


def words(answer: Any) -> str:
    body = answer.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


@async_to_sync
async def whole(answer: Any) -> bytes:
    return b"".join([part async for part in answer.streaming_content])


def mapping_on(client: Client, page: str) -> dict[str, str]:
    """What the form of the mapping would send as it stands."""
    html = client.get(page).content.decode()
    chosen = re.findall(r'<select name="(from-\w+)".*?</select>', html, re.DOTALL)
    found = {}
    for name in chosen:
        select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL)
        assert select is not None
        picked = re.search(r'value="([^"]*)" selected', select.group())
        found[name] = picked.group(1) if picked else ""
    return found


def test_a_file_becomes_runs_and_a_file_of_results(cast: Cast) -> None:
    workflow, client = counted(cast), signed_in(cast.adam)
    assert "Upload rows" in words(client.get("/workflows/counted/uploads/"))
    page = client.get(NEW)
    token = re.findall(r'name="token" value="([^"]+)"', page.content.decode())[0]
    data = PEOPLE + b"x,Eva,,,\n"
    made, again = send(client, data, token=token), send(client, data, token=token)
    upload = Upload.objects.get()
    at = f"/uploads/{upload.pk}/"
    assert (made.status_code, made["Location"], again["Location"]) == (303, at, at)
    shown = words(client.get(at))
    assert "3 rows, sent by Adam Novak" in shown
    assert "Ines" in shown
    assert "parted by comma" in shown
    chosen = mapping_on(client, at)
    assert chosen["from-n"] == "column:0"
    assert client.post(f"{at}mapping/", chosen).status_code == 303
    shown = words(client.get(at))
    assert "2 fit, 1 do not" in shown
    assert "“x” is no whole number" in shown
    assert "Start 2 runs" in shown
    assert not Run.objects.exists()
    assert client.post(f"{at}start/", {"rows": "2"}).status_code == 303
    assert "0 of 2 started" in words(client.get(at))
    pieces.work()
    carry_out_all()
    shown = words(client.get(at))
    assert "2 of 2 started" in shown
    assert "done 2" in shown
    results = client.get(f"{at}results.csv")
    text = whole(results).decode()
    assert results["Content-Disposition"] == 'attachment; filename="rows-results.csv"'
    assert [line.split(",")[6:8] for line in text.splitlines()[1:]] == [
        [str(run.pk), "done"] for run in Run.objects.order_by("pk")
    ] + [["", "refused"]]
    assert Event.objects.filter(kind="upload.exported").count() == 1
    trigger = Run.objects.filter(workflow=workflow)[0].trigger
    assert trigger is not None
    assert "Adam Novak; its runs count as started by them" in words(client.get(f"/triggers/{trigger.pk}/"))
    assert "Adam" not in Event.objects.get(kind="trigger.active").body
    assert "A run starts for each row of a file" in words(client.get(f"/triggers/{trigger.pk}/"))


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "Choose a file"),
        (b"n,n\n1,2\n", 422, "two columns are called"),
        (b"n\n" + b"1" * (20 * 1024 * 1024), 413, "nothing of it was kept"),
        (b"PK\x03\x04", 422, "This is no text"),
    ],
)
def test_a_file_that_is_not_taken_is_told_on_the_page(cast: Cast, data: bytes, status: int, said: str) -> None:
    counted(cast)
    answer = send(signed_in(cast.adam), data)
    assert (answer.status_code, Upload.objects.count()) == (status, 0)
    assert said in words(answer)


def test_what_cannot_be_used_is_told_beside_its_field_and_kept(cast: Cast) -> None:
    upload, client = sent(cast, PEOPLE), signed_in(cast.adam)
    answer = client.post(f"/uploads/{upload.pk}/mapping/", {"from-n": "expression", "text-n": "row."})
    html = answer.content.decode()
    assert (answer.status_code, Upload.objects.get().status) == (422, "draft")
    assert 'id="id_from-n_error"' in html
    assert 'value="row."' in html
    answer = client.post(f"/uploads/{upload.pk}/mapping/", {"from-n": "column:99"})
    assert answer.status_code == 422
    answer = client.post(f"/uploads/{upload.pk}/mapping/", {})
    assert (answer.status_code, Upload.objects.get().status) == (422, "draft")


def test_a_workflow_that_asks_for_a_file_takes_no_rows(cast: Cast) -> None:
    taken = {"type": "object", "properties": {"doc": {"type": "object", "format": "file"}}, "required": ["doc"]}
    counted(cast, input=taken, title="'x'")
    client = signed_in(cast.adam)
    assert "asks for a file (doc)" in words(client.get(NEW))
    assert send(client, PEOPLE).status_code == 409


def test_the_rows_that_do_not_fit_are_read_page_by_page(cast: Cast, look: Look) -> None:  # noqa: F811
    upload = checked(cast, b"n\n" + b"x\n" * 130 + b"1\n")
    first = look(cast.adam, f"/uploads/{upload.pk}/")
    lines = [int(found) for found in re.findall(r">Line (\d+)", first.html)]
    assert lines == list(range(2, 52))
    onward = re.findall(r'rel="next" href="([^"]+)"', first.html)[0]
    second = look(cast.adam, f"/uploads/{upload.pk}/{onward}")
    assert [int(found) for found in re.findall(r">Line (\d+)", second.html)] == list(range(52, 102))
    back = re.findall(r'rel="prev" href="([^"]+)"', second.html)[0]
    third = look(cast.adam, f"/uploads/{upload.pk}/{back}")
    assert [int(found) for found in re.findall(r">Line (\d+)", third.html)] == list(range(2, 52))
    assert look(cast.adam, f"/uploads/{upload.pk}/?before={'9' * 18}").status == 200
    assert look(cast.adam, f"/uploads/{upload.pk}/?after=0").status == 200


def test_a_page_asks_for_little_however_many_rows_there_are(cast: Cast, look: Look) -> None:  # noqa: F811
    few, many = begun(cast, numbers(2)), begun(cast, numbers(60), counted(cast, "other"))
    for upload in (few, many):
        all_pieces(upload)
    look(cast.adam, f"/uploads/{few.pk}/")
    counts = [look(cast.adam, f"/uploads/{upload.pk}/").queries for upload in (few, many)]
    assert counts[0] == counts[1]
    assert counts[1] < 30


def test_what_stands_in_a_file_is_shown_and_never_carried_out(cast: Cast, look: Look) -> None:  # noqa: F811
    data = "n,<b>name\n<script>alert(1)</script>,a\u202eb\n".encode()
    upload = checked(cast, data)
    seen = look(cast.adam, f"/uploads/{upload.pk}/")
    assert "<script>alert" not in seen.html
    assert "&lt;script&gt;" in seen.html
    assert "\u202e" not in seen.html


def test_a_manager_stops_it_and_only_the_sender_starts_it(cast: Cast) -> None:
    upload = checked(cast, numbers(3))
    grants.grant("manage_workflow", cast.rita, upload.workflow, actor=COMMAND)
    rita, at = signed_in(cast.rita), f"/uploads/{upload.pk}/"
    assert rita.get(at).status_code == 200
    assert rita.post(f"{at}start/", {"rows": "3"}).status_code == 403
    keeping.start(upload.pk, 3, by=cast.adam)
    assert rita.post(f"{at}stop/", {"why": "Not today."}).status_code == 303
    assert "Stopped: Not today." in words(rita.get(at))
    assert rita.post(f"{at}stop/").status_code == 409
    assert rita.post(f"{at}go-on/").status_code == 303
    all_pieces(upload)
    assert {run.started_by for run in Run.objects.all()} == {cast.adam}


def test_the_page_says_what_holds_it_back(cast: Cast, look: Look) -> None:  # noqa: F811
    upload = begun(cast, numbers(3))
    client = signed_in(cast.adam)
    client.post("/engine/stop/", {"why": "A fire."})
    assert "Everything is stopped" in look(cast.adam, f"/uploads/{upload.pk}/").text


def test_the_same_file_sent_again_is_told(cast: Cast, look: Look) -> None:  # noqa: F811
    first = begun(cast, numbers(3))
    second = sent(cast, numbers(3), first.workflow)
    seen = look(cast.adam, f"/uploads/{second.pk}/")
    assert "The same file was sent before, and Adam Novak started its rows" in seen.text
