"""`python -m tests.bench`: bring up servers of its own, measure, print."""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Mapping

from tests import servers

type Figure = tuple[str, float, str]


def main() -> None:
    """Measure what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--waiting", type=int, default=100_000, help="how many items wait in the large inbox")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    standing = servers.start()
    os.environ |= {
        "DATABASE_URL": standing.app_url,
        "MIGRATE_DATABASE_URL": standing.owner_url,
        "REDIS_URL": standing.redis_url,
        "HANDRAIL_HOME": tempfile.mkdtemp(prefix="handrail-bench-"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HANDRAIL_LOG_LEVEL": "WARNING",
    }
    try:
        _run(asked.waiting, asked.names)
    finally:
        standing.stop()


def _run(waiting: int, names: list[str]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", verbosity=0)
    from tests.bench import measures

    chosen: Mapping[str, Callable[[int], list[Figure]]] = measures.ALL
    rows: list[Figure] = []
    for name in names or chosen:
        for row in chosen[name](waiting):
            rows.append(row)
            print(json.dumps(dict(zip(("name", "value", "unit"), row, strict=True))), flush=True)
    width = max(len(name) for name, _, _ in rows)
    print("\n" + "\n".join(f"{name:<{width}}  {value:>12,.3f} {unit}" for name, value, unit in rows))


if __name__ == "__main__":
    main()
