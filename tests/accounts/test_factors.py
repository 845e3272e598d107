"""Second factors: an app, recovery codes, and that each is asked for where it is set up."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client

from audit.models import Event
from tests.accounts.hands import code, codes, confirm, is_in, set_up_app, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PAGE = "/me/security/"


def halfway() -> Client:
    """Rita's browser after the password."""
    client = Client()
    assert sign_in(client)["Location"] == "/login/second/"
    assert not is_in(client)
    return client


def test_nothing_about_signing_in_changes_before_one_shows_who_one_is(rita: Client) -> None:
    for path in ("app/", "passkeys/new/", "codes/new/", "passkeys/1/", "passkeys/1/remove/"):
        for answer in (rita.get(PAGE + path), rita.post(PAGE + path, {"code": "123456"})):
            assert answer["Location"].startswith("/confirm/"), path
    assert confirm(rita, "wrong words here").status_code == 200
    assert rita.get(PAGE + "app/").status_code == 302
    confirm(rita)
    assert rita.get(PAGE + "app/").status_code == 200


def test_an_app_is_asked_for_after_the_password(cast: Cast, rita: Client) -> None:
    secret = set_up_app(rita)
    assert len(codes(rita)) == 10
    kept = Authenticator.objects.get(user=cast.rita, type="totp")
    assert secret not in str(kept.data)
    client = halfway()
    assert client.post("/login/second/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post("/login/second/", {"code": code(secret)})["Location"] == "/"
    assert is_in(client)
    assert Event.objects.filter(kind="login.done").latest("pk").auth == "password+totp"
    assert Event.objects.filter(kind="login.failed").count() == 1
    told = Event.objects.filter(kind="user.factor_added", actor_id=str(cast.rita.pk)).order_by("pk")
    assert [one.data["name"] for one in told] == ["authenticator app", "recovery codes"]


def test_a_code_opens_once(cast: Cast, rita: Client) -> None:
    now = code(set_up_app(rita))
    first, second = halfway(), halfway()
    assert first.post("/login/second/", {"code": now}).status_code == 302
    assert second.post("/login/second/", {"code": now}).status_code == 200


def test_a_recovery_code_opens_once(cast: Cast, rita: Client) -> None:
    set_up_app(rita)
    spare = codes(rita)[0]
    assert halfway().post("/login/second/", {"code": spare})["Location"] == "/"
    assert halfway().post("/login/second/", {"code": spare}).status_code == 200
    assert spare not in codes(rita)
    assert spare not in rita.get(PAGE + "codes/file/").content.decode()


def test_wrong_codes_are_counted_like_wrong_passwords(cast: Cast, rita: Client) -> None:
    set_up_app(rita)
    client = halfway()
    answers = [client.post("/login/second/", {"code": f"00000{n}"}).status_code for n in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert sign_in(Client()).status_code == 429


def test_new_recovery_codes_replace_the_old_ones(rita: Client) -> None:
    set_up_app(rita)
    before = codes(rita)
    rita.post(PAGE + "codes/new/")
    assert not set(before) & set(codes(rita))


def test_an_app_is_removed_with_its_codes(cast: Cast, rita: Client) -> None:
    set_up_app(rita)
    assert rita.post(PAGE + "app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=cast.rita).exists()
    assert Event.objects.filter(kind="user.factor_removed").exists()
    assert sign_in(Client())["Location"] == "/"


def test_after_another_secret_key_the_factor_opens_nothing(cast: Cast, rita: Client, settings: LazySettings) -> None:
    secret = set_up_app(rita)
    settings.SECRET_KEY = "another-secret-key-of-the-tests-0123456789-abcdef"
    client = halfway()
    assert client.post("/login/second/", {"code": code(secret)}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("wanted", [["everybody"], ["reviewer"]])
def test_where_a_second_factor_is_asked_for_nothing_opens_before_it_is_set_up(
    cast: Cast, rita: Client, settings: LazySettings, wanted: list[str]
) -> None:
    settings.HANDRAIL_SECOND_FACTOR = wanted
    for path in ("/", "/inbox/", "/runs/", "/nav/", "/record/", "/me/"):
        assert rita.get(path)["Location"] == PAGE, path
    assert "A second factor is asked of you" in rita.get(PAGE).content.decode()
    set_up_app(rita)
    assert is_in(rita)
    rita.post(PAGE + "app/remove/")
    assert rita.get("/inbox/")["Location"] == PAGE


def test_a_session_from_before_shows_the_factor_that_there_is(cast: Cast, rita: Client, settings: LazySettings) -> None:
    other = Client()
    sign_in(other)
    secret = set_up_app(rita)
    settings.HANDRAIL_SECOND_FACTOR = ["everybody"]
    assert other.get("/inbox/")["Location"] == "/confirm/code/?next=%2Finbox%2F"
    assert other.post("/confirm/code/?next=/inbox/", {"code": code(secret)})["Location"] == "/inbox/"
    assert other.get("/inbox/").status_code == 200


def test_it_is_asked_of_the_groups_that_are_named_alone(cast: Cast, rita: Client, settings: LazySettings) -> None:
    settings.HANDRAIL_SECOND_FACTOR = ["admin"]
    assert is_in(rita)
    admin = Client()
    sign_in(admin, "adam")
    assert admin.get("/")["Location"] == PAGE
