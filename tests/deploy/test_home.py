"""The data folder: room, secrets, sockets, and what a crash left behind."""

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from deploy import leftovers
from deploy.child import Child
from deploy.home import Home, make_private
from deploy.refusals import CannotStart, DiskFull, in_a_sentence


@pytest.fixture
def home(folder: Path) -> Home:
    made = Home(folder / "home")
    made.prepare()
    return made


def test_a_full_disk_is_refused_with_what_to_do(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(home.root)._replace(free=5 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(DiskFull, match=r"Only 5 MB are free.*HANDRAIL_HOME="):
        home.require_room()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "may not write"), (errno.EIO, "refused")],
)
def test_what_the_system_refuses_becomes_a_sentence(number: int, words: str) -> None:
    assert words in str(in_a_sentence(OSError(number, "no", "/somewhere")))


def test_the_secret_is_made_once_and_is_private(home: Home) -> None:
    secret = home.secret()
    assert len(secret) > 60
    assert home.secret() == secret
    assert (home.root / "secret").stat().st_mode & 0o077 == 0


def test_sockets_have_short_names_however_deep_the_folder_lies(folder: Path) -> None:
    home = Home(folder / ("deep/" * 40) / "home")
    assert len(str(home.sockets("pg"))) < 90


def test_a_socket_folder_that_somebody_else_made_is_refused(folder: Path) -> None:
    (folder / "sockets").symlink_to("/tmp")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        make_private(folder / "sockets", os.geteuid())


def test_the_last_log_is_kept_once(home: Home) -> None:
    home.log("web").write_text("before")
    assert home.log("web").read_text() == ""
    assert (home.logs / "web.log.1").read_text() == "before"


def test_what_was_left_running_is_stopped_and_named(home: Home) -> None:
    child = Child("clock", [sys.executable, "-c", "import time; time.sleep(60)"], home.log("clock"))
    child.start()
    leftovers.remember(home.children, [child])
    assert leftovers.stop(home.children) == ["clock"]
    assert not child.alive()


def test_a_process_that_was_given_an_old_number_is_left_alone(home: Home) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = psutil.Process(stranger.pid).create_time()
    trace = leftovers.Trace("web", stranger.pid, born - 3600, 15, ["python"])
    home.children.write_text(json.dumps([asdict(trace)]))
    assert leftovers.stop(home.children) == []
    assert stranger.poll() is None
    stranger.communicate(b"\n")


def test_a_list_that_a_crash_cut_short_names_nobody(home: Home) -> None:
    home.children.write_text('[{"name": "web", "pid": 12')
    assert leftovers.stop(home.children) == []
