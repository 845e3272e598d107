"""What rules come to: the strictest effect, and everything that is asked for with it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from orchestration.states import Effect

STRICTNESS: dict[str, int] = {Effect.ALLOW: 0, Effect.REDACT: 1, Effect.REVIEW: 2, Effect.DENY: 3}
NOBODY_SAID = ""  # the group of the safe default: whoever reviews that step, else those who manage the workflow


class Signed(NamedTuple):
    """Which rules were asked: the number of their set and its hash. Number 0: there are none."""

    number: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who has to approve: so many of a group, in so many minutes; with `four_eyes` nobody who started or edited it."""

    group: str
    many: int = 1
    four_eyes: bool = False
    minutes: int | None = None

    def covers(self, other: "Ask") -> bool:
        """Whether whoever is asked by this is asked no less than by the other."""
        same = other.group in {self.group, NOBODY_SAID}
        quick = other.minutes is None or (self.minutes is not None and self.minutes <= other.minutes)
        return same and self.many >= other.many and self.four_eyes >= other.four_eyes and quick


@dataclass(frozen=True, slots=True)
class Obligations:
    """What has to be done with it: who is asked, one entry a group, and what is blacked out."""

    asks: tuple[Ask, ...] = ()
    kinds: tuple[str, ...] = ()

    def covers(self, other: "Obligations") -> bool:
        """Whether whoever does these has done the others too."""
        asked = all(any(mine.covers(theirs) for mine in self.asks) for theirs in other.asks)
        return asked and set(other.kinds) <= set(self.kinds)

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        asks = [{"group": a.group, "many": a.many, "four_eyes": a.four_eyes, "minutes": a.minutes} for a in self.asks]
        return {"asks": asks, "kinds": list(self.kinds)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Obligations":
        """As it was kept."""
        return cls(tuple(Ask(**ask) for ask in kept.get("asks", [])), tuple(kept.get("kinds", [])))


NOTHING = Obligations()
NO_SET = Signed()


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that holds here, with what it saw. `error` says why it could not be judged, and then it stops the act.

    `lacks_input`: nothing was missing but what the act is about, which is not kept with checks.
    """

    key: str
    title: str
    sentence: str
    effect: Effect
    obligations: Obligations = NOTHING
    saw: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    lacks_input: bool = False

    def as_json(self) -> dict[str, Any]:
        """To be kept with the check."""
        told: dict[str, Any] = {
            "key": self.key,
            "title": self.title,
            "sentence": self.sentence,
            "effect": str(self.effect),
        }
        told |= {"saw": dict(self.saw)} | ({"error": self.error} if self.error else {})
        return told if self.obligations == NOTHING else {**told, **self.obligations.as_json()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say to one act. `why` is the sentence of the strictest; `error`, that one could not be judged.

    `conditions` is what the conditions came to that read the `input`, by their fingerprints.
    """

    effect: Effect
    matched: tuple[Matched, ...] = ()
    obligations: Obligations = NOTHING
    ruleset: Signed = NO_SET
    why: str = ""
    error: bool = False
    conditions: Mapping[str, bool] = field(default_factory=dict)

    @property
    def denies(self) -> bool:
        """Whether the act must not be done."""
        return self.effect == Effect.DENY

    @property
    def allows(self) -> bool:
        """Whether it may be done without anybody's approval."""
        return self.effect in {Effect.ALLOW, Effect.REDACT}

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Who has to approve before it is done; nobody where it is stopped anyway."""
        return self.obligations.asks if self.effect == Effect.REVIEW else ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is blacked out before anything goes out."""
        return self.obligations.kinds

    def beside(self, other: "Verdict") -> "Verdict":
        """Both of two that ask people about the same act, which is done one way or the other: all whom either asks."""
        merged = merge((self.obligations, other.obligations))
        return replace(self, matched=(*self.matched, *other.matched), obligations=merged)

    def told(self) -> str:
        """Why this was sent to me, or stopped, or let go on: the sentences of the rules that decided it."""
        deciding = [one for one in self.matched if one.effect == self.effect]
        if not deciding:
            return _("No rule says anything about this, so it goes on.")
        begins = {
            Effect.DENY: _("Stopped: %s"),
            Effect.REVIEW: _("A person decides: %s"),
            Effect.REDACT: _("It goes on with parts blacked out: %s"),
            Effect.ALLOW: _("It goes on: %s"),
        }
        return begins[self.effect] % " ".join(dict.fromkeys(one.error or one.sentence for one in deciding))

    def as_json(self) -> dict[str, Any]:
        """To be kept with what was asked, and compared with what the rules say just before the act."""
        matched = [one.as_json() for one in self.matched]
        kept = {"effect": str(self.effect), "why": self.why, "error": self.error, "matched": matched}
        return kept | {"set": self.ruleset.number, "hash": self.ruleset.hash, **self.obligations.as_json()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Verdict":
        """As it was kept, without the conditions."""
        matched = tuple(_matched(one) for one in kept.get("matched", []))
        signed = Signed(kept.get("set", 0), kept.get("hash", ""))
        effect, why = Effect(kept["effect"]), str(kept.get("why", ""))
        return cls(effect, matched, Obligations.of_json(kept), signed, why, bool(kept.get("error")))


def _matched(kept: Mapping[str, Any]) -> Matched:
    key, title, sentence, error = (str(kept.get(name, "")) for name in ("key", "title", "sentence", "error"))
    asked, saw = Obligations.of_json(kept), kept.get("saw", {})
    return Matched(key, title, sentence, Effect(kept["effect"]), asked, saw, error)


def together(matched: Iterable[Matched], conditions: Mapping[str, bool]) -> Verdict:
    """The strictest of them, with everything that any of them asks for."""
    found = tuple(sorted(matched, key=lambda one: -STRICTNESS[one.effect]))
    if not found:
        return Verdict(Effect.ALLOW, conditions=conditions)
    first, failed = found[0], any(one.error for one in found)
    merged = merge(one.obligations for one in found)
    return Verdict(first.effect, found, merged, why=first.error or first.sentence, error=failed, conditions=conditions)


def merge(several: Iterable[Obligations]) -> Obligations:
    """The strict way: every group, the most people, the shortest time, four eyes where any says so, all kinds."""
    asks: dict[str, Ask] = {}
    kinds: dict[str, None] = {}
    for one in several:
        kinds |= dict.fromkeys(one.kinds)
        for ask in one.asks:
            asks[ask.group] = _stricter(asks[ask.group], ask) if ask.group in asks else ask
    if not asks:
        return Obligations((), tuple(sorted(kinds)))
    four_eyes = any(ask.four_eyes for ask in asks.values())
    minutes = min((ask.minutes for ask in asks.values() if ask.minutes is not None), default=None)
    all_of_them = [replace(ask, four_eyes=four_eyes, minutes=minutes) for ask in asks.values()]
    needed = [ask for ask in all_of_them if not _is_met(ask, all_of_them)]
    return Obligations(tuple(sorted(needed, key=lambda ask: ask.group)), tuple(sorted(kinds)))


def _stricter(one: Ask, other: Ask) -> Ask:
    times = [ask.minutes for ask in (one, other) if ask.minutes is not None]
    many, four_eyes = max(one.many, other.many), one.four_eyes or other.four_eyes
    return Ask(one.group, many, four_eyes, min(times, default=None))


def _is_met(ask: Ask, asks: Iterable[Ask]) -> bool:
    """The safe default names no group: another group that is asked will do."""
    return ask.group == NOBODY_SAID and any(other.group and other.covers(ask) for other in asks)
