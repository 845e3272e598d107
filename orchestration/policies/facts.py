"""What a rule may ask about: plain facts, what each point has of them, and what it means that one is not known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from audit.canonical import NotCanonical, digest
from orchestration.states import DataClass, Point


class Unknown(Enum):
    """The one value of a fact that is not known."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
CLASSES: dict[str, int] = {name: rank for rank, name in enumerate(DataClass.values)}
EFFECTS = ("read", "write", "destructive")  # what a call does to the world
ACTING = frozenset({"write", "destructive"})
RISKS = ("minimal", "limited", "high")
SEVERAL = frozenset({"tool_effect", "model", "region", "tool", "groups"})  # facts that may have several values at once
MAY_BE_NONE = frozenset({"step", "agent", "amount"})  # of these None says that there is none, not that nobody knows

# What a rule can match on at each point.
FIELDS: dict[str, tuple[str, ...]] = {
    Point.START: ("data_class", "risk", "amount", "groups"),
    Point.MODEL: ("data_class", "risk", "model", "region", "groups"),
    Point.TOOL: ("data_class", "tool_effect", "outside", "untrusted", "risk", "tool", "amount", "groups"),
    Point.HANDOVER: ("data_class", "risk", "groups"),
    Point.RELEASE: ("data_class", "outside", "risk", "amount", "groups"),
    Point.DECIDE: ("data_class", "tool_effect", "outside", "risk", "tool", "amount", "groups"),
    Point.PUBLISH: ("data_class", "tool_effect", "outside", "risk", "model", "region", "tool", "groups"),
}
SCOPES: dict[str, tuple[str, ...]] = {
    point: ("workflow",) if point in {Point.START, Point.PUBLISH} else ("workflow", "step", "agent") for point in Point
}
# What a condition may read at each point. `input` is what the point is about: the run's input, what the model or the
# tool is given, what is handed over or released, what is decided on, the document that is published.
NAMES: dict[str, frozenset[str]] = {
    point: frozenset({*SCOPES[point], *FIELDS[point], "starter", "input"}) for point in Point
}
CAN_REDACT = frozenset({Point.MODEL, Point.TOOL, Point.HANDOVER, Point.RELEASE})  # where something goes out
KINDS = ("email", "phone", "iban", "card", "national_id", "secret", "own", "person", "place")  # what can be blacked out

type One = str | Unknown | None
type Several = str | tuple[str, ...] | Unknown


@dataclass(frozen=True, slots=True)
class Facts:
    """What is about to happen. What is not given is not known, and a rule that has to know it stops the act.

    `model`, `tool`, `tool_effect` and `region` hold several names where a version is published; `groups` are those of
    whoever acts. None as `amount`, `agent` or `step` says that there is none. `reviewed`: a person has approved
    exactly this. `waived`: a signed waiver lets the step go without a review. `untrusted`: the run has read what others
    wrote, and `read_from` says where; it is asked where something is written outside, or a rule asks for it. `known` is
    what conditions came to before, by their fingerprints: for facts whose `input` was not kept.
    """

    workflow: str | Unknown = UNKNOWN
    step: One = None
    agent: One = None
    data_class: One = UNKNOWN
    tool_effect: Several = UNKNOWN
    outside: bool | Unknown = UNKNOWN
    risk: One = UNKNOWN
    model: Several = UNKNOWN
    region: Several = UNKNOWN
    tool: Several = UNKNOWN
    amount: Decimal | float | Unknown | None = UNKNOWN
    groups: tuple[str, ...] | Unknown = UNKNOWN
    starter: One = UNKNOWN
    input: Mapping[str, Any] | Unknown = UNKNOWN
    reviewed: bool = False
    waived: bool = False
    untrusted: bool | Unknown = UNKNOWN
    read_from: str = ""
    known: Mapping[str, bool] | None = None

    def seen(self, name: str) -> Any:
        """A fact as rules compare it: several names as a tuple, an amount as an exact number, or `UNKNOWN`."""
        value = getattr(self, name)
        if value is None:
            return None if name in MAY_BE_NONE else UNKNOWN
        if name in SEVERAL:
            return _names(value)
        if name == "amount":
            return _number(value)
        if name == "data_class":
            return value if value in CLASSES else UNKNOWN
        return UNKNOWN if value == "" else value

    def for_conditions(self, names: Iterable[str] = ()) -> dict[str, Any]:
        """What expressions read, or those of these names. What is not known is not there, so nothing can read it."""
        read = {name: self.seen(name) for name in (names or READ) if name in READ}
        return {name: _plain(name, value) for name, value in read.items() if value is not UNKNOWN}

    def kept(self) -> dict[str, Any]:
        """What of them is kept with a check: no texts; what the point is about as its SHA-256 alone."""
        kept = {name: _plain(name, value) for name in KEPT if (value := self.seen(name)) is not UNKNOWN}
        kept |= {"reviewed": self.reviewed, "waived": self.waived}
        if self.input is not UNKNOWN:
            kept["input"] = _digest(self.input)
        return kept


NO_FACTS = {"reviewed", "waived", "read_from", "known"}
READ = tuple(field.name for field in fields(Facts) if field.name not in NO_FACTS)
KEPT = tuple(name for name in READ if name != "input")


def of_kept(kept: Mapping[str, Any], known: Mapping[str, bool]) -> Facts:
    """The facts of a check that was kept: all but what it was about."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in KEPT
    }
    return Facts(**given, reviewed=bool(kept.get("reviewed")), waived=bool(kept.get("waived")), known=known)


def amount_in(given: Any) -> float | int | None:
    """The amount that an act is about, where a field of that name says one."""
    found = given.get("amount") if isinstance(given, dict) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _names(value: Any) -> Any:
    if value is UNKNOWN or value == "":
        return UNKNOWN
    names = (value,) if isinstance(value, str) else tuple(value)
    return UNKNOWN if any(name is None or name is UNKNOWN or name == "" for name in names) else names


def _number(value: Any) -> Any:
    if value is UNKNOWN or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return UNKNOWN
    number = Decimal(str(value))
    return number if number.is_finite() else UNKNOWN


def _plain(name: str, value: Any) -> Any:
    """As JSON has it: one name alone stands without its list, but for groups."""
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if whole else float(value)
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 and name != "groups" else list(value)
    return value


def _digest(value: Any) -> str:
    try:
        return digest(value)
    except NotCanonical:
        return ""
