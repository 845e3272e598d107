"""What an installation without the sample begins with."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from audit.models import User
from deploy import beside, logins
from orchestration import beginnings
from orchestration.models import Tool


@pytest.mark.django_db
def test_the_first_admin_may_make_workflows_and_is_made_once(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path
    call_command("admin")
    admin = User.objects.get()
    assert beginnings.may_make(admin)
    assert admin.check_password(logins.read(tmp_path / "logins.txt")["admin"])
    assert Tool.objects.filter(name="email.send").exists()
    call_command("admin", "another")
    assert User.objects.count() == 1


def test_logins_that_are_there_stay_when_others_are_made(tmp_path: Path) -> None:
    path = tmp_path / "logins.txt"
    first = logins.make(path, {"admin": "admin"})
    both = logins.make(path, {"admin": "admin", "rita": "reviewer"})
    assert both["admin"] == first["admin"]
    assert logins.read(path) == both
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_command_beside_a_running_installation_finds_its_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "HANDRAIL_SECRET_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("REDIS_URL", "redis://said/0")
    (tmp_path / "secret").write_text("quiet\n")
    beside.tell(tmp_path, {"DATABASE_URL": "postgresql://here", "REDIS_URL": "redis://there/0"})
    beside.join(tmp_path)
    found = [os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "HANDRAIL_SECRET_KEY")]
    assert found == ["postgresql://here", "redis://said/0", "quiet"]


@pytest.mark.parametrize("written", [None, "", "[", json.dumps({})])
def test_where_nothing_runs_nothing_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    if written is not None:
        (tmp_path / beside.FILE).write_text(written)
        (tmp_path / "secret").write_text("")
    beside.join(tmp_path)
    assert os.environ["DATABASE_URL"] == ""
    beside.forget(tmp_path)
    beside.forget(tmp_path)
