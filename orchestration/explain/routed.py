"""Why this model: a routing decision in tables, as people read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.explain.estimated import Compared, compared, share
from orchestration.explain.filtered import Column, Line, columns, lines, shown_filters
from orchestration.explain.scored import Score, scores, weights_of
from orchestration.models import RoutingDecision
from orchestration.policies.verdicts import Verdict
from orchestration.routing import sentences
from orchestration.routing.filters import FILTERS
from orchestration.routing.policy import Policy, Weights
from orchestration.routing.replaying import Replay, decided_of, replay, scored_of

CALLS = {
    "busy": gettext_lazy("Busy"),
    "server": gettext_lazy("The server failed"),
    "timeout": gettext_lazy("Took too long"),
    "connection": gettext_lazy("Cannot be reached"),
    "refused": gettext_lazy("Refused the call"),
    "answer": gettext_lazy("Its answer cannot be read"),
}


def why(decision: RoutingDecision) -> str:
    """The decision in one sentence, in the reader's language."""
    return sentences.why(Policy(decision.asked.get("named", "")), decided_of(decision))


@dataclass(frozen=True, slots=True)
class Routed:
    """A decision as its page shows it."""

    decision: RoutingDecision
    replay: Replay | None
    columns: list[Column]
    passed: list[str]  # filters that stopped nobody and have no column
    lines: list[Line]
    scores: list[Score]
    sources: list[str]
    compared: list[Compared]
    took: int  # milliseconds of all calls
    verdict: Verdict | None = None  # what the rules say to who would be asked, where they were asked just for this

    @property
    def why(self) -> str:
        """The decision in one sentence."""
        return why(self.decision)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call, as `calls` tells it."""
        return calls(self.decision)

    @property
    def seconds(self) -> float:
        """What all calls took."""
        return self.took / 1000

    @property
    def own(self) -> list[str]:
        """The models whose quality is what the step's own metrics say."""
        return [one.name for one in self.scores if one.own]

    @property
    def fell(self) -> int:
        """How many models fell at a filter."""
        return len(self.decision.fell)

    @property
    def asked(self) -> str:
        """The model that answered, else the one that came first; "" where nobody was left."""
        return self.decision.answered or self.decision.chosen

    @property
    def after(self) -> str:
        """What became of the calls, in a sentence; "" where the first one answered, or none was made."""
        made = [call for call in self.decision.calls if not call.get("skipped")]
        failed = [call for call in made if call.get("code")]
        if not failed:
            return ""
        first = _says(failed[0])
        told = _("Its first call came to nothing: %s.") % (first[0].lower() + first[1:])
        if not self.decision.answered:
            return told + " " + _("No call was answered.")
        if self.decision.answered == self.decision.chosen:
            return told + " " + _("It answered when it was asked again.")
        return told + " " + _("%s, the next on the list, answered.") % self.decision.answered

    @property
    def weights(self) -> Weights:
        """Those of the step."""
        return weights_of(self.decision)


def calls(decision: RoutingDecision) -> list[dict[str, Any]]:
    """Every call of a decision, with what became of it, and with the share of the whole time before it and its own."""
    whole = sum(call.get("ms", 0) for call in decision.calls)
    before, found = 0, []
    for number, call in enumerate(decision.calls, start=1):
        ms = call.get("ms", 0)
        at = {"at": share(before, whole), "wide": share(ms, whole), "seconds": ms / 1000}
        found.append({**call, **at, "number": number, "cost": Decimal(call.get("cost") or 0), "says": _says(call)})
        before += ms
    return found


def _says(call: Mapping[str, Any]) -> str:
    """What became of a call, in a few words."""
    code = call.get("code", "")
    if not code:
        return _("Answered")
    return str(CALLS.get(code) or call.get("why") or code)


def routed(decision: RoutingDecision) -> Routed:
    """All that the page shows of a decision."""
    return tables(decision, replay(decision))


def tables(decision: RoutingDecision, again: Replay | None) -> Routed:
    """The same, with what it was worked out from at hand; without it there is no table of filters."""
    shown = shown_filters(decision, again) if again else []
    return Routed(
        decision,
        again,
        columns(shown, again) if again else [],
        [str(one.title) for one in FILTERS if one not in shown] if again else [],
        lines(decision, again, shown) if again else [],
        scores([scored_of(one) for one in decision.ranked], weights_of(decision), decision.chosen),
        sentences.told(decision.asked["sources"]),
        compared(decision, again),
        sum(call.get("ms", 0) for call in decision.calls),
    )
