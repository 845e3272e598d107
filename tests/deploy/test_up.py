"""Starting, watching and stopping everything on one machine."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from tests.deploy.conftest import Installation, gone, wait_until

Start = Callable[..., Installation]


def test_it_says_where_the_pages_are_and_who_may_log_in(standing: Installation) -> None:
    said = standing.said()
    assert "http://127.0.0.1:" in said
    assert "rita" in said
    assert "accuracy 0.87" in said


def test_the_sample_is_loaded_on_the_first_start_only(start: Start) -> None:
    start().ready().end()
    assert "Loading the sample" not in start().ready().said()


def test_only_who_migrates_is_given_the_owners_address(standing: Installation) -> None:
    names = ("migrate", "web", "worker")
    given = {name: (standing.home / f"{name}.environment").read_text() for name in names}
    assert "\nMIGRATE_DATABASE_URL" in given["migrate"]
    assert "\nMIGRATE_DATABASE_URL" not in given["web"] + given["worker"]


def test_a_second_start_on_the_same_folder_is_refused(standing: Installation) -> None:
    second = Installation(standing.home, standing.port + 1, output="second")
    assert second.ended() == 1
    assert "already running" in second.said()
    assert "HANDRAIL_HOME=" in second.said()


def test_two_run_side_by_side(standing: Installation, start: Start) -> None:
    start().ready()
    assert standing.process.poll() is None


def test_a_taken_port_is_refused_before_anything_is_started(start: Start, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        refused = start()
        assert refused.ended() == 1
    assert f"Port {free_port} on 127.0.0.1 is taken" in refused.said()
    assert not (refused.home / "postgres").exists()


def test_ctrl_c_leaves_no_process(start: Start) -> None:
    installation = start().ready()
    family = installation.family()
    assert len(family) > 8
    installation.process.send_signal(signal.SIGINT)
    assert installation.ended() == 0
    assert gone(family)


def test_ctrl_c_in_the_middle_of_a_start_leaves_no_process(start: Start) -> None:
    installation = start()
    wait_until(lambda: "PostgreSQL is up" in installation.said())
    family = installation.family()
    installation.process.send_signal(signal.SIGINT)
    installation.ended()
    assert gone(family)


def test_a_make_that_is_told_alone_stops_everything(start: Start, folder: Path, free_port: int) -> None:
    recipe = f"run:\n\t@exec {sys.executable} -m tests.deploy.starter {folder}/home {free_port}\n"
    (folder / "Makefile").write_text(recipe)
    installation = start(command=["make", "-f", f"{folder}/Makefile", "run"]).ready()
    family = installation.family()
    os.kill(installation.process.pid, signal.SIGINT)
    installation.ended()
    assert gone(family)


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_start_goes_on(start: Start) -> None:
    first = start().ready()
    family = first.family()
    first.process.kill()
    first.ended()
    start().ready()
    assert gone(family)


def test_what_a_crash_left_running_is_taken_over(start: Start) -> None:
    first = start().ready()
    web = first.child("web")
    web.suspend()
    first.process.kill()
    first.ended()
    second = start().ready()
    assert "left over" in second.said()
    assert gone([web])


def test_a_process_that_dies_is_started_again_and_what_it_forked_ends(standing: Installation) -> None:
    worker = standing.child("worker")
    forked = worker.children()
    worker.kill()
    wait_until(lambda: "worker ended by itself" in standing.said())
    wait_until(lambda: any(process.cmdline()[-1:] == ["worker"] for process in standing.family()))
    assert gone([worker, *forked])
    assert forked


def test_a_dead_database_is_started_again(standing: Installation) -> None:
    server = next(p for p in standing.family() if "pginstall18" in (p.cmdline() or [""])[0])
    server.kill()
    wait_until(lambda: "PostgreSQL ended by itself" in standing.said())
    pid_file = standing.home / "postgres" / "postmaster.pid"
    wait_until(lambda: pid_file.exists() and int(pid_file.read_text().split()[0]) != server.pid)
    wait_until(lambda: "ready" in pid_file.read_text())
