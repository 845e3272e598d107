"""Signing in: the same answer for everybody who may not, tries that are counted, a way back by mail."""

import threading

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.test import Client

from audit.models import Event, User
from tests.accounts.hands import WRONG, is_in, link_in, mails, posted, sign_in, told
from tests.cast import PASSWORD, Cast
from tests.reaching.postbox import Postbox, name_it

pytestmark = pytest.mark.django_db
NEW = "other quiet words 7"


def test_somebody_signs_in_and_comes_to_where_they_wanted(cast: Cast, client: Client) -> None:
    asked = client.get("/runs/")
    assert asked["Location"] == "/login/?next=/runs/"
    assert "Sign in to open that page" in client.get(asked["Location"]).content.decode()
    answer = sign_in(client, next="/runs/")
    assert answer["Location"] == "/runs/"
    done = Event.objects.get(kind="login.done")
    assert (done.actor_id, done.auth) == (str(cast.rita.pk), "password")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_never_leads_to_another_host(cast: Cast, client: Client, next_page: str) -> None:
    assert sign_in(client, next=next_page)["Location"] == "/"


def test_the_login_says_the_same_of_people_who_are_not_there(cast: Cast) -> None:
    known = told(sign_in(Client(), "rita", WRONG)).replace("rita", "")
    unknown = told(sign_in(Client(), "nobody-here", WRONG)).replace("nobody-here", "")
    assert known == unknown
    assert "is not right" in known


def test_whoever_is_switched_off_is_told_nothing_before_the_password_is_right(cast: Cast) -> None:
    User.objects.filter(pk=cast.noah.pk).update(is_active=False)
    off = told(sign_in(Client(), "noah", WRONG)).replace("noah", "")
    assert off == told(sign_in(Client(), "nobody-here", WRONG)).replace("nobody-here", "")
    client = Client()
    sign_in(client, "noah")
    assert not is_in(client)
    assert "switched off" in client.get("/login/").content.decode()


@pytest.mark.parametrize("login", ["rita", "nobody-here"])
def test_after_five_wrong_tries_nobody_comes_in_for_a_while(cast: Cast, login: str) -> None:
    answers = [sign_in(Client(), login, WRONG).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = sign_in(Client(), login, PASSWORD)
    assert locked.status_code == 429
    assert "Wait 15 minutes" in locked.content.decode()
    assert sign_in(Client(), "ravi").status_code == 302  # nobody else is held up


def test_what_was_tried_is_counted_without_what_was_typed(cast: Cast, client: Client) -> None:
    sign_in(client, "rita", WRONG)
    attempt = AccessAttempt.objects.get()
    assert WRONG not in f"{attempt.post_data}{attempt.get_data}"
    sign_in(client)
    assert not AccessAttempt.objects.exists()


def test_a_forgotten_password_comes_back_by_mail_and_ends_every_session(cast: Cast, rita: Client) -> None:
    away = Client()
    sent = away.post("/password/forgotten/", {"email": "RITA@northwind-bank.example"})
    assert sent["Location"] == "/password/sent/"
    to, _subject, text = mails()[-1]
    assert to == "rita@northwind-bank.example"
    link = link_in(text)
    page = away.get(link, follow=True)
    answer = away.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert answer["Location"] == "/password/done/"
    assert not is_in(rita)
    assert not is_in(away)  # the link opens no session
    assert sign_in(away, password=NEW)["Location"] == "/"
    assert Event.objects.filter(kind="user.password", auth="mail").count() == 1
    again = Client().get(link, follow=True)
    assert "opens nothing any more" in again.content.decode()


def test_asking_for_a_link_says_the_same_whoever_asks(cast: Cast) -> None:
    answers = [
        Client().post("/password/forgotten/", {"email": f"{name}@northwind-bank.example"}) for name in ("rita", "no")
    ]
    assert {(one.status_code, one["Location"]) for one in answers} == {(302, "/password/sent/")}
    assert len(mails()) == 1


def test_a_weak_password_is_refused(cast: Cast, client: Client) -> None:
    client.post("/password/forgotten/", {"email": "rita@northwind-bank.example"})
    page = client.get(link_in(mails()[-1][2]), follow=True)
    for weak in ("short", "password1234", "rita@northwind-bank.example"):
        answer = client.post(page.redirect_chain[-1][0], {"password1": weak, "password2": weak})
        assert answer.status_code == 200
    assert sign_in(Client()).status_code == 302


def test_a_link_is_good_for_an_hour(cast: Cast, client: Client, settings: LazySettings) -> None:
    client.post("/password/forgotten/", {"email": "rita@northwind-bank.example"})
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "opens nothing any more" in client.get(link_in(mails()[-1][2])).content.decode()


@pytest.mark.parametrize("path", ["/signup/", "/accounts/signup/", "/me/email/", "/email/", "/confirm-email/x/"])
def test_nobody_signs_up(rita: Client, path: str) -> None:
    assert rita.get(path).status_code == 404
    assert rita.post(path, {"username": "eve", "password1": NEW, "password2": NEW}).status_code == 404


def test_the_password_is_changed_with_the_one_that_one_has(cast: Cast, rita: Client) -> None:
    other = Client()
    sign_in(other)
    page = "/me/security/password/"
    assert rita.post(page, {"oldpassword": WRONG, "password1": NEW, "password2": NEW}).status_code == 200
    changed = rita.post(page, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert changed["Location"] == "/me/security/"
    assert is_in(rita)
    assert not is_in(other)
    assert sign_in(Client(), password=PASSWORD).status_code == 200
    assert any(to == "rita@northwind-bank.example" for to, _subject, _text in mails())  # and they are told


def test_no_request_waits_for_the_mail_server(cast: Cast, settings: LazySettings) -> None:
    with Postbox() as postbox:
        name_it(settings, postbox.server_address[1])
        sent = Client().post("/password/forgotten/", {"email": "rita@northwind-bank.example"})
        assert sent["Location"] == "/password/sent/"
        assert postbox.taken == []  # it has not even said that it is ready
        threading.Thread(target=postbox.serve_forever, daemon=True).start()
        posted()
        postbox.shutdown()
    (letter,) = postbox.to("rita@northwind-bank.example")
    assert "/password/new/" in str(letter.get_content())
