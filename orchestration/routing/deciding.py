"""The decision: filters, then scores, then the list that a call goes down. Pure: it asks nobody."""

from dataclasses import dataclass

from orchestration.routing.asked import NOW, Asked, Seen
from orchestration.routing.candidates import Candidate, Snapshot
from orchestration.routing.filters import Fell, look
from orchestration.routing.policy import Policy
from orchestration.routing.scores import Scored, rank


@dataclass(frozen=True, slots=True)
class Decided:
    """Who passed, from the best on, and who fell at what. `unknown`: names of the step that the catalog has not."""

    ranked: tuple[Scored, ...]
    fell: tuple[tuple[str, tuple[Fell, ...]], ...]
    unknown: tuple[str, ...] = ()

    @property
    def chosen(self) -> str:
        """The model that comes first, or "" where none is left."""
        return self.ranked[0].name if self.ranked else ""


def decide(asked: Asked, snapshot: Snapshot, seen: Seen = NOW) -> Decided:
    """Which models may do it, and in which order. Nothing left is an answer too."""
    passed: list[Candidate] = []
    fell: list[tuple[str, tuple[Fell, ...]]] = []
    for model in looked_at(asked.policy, snapshot):
        if found := tuple(look(model, asked, seen)):
            fell.append((model.name, found))
        else:
            passed.append(model)
    return Decided(tuple(rank(passed, asked, seen.figures)), tuple(fell), unknown(asked.policy, snapshot))


def looked_at(policy: Policy, snapshot: Snapshot) -> list[Candidate]:
    """The models that a step's policy means, whatever becomes of them."""
    if policy.named:
        return [snapshot.by_name[policy.named]] if policy.named in snapshot.by_name else []
    among, tags = set(policy.among), set(policy.tags)
    return [
        model for model in snapshot.models if (not among or model.name in among) and (not tags or tags & model.tags)
    ]


def unknown(policy: Policy, snapshot: Snapshot) -> tuple[str, ...]:
    """The names in a policy that no row of the catalog has."""
    named = (policy.named,) if policy.named else policy.among
    return tuple(name for name in named if name not in snapshot.by_name)
