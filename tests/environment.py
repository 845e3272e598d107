"""A pytest plugin: PostgreSQL and Valkey stand before Django reads its settings, and go when the tests have ended.

Where tests run in several processes (`-n`), each of these has servers of its own, and the one that leads them has none.
"""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests import servers

# Many tests start a process anew: each would compile thousands of modules where nobody keeps what was compiled.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

LEADS = "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ

# Tests kill processes, never the machine: what the server has handed to the system is kept without being flushed.
QUICK = {"fsync": "off"}

standing = servers.NONE if LEADS else servers.start(QUICK)
if not LEADS:
    os.environ["DATABASE_URL"] = standing.app_url
    os.environ["MIGRATE_DATABASE_URL"] = standing.owner_url
    os.environ["REDIS_URL"] = standing.redis_url
os.environ["HANDRAIL_HOME"] = tempfile.mkdtemp(prefix="handrail-test-home-")
os.environ.setdefault("HANDRAIL_LOG_LEVEL", "WARNING")
os.environ.setdefault("HANDRAIL_LEASE_SECONDS", "6")
os.environ.setdefault("HANDRAIL_TOOLS", "tests.tools")
os.environ["HANDRAIL_SECRET_KEY"] = "a-secret-of-the-tests-0123456789-abcdefghijklmnop"
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's own loop runs beside the tests


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started here."""
    standing.stop()
    home = Path(os.environ["HANDRAIL_HOME"])
    assert home.name.startswith("handrail-test-home-")
