"""`make airline`: hold recorded conversations through Handrail itself. JSON lines; an error where a promise is broken.

`python -m tests.airline [FILE]`, or FILE from the environment. `--rounds` chooses; `--recorded` says only what the
recordings come to. The bookings are those of the folder `HANDRAIL_AIRLINE`, or the excerpt's where it is not there.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import servers
from tests.airline import figures
from tests.airline.recordings import EXCERPT, WHOLE, Conversation, NotConversations, file_of, read, there
from tests.bench import driver

if TYPE_CHECKING:
    from tests.airline.ground import Ground, Played

ROUNDS = ("gate", "gate-goes-on", "no-gate", "kills")
LIMIT = 3600.0  # seconds of a round


def main() -> None:
    """Play, print, judge."""
    folder = WHOLE if there() else EXCERPT
    asked = _parser(folder).parse_args()
    if folder == EXCERPT:
        print(f"{WHOLE} is not there: the bookings are the excerpt's.", file=sys.stderr)
    try:
        conversations = read(Path(asked.file))
    except NotConversations as wrong:
        sys.exit(str(wrong))
    for line in figures.lines(conversations, folder):
        say("recordings", line)
    if asked.recorded:
        return
    with standing(folder) as ground:
        broken = list(_rounds(ground, Path(asked.file), conversations, asked.rounds))
    if broken:
        raise SystemExit(f"Broken: {', '.join(broken)}.")


def _rounds(ground: "Ground", file: Path, conversations: list[Conversation], names: list[str]) -> Iterator[str]:
    """Play these rounds one after another. Yields what is broken."""
    from tests.airline import promised
    from tests.airline.rounds import KINDS

    played: dict[str, Played] = {}
    for kind in [kind for kind in KINDS if kind.name in names]:
        one = played[kind.name] = ground.play(kind, file, conversations, limit=LIMIT)
        for line in promised.lines(one):
            say(kind.name, line)
        found = promised.broken(one, ground.folder)
        alike = played.get("gate-goes-on")
        if kind.kills and alike is not None:
            differing = promised.unlike(one.came, alike.came)
            say(kind.name, {"name": "bookings_unlike_those_without_kills", "value": len(differing)})
            found += [f"other bookings in {name}" for name in differing]
        say(kind.name, {"name": "broken", "value": found})
        yield from (f"{kind.name}: {name}" for name in found)


@contextmanager
def standing(folder: Path) -> Iterator["Ground"]:
    """PostgreSQL, Valkey and the ground on them, as long as the block."""
    own = servers.start()
    try:
        driver.configure(
            {
                "DATABASE_URL": own.app_url,
                "MIGRATE_DATABASE_URL": own.owner_url,
                "REDIS_URL": own.redis_url,
                "HANDRAIL_HOME": tempfile.mkdtemp(prefix="handrail-airline-"),
                "HANDRAIL_SECRET_KEY": "a-secret-of-the-airline-0123456789-abcdefghijklmn",
            }
        )
        from tests import cast
        from tests.airline import ground

        with ground.standing(cast.assemble(), folder) as made:
            yield made
    finally:
        own.stop()


def say(round_: str, line: dict[str, Any]) -> None:
    """One line, as JSON."""
    print(json.dumps({"round": round_, **line}), flush=True)


def _parser(folder: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.airline")
    given = os.environ.get("FILE") or file_of(folder)
    parser.add_argument("file", type=Path, nargs="?", default=given, help="conversations of the recordings' shape")
    parser.add_argument("--rounds", nargs="+", choices=ROUNDS, default=ROUNDS, help="which rounds are played")
    parser.add_argument("--recorded", action="store_true", help="say only what the recordings come to")
    return parser


if __name__ == "__main__":
    main()
