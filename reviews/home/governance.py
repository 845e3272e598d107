"""Governance to do: what wants one's signature as the second person, waivers that end, and tools that changed."""

from dataclasses import dataclass
from datetime import date, datetime

from audit import acts
from audit.models import Proposal, User
from orchestration import waived, waivers
from orchestration.models import Tool, WaiverSignature
from orchestration.states import ToolStatus
from reviews.models import Review
from reviews.who import nobody

FIRST = 5
MOST = 1000  # a badge counts no further


@dataclass(frozen=True, slots=True)
class ToDo:
    """Proposals to sign and how many there are in all; waivers; both with those first that end first.
    `tools` are one's own that are declared otherwise than they were signed; `nobody` are reviews of one's workflows
    that nobody may decide."""

    proposals: list[Proposal]
    waiting: int
    waivers: list[WaiverSignature]
    tools: list[Tool]
    today: date
    nobody: list[Review]

    def __bool__(self) -> bool:
        return bool(self.proposals or self.waivers or self.tools or self.nobody)


def to_do(user: User, moment: datetime) -> ToDo:
    """What a person has to look after, besides decisions."""
    return ToDo(
        list(acts.to_sign(user).order_by("until", "pk")[:FIRST]),
        waiting(user),
        waivers.ending(user, moment),
        list(Tool.objects.filter(status=ToolStatus.CHANGED, owner=user).order_by("pk")[:FIRST]),
        waived.today(moment),
        list(nobody.of_owner(user).select_related("workflow").defer("content", "evidence", "written")[:FIRST]),
    )


def waiting(user: User) -> int:
    """How many proposals `user` could sign."""
    return acts.to_sign(user)[:MOST].count()
