"""The shape of the code, held by contracts that fail when they are broken."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("audit", "orchestration", "reviews", "deploy", "config")


def imported_contracts(tree: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([lint, "--no-cache"], cwd=tree, capture_output=True, text=True, timeout=100)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code that may be broken."""
    for name in (*PARTS, "pyproject.toml"):
        subprocess.run(["cp", "-r", ROOT / name, tmp_path / name], check=True)
    return tmp_path


def test_it_keeps_its_import_contracts() -> None:
    kept = imported_contracts(ROOT)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("audit/ledger.py", "import orchestration.models"),
        ("orchestration/engine.py", "import reviews.models"),
        ("reviews/decisions.py", "import deploy.apps"),
        ("reviews/decisions.py", "import litellm"),
        ("orchestration/engine.py", "import rq"),
        ("orchestration/states/runs.py", "import orchestration.engine"),
        ("orchestration/queue.py", "import orchestration.jobs"),
        ("reviews/intake.py", "import channels"),
    ],
)
def test_it_fails_when_a_contract_is_broken(copy: Path, module: str, line: str) -> None:
    broken = copy / module
    broken.write_text(broken.read_text() + f"\n{line}\n")
    assert imported_contracts(copy).returncode == 1


def test_it_changes_a_status_in_one_place_only() -> None:
    changing = re.compile(r"\.update\([^)]*\bstatus=|\.status = (?!%s|')|bulk_update\([^)]*status")
    found = {
        str(path.relative_to(ROOT))
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
        if changing.search(path.read_text())
    }
    assert found == {"audit/moves.py"}


def test_it_reads_the_environment_in_one_place_only() -> None:
    reading = re.compile(r"os\.(environ|getenv)")
    found = {
        str(path.relative_to(ROOT))
        for part in ("audit", "orchestration", "reviews")
        for path in (ROOT / part).rglob("*.py")
        if reading.search(path.read_text())
    }
    assert found <= {"orchestration/call.py"}, "litellm is configured by the environment alone; nobody else reads it"
