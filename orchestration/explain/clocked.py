"""When people are asked, and what the clock does where nobody answers, in sentences."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration.explain.groups import called
from orchestration.explain.words import listed

type Review = dict[str, Any]


def sentences(review: Review) -> Iterator[str]:
    """All of it, as far as a draft says it."""
    yield from _whether(review)
    if slug := review.get("hours"):
        yield _("All times are business hours of %s.") % slug
    if reminders := [one for one in review.get("reminders") or [] if isinstance(one, int)]:
        yield _("They are reminded %s before it is due.") % listed(within(one) for one in sorted(reminders)[::-1])
    for one in _dicts(review.get("escalate")):
        told = {"group": called(str(one.get("group", ""))), "within": within(one.get("after", 0))}
        yield _("If nobody has decided %(within)s after it was due, %(group)s may decide too.") % told
    yield from _default(review.get("default"))
    if isinstance(share := review.get("second"), int | float):
        yield _("Of %s in 100 decisions, another person takes a second one, blindly.") % f"{share * 100:g}"


def _whether(review: Review) -> Iterator[str]:
    only = review.get("only")
    if not isinstance(only, dict):
        return
    ways = []
    if "if" in only:
        ways.append(_("if %s") % only["if"])
    if isinstance(bar := only.get("below"), int | float):
        ways.append(_("where the confidence is under %s of 100, or unknown") % f"{bar * 100:g}")
    if isinstance(effects := only.get("effects"), list) and effects:
        ways.append(_("where its effect is: %s") % listed(map(str, effects)))
    if isinstance(share := only.get("sample"), int | float):
        ways.append(_("for %s in 100 of the others, picked at random") % f"{share * 100:g}")
    if ways:
        yield _("They are asked only %s.") % "; ".join(ways)


def _default(default: Any) -> Iterator[str]:
    if not isinstance(default, dict):
        return
    outcome, told = default.get("outcome"), {"within": within(default.get("after", 0))}
    if outcome == "reject":
        yield _("If nobody decides within %(within)s after it was due: it is rejected by the clock.") % told
    elif outcome == "stay":
        yield _("If nobody decides within %(within)s after it was due, it waits on, and the record says so.") % told
    elif outcome == "go_on":
        yield _("If nobody decides within %(within)s after it was due, it goes on as written, unapproved.") % told
    elif outcome:
        sentence = _("If nobody decides within %(within)s after it was due, the clock takes the way “%(outcome)s”.")
        yield sentence % {**told, "outcome": outcome}


def within(minutes: Any) -> str:
    """A number of minutes in words."""
    if not isinstance(minutes, int):
        return "?"
    if minutes and minutes % 60 == 0:
        return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def _dicts(held: Any) -> list[Review]:
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
