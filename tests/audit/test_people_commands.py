"""People and groups from a shell, as long as there is no page for them."""

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event, User

pytestmark = pytest.mark.django_db


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command writes."""
    call_command(*command)
    return capsys.readouterr().out


def test_a_person_is_made_with_groups_and_a_password_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "person", "rita", "--name", "Rita Bauer", "--group", "reviewer")
    rita = User.objects.get(username="rita")
    assert (str(rita), rita.check_password(told.split()[-1])) == ("Rita Bauer", True)
    assert list(rita.groups.values_list("name", flat=True)) == ["reviewer"]
    assert "Password" not in said(capsys, "person", "rita")


def test_groups_are_joined_and_left(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "person", "rita", "--group", "reviewer")
    said(capsys, "person", "rita", "--group", "manager", "--leave", "reviewer")
    assert list(User.objects.get(username="rita").groups.values_list("name", flat=True)) == ["manager"]
    assert Event.objects.filter(kind="group.left").count() == 1


def test_another_password_stops_the_old_one(capsys: pytest.CaptureFixture[str]) -> None:
    old = said(capsys, "person", "rita").split()[-1]
    new = said(capsys, "person", "rita", "--new-password").split()[-1]
    rita = User.objects.get(username="rita")
    assert (rita.check_password(old), rita.check_password(new)) == (False, True)
    assert Event.objects.filter(kind="user.password").exists()


def test_a_group_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(CommandError, match="There are: admin, manager, owner, reviewer"):
        call_command("person", "rita", "--group", "reviewers")
    assert not User.objects.filter(username="rita").exists()


@pytest.mark.parametrize("login", ["", "two words", "x" * 151, "a\nb"])
def test_a_login_is_one_word(login: str) -> None:
    with pytest.raises(CommandError, match="one word"):
        call_command("person", login)


def test_a_group_is_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is made" in said(capsys, "group", "claims")
    assert "already" in said(capsys, "group", "claims")
    assert Event.objects.filter(kind="group.made").count() == 1
    said(capsys, "person", "rita", "--group", "claims")
