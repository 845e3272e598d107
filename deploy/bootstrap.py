"""From a bare Python to `.venv` with everything in the lock. Standard library only; Python 3.9 or newer.

Usage: bootstrap.py [command ...]   installs what is missing, then becomes `.venv/bin/python command ...`
"""

import functools
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, NoReturn, Optional

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "deploy" / "uv.lock"
TOOLS = ROOT / ".bootstrap"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "handrail.stamp"
WANTED = "3.13"
OLDEST = (3, 12)
STARTED = float(os.environ.get("HANDRAIL_STARTED") or time.time())


class Refusal(Exception):
    """The installation cannot go on; the message says why and what to do."""


def main() -> None:
    """Install what is missing, then become the command that was asked for."""
    os.chdir(ROOT)
    try:
        if not is_installed():
            install()
    except Refusal as refusal:
        stop(str(refusal))
    except OSError as error:
        stop(f"The operating system refused: {error}. Is the disk full, or this folder read-only?")
    except KeyboardInterrupt:
        sys.exit(130)
    if len(sys.argv) > 1:
        environment = dict(os.environ, HANDRAIL_STARTED=str(STARTED))
        os.execve(str(PYTHON), [str(PYTHON), *sys.argv[1:]], environment)


def is_installed() -> bool:
    """Whether `.venv` holds exactly this lock, for a Python that is still there."""
    return STAMP.exists() and STAMP.read_text() == stamp() and runs(PYTHON)


def install() -> None:
    """uv, then a Python, then the packages. The stamp comes last: an interrupted install is done again."""
    STAMP.unlink(missing_ok=True)
    uv = installer()
    if not runs(PYTHON):
        make_venv(uv)
    say("Installing the packages of requirements.lock, each checked by its hash ...")
    command = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--python",
        str(PYTHON),
        "--requirement",
        str(LOCK),
    ]
    if call(command, settings_for_uv()) != 0:
        raise Refusal(
            "The packages could not be installed. If the lines above speak of a connection, check it and "
            "start again; behind a mirror, set UV_DEFAULT_INDEX to its address."
        )
    STAMP.write_text(stamp())
    say("The packages are installed")


def stamp() -> str:
    """What was installed: changes with the lock and with the place of the folder."""
    return hashlib.sha256(LOCK.read_bytes() + str(VENV).encode()).hexdigest()


def installer() -> str:
    """The path of the pinned uv, fetched once."""
    key = hashlib.sha256(UV_LOCK.read_bytes()).hexdigest()[:12]
    folder = TOOLS / f"uv-{key}"
    if not (folder / "bin" / "uv").exists():
        say("Fetching uv, the installer ...")
        fetch_installer(folder)
    return str(folder / "bin" / "uv")


def fetch_installer(folder: Path) -> None:
    """By our own pip when there is one, else by the pip of a new environment."""
    unfinished = folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(exist_ok=True)
    for pip in pips(unfinished):
        target = unfinished / "files"
        options = [
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
            "--target",
            str(target),
        ]
        if (
            call(
                [pip, "-m", "pip", "install", *options, "--requirement", str(UV_LOCK)],
                {"PIP_USER": "0"},
                quiet=True,
            )
            == 0
        ):
            target.rename(folder)
            shutil.rmtree(unfinished, ignore_errors=True)
            return
    call([sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--requirement", str(UV_LOCK)], {})
    raise Refusal(
        f"uv could not be fetched: {sys.executable} needs a working pip or venv module, and a way to a "
        "package index. On Debian and Ubuntu: apt install python3-venv"
    )


def pips(folder: Path) -> List[str]:
    """Pythons that have pip: ourselves, or an environment made for it, as each is asked for."""
    found = [sys.executable] if call([sys.executable, "-m", "pip", "--version"], {}, quiet=True) == 0 else []
    if not found and call([sys.executable, "-m", "venv", str(folder / "venv")], {}, quiet=True) == 0:
        found.append(str(folder / "venv" / "bin" / "python"))
    return found


def make_venv(uv: str) -> None:
    """With the wanted Python when it is here, else a newer or older one that will do, else a fetched one."""
    say("Looking for a Python of at least {}.{} ...".format(*OLDEST))
    shutil.rmtree(VENV, ignore_errors=True)
    here = [WANTED, *beside_the_path(), ">={}.{}".format(*OLDEST)]
    for wanted, download in [*((python, "never") for python in here), (WANTED, "automatic")]:
        options = ["--quiet", "--no-project", "--python-preference", "system", "--python", wanted]
        changes = dict(settings_for_uv(), UV_PYTHON_DOWNLOADS=download)
        if call([uv, "venv", *options, str(VENV)], changes, quiet=True) == 0 and runs(PYTHON):
            return
    raise Refusal(
        "Handrail needs Python {}.{} or newer; none was found here and none could be fetched. Install one "
        "(apt install python3.13, brew install python@3.13, pyenv install 3.13), then start again.".format(*OLDEST)
    )


def beside_the_path() -> List[str]:
    """Pythons of pyenv that its shims do not offer in this folder, newest first."""
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = glob.glob(os.path.join(root, "versions", "3.1[2-9].*", "bin", "python"))
    return sorted(found, reverse=True)


def runs(python: Path) -> bool:
    """Whether this Python starts and is new enough."""
    code = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return python.exists() and call([str(python), "-c", code], {}, quiet=True) == 0


@functools.lru_cache(maxsize=None)
def settings_for_uv() -> Dict[str, str]:
    """uv does not read pip's settings: hand on the index and certificates that were set for pip alone."""
    changes = {"UV_PROJECT_ENVIRONMENT": str(VENV), "VIRTUAL_ENV": str(VENV)}
    index = pip_setting("index-url")
    if index and not any(os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        changes["UV_DEFAULT_INDEX"] = index
    certificates = pip_setting("cert")
    if certificates and not os.environ.get("SSL_CERT_FILE"):
        changes["SSL_CERT_FILE"] = certificates
    return changes


def pip_setting(name: str) -> Optional[str]:
    """What pip was told, in the environment or in its files; None when nothing was, or there is no pip."""
    given = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if given:
        return given
    command = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def call(command: List[str], changes: Dict[str, str], quiet: bool = False) -> int:
    """Run to the end; its exit code, or 127 when it does not even start."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, env=dict(os.environ, **changes), stdout=output, stderr=output).returncode
    except OSError:
        return 127


def say(line: str) -> None:
    """A line of progress, with the seconds since the command was typed."""
    print(f"[{time.time() - STARTED:5.1f} s] {line}", flush=True)


def stop(sentence: str) -> NoReturn:
    """The last line of an installation that could not go on."""
    print(f"\n{sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
