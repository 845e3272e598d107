"""Keys of models: found by their reference when a call is made, and in nothing that anybody can read."""

import asyncio
import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Event, Personal
from orchestration import call, catalog, credentials, encrypted
from orchestration.catalog import CannotChange, keeping, testing
from orchestration.credentials import KeyMissing, Way
from orchestration.models import KeptKey, Model, ModelTest
from tests.cast import Cast
from tests.catalog.conftest import signed
from tests.loopback import Provider

pytestmark = pytest.mark.django_db
CANARY = "canary-key-0123456789abcdef"
QUESTION = [{"role": "user", "content": "x"}]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.HANDRAIL_SECRETS_FOLDER = tmp_path / "secrets"
    settings.HANDRAIL_SECRETS_FOLDER.mkdir()
    return Path(settings.HANDRAIL_SECRETS_FOLDER)


def write(path: Path, text: str = CANARY, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return f"file:{path}"


def missing(reference: str) -> str:
    with pytest.raises(KeyMissing) as told:
        credentials.value(reference)
    assert CANARY not in "".join(traceback.format_exception(told.value))
    assert credentials.missing([reference]) == {reference: str(told.value)}
    return str(told.value)


def test_a_variable_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing("env:A_KEY_OF_TESTS") == "A_KEY_OF_TESTS is not in the environment."
    monkeypatch.setenv("A_KEY_OF_TESTS", CANARY)
    assert credentials.value("env:A_KEY_OF_TESTS") == CANARY


@pytest.mark.parametrize("name", ["HANDRAIL_SECRET_KEY", "DATABASE_URL", "MIGRATE_DATABASE_URL", "REDIS_URL", "PGHOST"])
def test_what_opens_the_installation_itself_is_given_to_no_model(name: str) -> None:
    assert "belongs to Handrail itself" in missing(f"env:{name}")


def test_a_file_is_read_when_it_is_asked_for(folder: Path) -> None:
    reference = write(folder / "openai", f"{CANARY}\n")
    assert credentials.value(reference) == CANARY
    write(folder / "openai", "another-key")
    assert credentials.value(reference) == "another-key"


def test_files_that_are_not_as_they_should_be_are_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside)
    (folder / "link").symlink_to(outside)
    (folder / "inner").mkdir()
    assert "does not lie in the folder" in missing(f"file:{outside}")
    assert "does not lie in the folder" in missing(f"file:{folder}/../outside")
    assert "does not lie in the folder" in missing(f"file:{folder}/link")
    assert "cannot be read" in missing(f"file:{folder}/none")
    assert "is no file" in missing(f"file:{folder}/inner")
    assert "can be read by everybody" in missing(write(folder / "open", mode=0o644))
    assert "is empty" in missing(write(folder / "empty", " \n"))
    assert "too long" in missing(write(folder / "long", "x" * 20_000))
    assert "more than one line" in missing(write(folder / "lines", "one\ntwo"))


def test_a_kept_key_is_encrypted_and_never_shown(cast: Cast) -> None:
    row = keeping.keep("gateway", CANARY, by=cast.adam)
    assert credentials.value("kept:gateway") == CANARY
    assert CANARY not in row.closed
    assert CANARY not in repr(row) + str(row) + str(vars(row))
    assert CANARY not in "".join(Event.objects.values_list("body", flat=True))


def test_a_kept_key_is_changed_and_the_next_call_has_it(cast: Cast) -> None:
    row = keeping.keep("gateway", CANARY, by=cast.adam)
    catalog.look()
    keeping.renew(row.pk, "another-key-of-tests", by=cast.adam)
    assert credentials.value("kept:gateway") == "another-key-of-tests"
    kinds = list(Event.objects.filter(object_type="keptkey").order_by("id").values_list("kind", flat=True))
    assert kinds == ["keptkey.kept", "keptkey.changed"]


def test_an_event_loop_has_what_was_looked_at_before(cast: Cast) -> None:
    keeping.keep("gateway", CANARY, by=cast.adam)
    catalog.look()

    async def ask() -> str:
        return credentials.value("kept:gateway")

    assert asyncio.run(ask()) == CANARY


def test_a_key_that_a_model_names_is_not_forgotten(cast: Cast) -> None:
    row = keeping.keep("gateway", CANARY, by=cast.adam)
    catalog.add("house/large", {"secret": "kept:gateway"}, by=cast.adam)
    with pytest.raises(CannotChange, match="house/large"):
        keeping.drop(row.pk, by=cast.adam)
    Model.objects.update(secret="")
    keeping.drop(row.pk, by=cast.adam)
    assert not KeptKey.objects.exists()


@pytest.mark.parametrize(
    "key", ["", "short", "two words of a key", "line\nbreak-in-a-key", "schlüssel-0123", "x" * 4001]
)
def test_what_is_no_key_is_not_kept_and_not_repeated(cast: Cast, key: str) -> None:
    with pytest.raises(CannotChange) as refused:
        keeping.keep("gateway", key, by=cast.adam)
    assert not key or key not in str(refused.value)


def test_after_another_secret_key_the_old_one_still_opens_and_is_let_go(cast: Cast, settings: Any) -> None:
    keeping.keep("gateway", CANARY, by=cast.adam)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key-of-the-tests-0123456789"
    catalog.forget()
    assert "closed under another secret key" in missing("kept:gateway")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert credentials.value("kept:gateway") == CANARY
    catalog.keep_in_line()
    settings.SECRET_KEY_FALLBACKS = []
    assert credentials.value("kept:gateway") == CANARY


def test_what_is_kept_for_one_purpose_opens_for_no_other() -> None:
    with pytest.raises(encrypted.Lost):
        encrypted.open_up(encrypted.close("a text", b"one"), b"another")


def test_a_way_shows_all_but_the_key() -> None:
    way = Way("openai/large", "https://models.example.org/v1", CANARY)
    assert CANARY not in repr(way) + str(way) + f"{way!r}"


def over(farm: Provider, **more: Any) -> call.Reply:
    async def once() -> call.Reply:
        base = f"http://127.0.0.1:{farm.port}/v1"
        try:
            return await call.acomplete(
                "house/large", QUESTION, seconds=10, route="openai/triage", api_base=base, **more
            )
        finally:
            await call.close()

    return asyncio.run(once())


def test_a_call_goes_where_the_row_says_with_its_own_key(farm: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    reply = over(farm, api_key=CANARY)
    assert (reply.model, reply.tokens_in) == ("house/large", 40)
    assert farm.asked == ["triage"]
    assert farm.keys == [f"Bearer {CANARY}"]


def test_the_environments_key_is_sent_to_no_address_of_ones_own(
    farm: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    over(farm)
    assert farm.keys == ["Bearer none"]


def test_an_address_inside_the_house_is_not_asked_where_it_must_be_public(farm: Provider) -> None:
    with pytest.raises(call.CallFailed, match="inside the house") as failed:
        over(farm, api_key=CANARY, public_only=True)
    assert (failed.value.code, farm.asked) == ("refused", [])


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_a_provider_that_repeats_the_key_in_its_error_tells_nobody(
    farm: Provider, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    farm.status = status
    farm.body = json.dumps({"error": {"message": f"Incorrect API key provided: {CANARY}"}}).encode()
    with pytest.raises(call.CallFailed) as failed:
        over(farm, api_key=CANARY)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert CANARY not in told
    assert CANARY not in "".join(record.getMessage() for record in caplog.records if record.levelno >= logging.INFO)


def test_a_provider_that_repeats_the_key_in_its_answer_is_not_kept(farm: Provider) -> None:
    farm.says = [{"content": json.dumps({"headers": f"Bearer {CANARY}"})}]
    with pytest.raises(call.CallFailed, match="repeats the key") as failed:
        over(farm, api_key=CANARY)
    assert CANARY not in "".join(traceback.format_exception(failed.value))


def test_no_page_event_or_row_holds_the_key(cast: Cast, ada: Any, farm: Provider) -> None:
    """From the form to a call that fails: then everything is looked through."""
    adam = Client()
    adam.force_login(cast.adam)
    pages = [adam.post("/models/keys/", {"name": "gateway", "key": CANARY}, follow=True)]
    pages.append(adam.post("/models/keys/", {"name": "Not A Name", "key": CANARY}))
    pages.append(adam.post("/models/keys/", {"name": "gateway", "key": CANARY}))
    pages.append(adam.post("/models/new/", {"name": "house/x", "secret": CANARY, "quality": "0.5", "ceiling": "none"}))
    pages.append(adam.post("/models/new/", {"name": "house/x", "secret": f"env:{CANARY}"}))
    wanted = {"route": "openai/triage", "endpoint": f"http://127.0.0.1:{farm.port}/v1", "private_endpoint": True}
    row = catalog.add("house/large", {**wanted, "secret": "kept:gateway"}, by=cast.adam)
    signed(row, by=cast.adam, second=ada)
    farm.status, farm.body = 401, json.dumps({"error": {"message": f"Wrong key: {CANARY}"}}).encode()
    test = testing.ask(row, by=cast.adam)
    testing.end(test, testing.make(test, credentials.way(row)))
    assert farm.keys == [f"Bearer {CANARY}"]
    pages += [adam.get(path) for path in ("/models/", f"/models/{row.pk}/", f"/models/{row.pk}/edit/", "/models/keys/")]
    pages += [adam.get("/record/"), adam.get("/proposals/?list=closed")]
    assert not [page for page in pages if CANARY in page.content.decode()]
    assert not [event for event in Event.objects.all() if CANARY in event.body]
    assert not [part for part in Personal.objects.all() if CANARY in part.data]
    assert not [kept for kept in KeptKey.objects.values_list("closed", flat=True) if CANARY in kept]
    assert ModelTest.objects.get().error == "house/large: The provider refused the key."
