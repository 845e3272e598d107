"""Invitations: the only way in, opened once, within three days, by a link of which nobody keeps the secret."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit import people
from audit.actors import COMMAND
from audit.models import Event, Invitation, User
from tests import clock
from tests.accounts.hands import is_in, link_in, mails, sign_in
from tests.cast import Cast

pytestmark = pytest.mark.django_db
IDA = {"name": "Ida Holm", "login": "ida", "email": "ida@northwind-bank.example"}
CHOSEN = {"password1": "many quiet words", "password2": "many quiet words"}


def invite(adam: Client, **changed: Any) -> str:
    """Invite Ida; returns the path of the link that is shown."""
    reviewers = Group.objects.get(name="reviewer").pk
    page = adam.post("/invitations/", {**IDA, "groups": [reviewers], **changed})
    assert page.status_code == 200, page.context["form"].errors
    found = re.search(r'id="new-link"[^>]* value="https?://[^/]+([^"]+)"', page.content.decode())
    assert found
    return found[1]


def test_somebody_is_invited_chooses_a_password_and_is_in(cast: Cast, adam: Client) -> None:
    path = invite(adam)
    to, _subject, text = mails()[-1]
    assert (to, link_in(text)) == (IDA["email"], path)
    assert path.split("/")[2] not in str(Invitation.objects.values().get())
    ida = Client()
    assert "Welcome, Ida Holm" in ida.get(path).content.decode()
    assert not User.objects.filter(username="ida").exists()  # to look decides nothing
    assert ida.post(path, CHOSEN)["Location"] == "/"
    assert is_in(ida)
    made = User.objects.get(username="ida")
    assert (str(made), made.email, [group.name for group in made.groups.all()]) == (
        "Ida Holm",
        IDA["email"],
        ["reviewer"],
    )
    kinds = ["invitation.open", "user.created", "group.joined", "invitation.accepted", "login.done"]
    told = [one.kind for one in Event.objects.order_by("pk") if one.kind in kinds][-5:]
    assert told == kinds
    assert Event.objects.get(kind="user.created", object_id=str(made.pk)).actor_id == str(cast.adam.pk)
    assert sign_in(Client(), "ida", CHOSEN["password1"])["Location"] == "/"


def test_a_link_opens_once(adam: Client) -> None:
    path = invite(adam)
    assert Client().post(path, CHOSEN).status_code == 302
    assert Client().post(path, CHOSEN).status_code == 410
    assert Client().get(path).status_code == 410


def test_a_link_expires(adam: Client) -> None:
    path = invite(adam)
    clock.jump(timedelta(days=3, minutes=1).total_seconds())
    assert Client().get(path).status_code == 410
    assert Client().post(path, CHOSEN).status_code == 410
    assert not User.objects.filter(username="ida").exists()


def test_a_link_is_withdrawn(adam: Client) -> None:
    path = invite(adam)
    adam.post(f"/invitations/{Invitation.objects.get().pk}/withdraw/")
    assert Client().post(path, CHOSEN).status_code == 410
    assert Event.objects.filter(kind="invitation.withdrawn").exists()
    assert adam.post(f"/invitations/{Invitation.objects.get().pk}/withdraw/").status_code == 409
    invite(adam)  # and another one may be made


@pytest.mark.parametrize("secret", ["a" * 43, "x", "%00", "..", "a" * 2000])
def test_what_was_never_a_link_opens_nothing(cast: Cast, client: Client, secret: str) -> None:
    assert client.get(f"/invitation/{secret}/").status_code in {404, 410}


def test_whoever_is_signed_in_takes_no_invitation(adam: Client) -> None:
    path = invite(adam)
    assert "Sign out first" in adam.get(path).content.decode()
    assert adam.post(path, CHOSEN).status_code == 409
    assert Client().post(path, CHOSEN).status_code == 302


def test_links_of_somebody_who_may_invite_no_more_open_nothing(cast: Cast, adam: Client) -> None:
    path = invite(adam)
    people.leave(cast.adam, Group.objects.get(name="admin"), actor=COMMAND)
    assert Client().post(path, CHOSEN).status_code == 410


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"login": "Rita"}, "signs in with this name already"),
        ({"email": "Rita@northwind-bank.example"}, "has this address already"),
        ({"login": "two words"}, "A login is one word"),
        ({"login": ""}, "required"),
        ({"email": "no address"}, "valid email"),
        ({"groups": ["999999"]}, "not one of the available choices"),
    ],
)
def test_a_bad_invitation_is_refused_and_loses_no_word(adam: Client, changed: dict[str, Any], told: str) -> None:
    page = adam.post("/invitations/", {**IDA, **changed})
    assert page.status_code == 422
    assert told in page.content.decode()
    assert 'value="Ida Holm"' in page.content.decode()
    assert not Invitation.objects.exists()


def test_nobody_is_invited_twice(adam: Client) -> None:
    invite(adam)
    assert adam.post("/invitations/", {**IDA, "login": "IDA"}).status_code == 422
    assert Invitation.objects.count() == 1


def test_a_weak_password_is_refused(adam: Client) -> None:
    path = invite(adam)
    for weak in ({"password1": "short", "password2": "short"}, {**CHOSEN, "password2": "other"}, {}):
        assert Client().post(path, weak).status_code == 422
    assert Client().post(path, CHOSEN).status_code == 302


def test_a_name_that_was_taken_meanwhile_opens_nothing(cast: Cast, adam: Client) -> None:
    path = invite(adam)
    people.welcome("ida", "Ida Other", "", "many quiet words", actor=COMMAND)
    assert Client().post(path, CHOSEN).status_code == 410
