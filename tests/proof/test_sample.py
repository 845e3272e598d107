"""The record of the sample workspace, packed and checked as an auditor would."""

from pathlib import Path

import pytest

from audit.models import Leaf
from audit.verifier import events
from tests.proof.conftest import Fetch, public, run_verifier
from tests.sampled import Sample

pytestmark = pytest.mark.django_db


def test_its_pack_is_whole_until_something_is_changed(sample: Sample, fetch: Fetch, alone: Path) -> None:
    pack = fetch(sample.adam)
    said = run_verifier(alone, str(pack.folder), "--key", public())
    assert (said.returncode, said.stderr) == (0, "")
    assert f"{Leaf.objects.count()} entries" in said.stdout
    lines = pack.lines()
    assert len(lines) > 100
    lines[60]["event"]["object_id"] += "1"
    lines[60]["leaf_hash"] = events.leaf_hash(lines[60]["event"]).hex()
    pack.write(lines)
    said = run_verifier(alone, str(pack.folder), "--key", public())
    assert said.returncode == 1
    assert "are not those that were sealed" in said.stderr
