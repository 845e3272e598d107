"""What comes of a question, in the order in which reports show it, with its colour and its words.

A lapse is the clock's and nobody's decision: it stands beside the decisions, and no figure of theirs counts it.
"""

from typing import NamedTuple

from django.utils.translation import gettext as _

DECIDED = ("review.approved", "review.rejected", "review.sent_back")
LAPSED = ("review.lapsed",)
VERDICTS = ("written", "edited", "own", "sent_back", "rejected", "lapsed")
APPROVED = "approved"  # in an address: with edits or without
EXPORTED = {
    "written": "approved as written",
    "edited": "approved with edits",
    "own": "own outcome",
    "sent_back": "sent back",
    "rejected": "rejected",
    "lapsed": "lapsed",
}


class Kind(NamedTuple):
    """One of them: its name in addresses, the class of its colour, and its word."""

    name: str
    colour: str
    word: str


def kinds() -> list[Kind]:
    """All of them, in the order of the parts of a bar."""
    return [
        Kind("written", "c1", _("As written")),
        Kind("edited", "c2", _("With edits")),
        Kind("own", "c6", _("Own outcome")),
        Kind("sent_back", "c3", _("Sent back")),
        Kind("rejected", "c4", _("Rejected")),
        Kind("lapsed", "c5", _("Lapsed")),
    ]


def words() -> dict[str, str]:
    """Each by its name in addresses."""
    return {kind.name: kind.word for kind in kinds()} | {APPROVED: _("Approved")}
