"""What the tests of the proof share: a sealed record with decisions in it, packs of it, and a program to check them."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from audit.models import User
from audit.proof.folder import Folder
from audit.proof.program import verifier
from tests.audit.conftest import _whole, seal_all
from tests.audit.conftest import decide as decide

type Fetch = Callable[..., "Unpacked"]


@dataclass
class Unpacked:
    """A pack in a folder, as whoever got it has it; and what the verifier beside it says."""

    folder: Path

    def lines(self) -> list[dict[str, Any]]:
        """Its entries."""
        return [json.loads(line) for line in (self.folder / "record.jsonl").read_text().splitlines()]

    def write(self, lines: list[dict[str, Any]]) -> None:
        """Others in their place."""
        (self.folder / "record.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def text(self, name: str) -> str:
        """One of its files."""
        return (self.folder / name).read_text()

    def verify(self, *more: str) -> subprocess.CompletedProcess[str]:
        """The verifier that came with it, in a Python that knows nothing of ours."""
        return run_verifier(self.folder / "verify.pyz", str(self.folder), *more)


def run_verifier(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start it where nothing of ours can be imported: isolated, from another folder, with no environment."""
    return subprocess.run(
        [sys.executable, "-I", str(program), *arguments],
        cwd=program.parent, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def fetch(client: Client, tmp_path: Path) -> Fetch:
    """Download a pack through the page, and unpack it."""

    def download(user: User, address: str = "/record/evidence.zip", name: str = "pack") -> Unpacked:
        client.force_login(user)
        seal_all()
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        folder = tmp_path / name
        with zipfile.ZipFile(io.BytesIO(async_to_sync(_whole)(answer))) as archive:
            assert archive.testzip() is None
            archive.extractall(folder)
        return Unpacked(folder)

    return download


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The verifier alone in an empty folder."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "verify.pyz").write_bytes(verifier())
    return folder / "verify.pyz"


def public() -> str:
    """The key of this installation, as an auditor was given it."""
    return str(Folder.here().public())
