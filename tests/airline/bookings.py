"""An airline's bookings in memory: users, reservations and flights, and a copy for each who plays on them.

A copy shares what it has not touched with the records that it was made of, so that a hundred copies cost little. What
is read must not be changed in place: whoever changes a record asks for its own with `own`.
"""

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tests.airline.recordings import EXCERPT

Record = dict[str, Any]
Table = Literal["users", "reservations", "flights"]
Key = tuple[Table, str]
Effect = dict[Key, Record]

RECORDED_AS = {"state": "province"}  # the word of an address was changed in the data after the recordings were made
TABLES: tuple[Table, ...] = ("flights", "reservations", "users")


class Refused(Exception):
    """A tool did not do what it was asked; the sentence is what it answers."""


@dataclass(frozen=True)
class Ground:
    """The records that copies share, and how each is spelled in a fingerprint, once somebody has asked."""

    records: dict[Table, dict[str, Record]]
    spelled: dict[Key, str] = field(default_factory=dict)


class Bookings:
    """The bookings as one conversation sees them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._records = ground.records
        self._own: Effect = {}

    def copy(self) -> "Bookings":
        """Another copy, as these are now; neither changes the other."""
        other = Bookings(self._ground)
        other._own = copy.deepcopy(self._own)
        return other

    def find(self, table: Table, name: str, otherwise: str) -> Record:
        """A record, to be read; `Refused` with the sentence where there is none."""
        found = self.get(table, name)
        if found is None:
            raise Refused(otherwise)
        return found

    def get(self, table: Table, name: str) -> Record | None:
        """A record, to be read, or None."""
        return self._own.get((table, name)) or self._records[table].get(name)

    def all(self, table: Table) -> Iterator[tuple[str, Record]]:
        """Every record of a table, to be read, the oldest first."""
        for name, record in self._records[table].items():
            yield name, self._own.get((table, name), record)
        for (of, name), record in self._own.items():
            if of == table and name not in self._records[table]:
                yield name, record

    def own(self, table: Table, name: str) -> Record:
        """A record that is there, to be changed."""
        if (table, name) not in self._own:
            self._own[table, name] = copy.deepcopy(self._records[table][name])
        return self._own[table, name]

    def add(self, table: Table, name: str, record: Record) -> None:
        """A new record."""
        self._own[table, name] = record

    def changed(self) -> Effect:
        """Every record that is other than it was at the beginning."""
        return self.since(Bookings(self._ground))

    def since(self, before: "Bookings") -> Effect:
        """Every record that is other than it was before."""
        return {(of, name): record for (of, name), record in self._own.items() if before.get(of, name) != record}

    def become(self, other: "Bookings") -> None:
        """Take over what the other has come to."""
        self._own = other._own

    def fingerprint(self) -> str:
        """The hash of all bookings that the recordings give, by which two can be compared without either at hand."""
        tables = [(table, sorted(name for name, _ in self.all(table))) for table in TABLES]
        spelled = [f"({table!r}, {_tuple(self._spelled(table, name) for name in names)})" for table, names in tables]
        return hashlib.sha256(_tuple(spelled).encode()).hexdigest()

    def _spelled(self, table: Table, name: str) -> str:
        if (table, name) in self._own:
            return str((name, _sorted(self._own[table, name])))
        if (table, name) not in self._ground.spelled:
            self._ground.spelled[table, name] = str((name, _sorted(self._records[table][name])))
        return self._ground.spelled[table, name]


def _tuple(spelled: Iterable[str]) -> str:
    """As Python spells a tuple."""
    parts = list(spelled)
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _sorted(inner)) for key, inner in sorted(value.items()))
    if isinstance(value, list):
        return tuple(_sorted(inner) for inner in value)
    return value


@cache
def _ground(folder: Path) -> Ground:
    found: dict[Table, dict[str, Record]]
    found = {table: json.loads((folder / f"{table}.json").read_text()) for table in TABLES}
    for user in found["users"].values():
        user["address"] = {RECORDED_AS.get(key, key): value for key, value in user["address"].items()}
    return Ground(found)


def fresh(folder: Path = EXCERPT) -> Bookings:
    """A copy of the bookings in a folder, as they were before anybody spoke."""
    return Bookings(_ground(folder))
