"""From a bare Python to `.venv`: on old Pythons, past broken shims, with a sentence when there is no way."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The few files that an installation begins with."""
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/bootstrap.py", "deploy/python.sh", "deploy/uv.lock", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_it_can_be_read_by_an_old_python() -> None:
    ast.parse((ROOT / "deploy/bootstrap.py").read_text(), feature_version=(3, 9))


def test_a_python_that_does_not_run_is_passed_over(clone: Path) -> None:
    broken = program(clone / "shims/python3", "echo 'version not installed' >&2; exit 127").parent
    path = f"{broken}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["sh", str(clone / "deploy/python.sh"), "-c", "print('hello')"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": path})
    assert done.stdout == "hello\n"


def test_no_python_at_all_gets_a_sentence(clone: Path) -> None:
    tools = clone / "tools"
    tools.mkdir()
    (tools / "dirname").symlink_to(str(shutil.which("dirname")))
    command = ["/bin/sh", str(clone / "deploy/python.sh")]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tools)})
    assert done.returncode == 1
    assert "Install python3, then start again" in done.stderr


def test_no_pip_and_no_venv_gets_a_sentence(clone: Path) -> None:
    for name in ("pip", "venv", "ensurepip"):
        (clone / "broken" / name).mkdir(parents=True)
        (clone / "broken" / name / "__init__.py").write_text("raise ImportError")
    done = subprocess.run(
        [sys.executable, str(clone / "deploy/bootstrap.py")],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(clone / "broken")},
    )
    assert done.returncode == 1
    assert "needs a working pip or venv module" in done.stderr


def test_no_python_that_is_new_enough_gets_a_sentence(clone: Path) -> None:
    uv = program(clone / "fake/uv", "exit 2")
    code = f"import bootstrap; bootstrap.VENV = bootstrap.ROOT / 'v'; bootstrap.make_venv({str(uv)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=clone / "deploy")
    assert "needs Python 3.12 or newer" in done.stderr
