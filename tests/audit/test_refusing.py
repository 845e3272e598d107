"""A process does not start on a ledger that is not guarded."""

import os
import subprocess
import sys

import pytest

from audit import guards
from tests import owner
from tests.processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("command", ["clock", "worker", "web"])
def test_it_refuses_to_start_without_a_guard(command: str) -> None:
    with owner.connect() as connection:
        connection.execute("DROP TRIGGER event_refuses_change ON audit_event")
    try:
        tried = subprocess.run(
            [sys.executable, "manage.py", command], cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60
        )
    finally:
        with owner.connect() as connection:
            for statement in guards.ALL:
                connection.execute(statement)
    assert tried.returncode == 1
    assert "audit.E001" in tried.stderr
    assert "event_refuses_change" in tried.stderr
