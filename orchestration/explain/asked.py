"""What people are asked at a review besides approving and rejecting, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration import ways
from orchestration.explain.words import listed
from orchestration.models import Step

MOST_BACK = 3  # times, where a section does not say


def told(step: Step, names: Mapping[str, str]) -> Iterator[str]:
    """The same of a step."""
    return of(step.review, names)


def of(review: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """The form, own outcomes with where they lead, and where it may be sent back. `names` are those of steps."""
    form = [one for one in review.get("form") or [] if isinstance(one, dict)]
    if form:
        yield _("They fill in: %s.") % listed(str(one.get("label", "")) for one in form)
    for one in ways.outcomes(review).values():
        to = names.get(str(one.get("to", "")), "")
        said = {"title": one.get("title", ""), "to": to}
        counts = one.get("counts_as") == "rejected"
        if to and counts:
            yield _("“%(title)s” refuses it, and goes on with %(to)s.") % said
        elif to:
            yield _("“%(title)s” approves it, and goes on with %(to)s.") % said
        else:
            yield (_("“%(title)s” counts as a refusal.") if counts else _("“%(title)s” counts as an approval.")) % said
    yield from _back(review.get("back"), names)


def _back(back: object, names: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(back, dict):
        return
    most = int(back.get("most", MOST_BACK))
    where = [_("the model, with a note")] if back.get("model") else []
    where += [names.get(str(key), str(key)) for key in back.get("to") or []]
    times = ngettext("%d time", "%d times", most) % most
    yield _("They may send it back to %(where)s, %(times)s at most.") % {"where": listed(where), "times": times}
