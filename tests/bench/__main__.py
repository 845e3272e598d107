"""`python -m tests.bench [names]`: bring up servers of its own, measure, print."""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests import servers
from tests.bench import driver, figures
from tests.bench.figures import SHORT, Figure, Sizes

type Measure = Callable[[Sizes], list[Figure]]

NAMES = (
    "fixed_loop",
    "ledger",
    "proof",
    "decision",
    "inbox",
    "desk",
    "talk",
    "editing",
    "policies",
    "routing",
    "chain",
    "decisions",
    "start",
    "calls",
    "governed",
    "map",
    "full",
)


def main() -> None:
    """Measure what was asked for, or everything."""
    asked = _parser().parse_args()
    sizes = SHORT if asked.short else Sizes()
    given = {name: getattr(asked, name) for name in ("repeats", "waiting", "finished")}
    sizes = replace(sizes, **{name: value for name, value in given.items() if value is not None})
    standing = servers.start()
    where = {
        "DATABASE_URL": standing.app_url,
        "MIGRATE_DATABASE_URL": standing.owner_url,
        "REDIS_URL": standing.redis_url,
        "HANDRAIL_HOME": tempfile.mkdtemp(prefix="handrail-bench-"),
    }
    try:
        driver.configure(where)
        _print(_measure(asked.names or NAMES, sizes))
    finally:
        standing.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--short", action="store_true", help="a few of everything, to see that it works")
    parser.add_argument("--repeats", type=int, help="how often each thing is measured; the median is printed")
    parser.add_argument("--waiting", type=int, help="how many items wait in the large inbox")
    parser.add_argument("--finished", type=int, help="how many finished runs stand behind it in `full`")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="name", help=", ".join(NAMES))
    return parser


def _measures() -> Mapping[str, Measure]:
    """By name. Imported late: they need Django's settings."""
    from tests.bench import (
        behind,
        calls,
        deciding,
        desk,
        editing,
        inbox,
        maps,
        policies,
        proof,
        record,
        routing,
        steps,
        talk,
    )

    return {
        "fixed_loop": lambda sizes: [],
        "ledger": record.ledger,
        "proof": proof.proof,
        "decision": deciding.decision,
        "inbox": inbox.inbox,
        "desk": desk.desk,
        "talk": talk.talk,
        "editing": editing.editing,
        "policies": policies.policies,
        "routing": routing.routing,
        "chain": steps.chain,
        "decisions": deciding.decisions,
        "start": steps.start,
        "calls": calls.calls,
        "governed": routing.governed,
        "map": maps.items,
        "full": behind.full,
    }


def _measure(names: list[str] | tuple[str, ...], sizes: Sizes) -> list[Figure]:
    """Each, with the fixed loop timed beside it, printed as it comes."""
    measures, rows = _measures(), list[Figure]()
    for name in names:
        loop = f"{name}_fixed_loop" if name != "fixed_loop" else name
        for row in [(loop, figures.fixed_loop(), "ms"), *measures[name](sizes)]:
            rows.append(row)
            print(json.dumps(dict(zip(("name", "value", "unit"), row, strict=True))), flush=True)
    return rows


def _print(rows: list[Figure]) -> None:
    width = max(len(name) for name, _, _ in rows)
    print("\n" + "\n".join(f"{name:<{width}}  {value:>12,.3f} {unit}" for name, value, unit in rows))


if __name__ == "__main__":
    main()
