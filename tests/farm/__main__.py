"""`make farm`: thousands of calls on a farm of models, with real workers; an error where a promise is broken."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import servers
from tests.bench import driver, figures

CALLS, SHARE_ALONE, LOCAL = 2000, 0.2, 40
LIMIT = 900.0


def main() -> None:
    """Run, print, judge."""
    asked = _parser().parse_args()
    with standing(asked.workers):
        from tests.farm import large

        broken = large.run(asked.calls, local=asked.local)
    if broken:
        raise SystemExit(f"Broken: {', '.join(broken)}.")


@contextmanager
def standing(workers: int) -> Iterator[driver.Handrail]:
    """PostgreSQL, Valkey, the workers and the clock, as long as the block."""
    own = servers.start()
    where = {
        "DATABASE_URL": own.app_url,
        "MIGRATE_DATABASE_URL": own.owner_url,
        "REDIS_URL": own.redis_url,
        "HANDRAIL_HOME": tempfile.mkdtemp(prefix="handrail-farm-"),
    }
    with ExitStack() as stack:
        stack.callback(own.stop)
        driver.configure(where)
        say("fixed_loop", round(figures.fixed_loop(), 2), "ms")
        yield stack.enter_context(
            driver.Handrail(
                os.environ["DATABASE_URL"],
                os.environ["REDIS_URL"],
                workers,
                migrate_database_url=os.environ["MIGRATE_DATABASE_URL"],
                limit=LIMIT,
            )
        )


def say(name: str, value: object, unit: str) -> None:
    """One figure, as a JSON object."""
    print(json.dumps({"figure": name, "value": value, "unit": unit, "at": time.strftime("%H:%M:%S")}), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.farm")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of models at the least")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--no-local", dest="local", action="store_false", help="without the real model")
    return parser


if __name__ == "__main__":
    main()
