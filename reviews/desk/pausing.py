"""What a server asks in the middle of a call, as the inbox shows it: its words as text, and what an answer leads to."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from orchestration import pauses
from reviews.models import Review


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a server. All of it was written by others."""

    tool: str
    message: str
    secrets: list[str]
    again: bool  # whether an answer calls something anew that may not be repeated

    @property
    def warnings(self) -> list[str]:
        """What whoever answers should know."""
        found = []
        if self.secrets:
            told = _("It asks for a password or something like it. Give none: answers are kept, and others read them.")
            found.append(told)
        if self.again:
            told = _(
                "An approval calls it anew, and it may not be repeated. Approve only if nothing of it had happened "
                "before it asked."
            )
            found.append(told)
        return found

    @property
    def effects(self) -> list[str]:
        """What follows from an answer."""
        told = _("%(tool)s gets your answer and goes on. A rejection tells it no; your reason stays in the house.")
        return [told % {"tool": self.tool}, *self.warnings]


def of(review: Review) -> Asked | None:
    """What a server asks by this review; None where nobody but the house asks."""
    found: dict[str, Any] | None = pauses.asked_in(review.content, review.step_run)
    if found is None:
        return None
    return Asked(str(found["tool"]), str(found["message"]), list(found["secrets"]), bool(found["again"]))
