"""Cut the excerpt out of the whole data: a few conversations, and just the users, reservations and flights in them.

`python -m tests.airline.excerpting 0 11 18` writes those conversations, by their numbers, with what they touch. A
flight keeps the days that any of them asks for, so that every search comes to what it came to over the whole.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.airline.bookings import TABLES
from tests.airline.lookups import day_after
from tests.airline.recordings import CONVERSATIONS, EXCERPT, WHOLE, file_of

DAY = re.compile(r"2024-05-\d\d")


def excerpt(numbers: list[int], folder: Path = WHOLE, into: Path = EXCERPT) -> None:
    """Write these conversations and what they touch."""
    rows = json.loads(file_of(folder).read_text())
    kept = [rows[number] for number in numbers]
    text = json.dumps([[row["info"]["task"]["actions"], row["traj"][1:]] for row in kept])
    asked = [json.dumps([row["info"]["task"]["actions"], _calls(row)]) for row in kept]
    days = set(DAY.findall("".join(asked)))
    days |= {day_after(day) for day in days}
    _write(into / CONVERSATIONS, kept)
    for table in TABLES:
        records = json.loads((folder / f"{table}.json").read_text())
        touched = {name: record for name, record in records.items() if name in text}
        _write(into / f"{table}.json", {name: _on(record, days) for name, record in touched.items()})
    (into / "tools.json").write_text((folder / "tools.json").read_text())


def _calls(row: dict[str, Any]) -> list[Any]:
    return [message.get("tool_calls") for message in row["traj"]]


def _on(record: dict[str, Any], days: set[str]) -> dict[str, Any]:
    if "dates" not in record:
        return record
    return {**record, "dates": {day: what for day, what in record["dates"].items() if day in days}}


def _write(path: Path, rows: list[Any] | dict[str, Any]) -> None:
    """One row a line, so that a difference can be read."""
    if isinstance(rows, dict):
        lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    else:
        path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    excerpt([int(number) for number in sys.argv[1:]])
