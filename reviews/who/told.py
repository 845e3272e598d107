"""Who decides, in words: whom a review waits for, whom a place asks, and why it is somebody's own work."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from audit import newcomers
from orchestration.explain import whom
from orchestration.explain.groups import called
from orchestration.explain.words import listed
from reviews import places
from reviews.models import Review
from reviews.who import own
from reviews.who.seating import Place


def waits_for(review: Review) -> str:
    """Whom it waits for now. No query: places that are filled side by side are told by the first and how many more."""
    every = places.of(review)
    current = next((place for place in every if place.number == review.place), every[0])
    said = place_said(review, current)
    others = max(len(every) - review.filled - 1, 0) if review.side_by_side else 0
    return _("%(who)s and %(count)d other places") % {"who": said, "count": others} if others > 1 else said


def place_said(review: Review, place: Place) -> str:
    """Whom a place asks."""
    if place.kind == "group":
        return whom.of("group", place.said or review.group.name, place.skill)
    if place.kind == "holds":
        return whom.of("holds", place.said, place.skill)
    if place.kind == "manager":
        told = _("%(name)s, the owner’s manager") % {"name": place.said} if place.said else _("The owner’s manager")
        return _skilled(told, place.skill)
    names = [called(name) for name in place.said.split(", ") if name]
    return _skilled(listed(names) if names else _("Nobody who is here"), place.skill)


def _skilled(told: str, skill: str) -> str:
    return _("%(who)s with the skill “%(skill)s”") % {"who": told, "skill": skill} if skill else told


def own_work(whys: Sequence[str], whose: str = "") -> str:
    """Why somebody does not decide: what made it work of their own, or of the person for whom they act."""
    if whose:
        reasons = {
            own.STARTED: _("%(name)s started this run"),
            own.INPUT: _("%(name)s wrote or changed what this step reads"),
            own.VERSION: _("%(name)s last edited this version of the workflow"),
            own.AGENT: _("%(name)s answers for the agent that does this step"),
        }
        told = listed([reasons[why] % {"name": whose} for why in whys]) or _("It is work of %s") % whose
        return _("%(told)s, so nobody who acts for them decides either. Somebody else has to.") % {"told": told}
    reasons = {
        own.STARTED: _("you started this run"),
        own.INPUT: _("you wrote or changed what this step reads"),
        own.VERSION: _("you last edited this version of the workflow"),
        own.AGENT: _("you answer for the agent that does this step"),
    }
    told = listed([reasons[why] for why in whys]) or _("it is work of your own")
    told = told[:1].upper() + told[1:]
    return _("%(told)s. Nobody decides on work of their own, so somebody else has to.") % {"told": told}


def too_new(whose: str) -> str:
    """Why somebody does not decide beside a person through whom they have just come in, or who came in through them."""
    told = _(
        "%(name)s let you in, or you them, less than %(days)d days ago. Until that is over, neither decides on work "
        "of the other, nor on what the other has approved: somebody else has to."
    )
    return told % {"name": whose, "days": newcomers.DAYS}


def nobody(because: str) -> str:
    """Why nobody may decide."""
    return {
        "empty": _("Nobody who is asked may decide on this workflow."),
        "away": _("Everybody who is asked is away, and nobody acts for them."),
        "own": _("It is work of everybody who is asked, or of somebody who has just let them in."),
        "filled": _("Whoever is asked has approved it already at another place."),
    }.get(because, _("Nobody may decide it."))
