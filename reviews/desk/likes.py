"""Earlier decisions on like cases: of the same step and rule, of the same people, or of a title that says the same."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from orchestration.contents import open_up
from reviews.desk import finding
from reviews.models import Review, ReviewQuerySet
from reviews.states import DECIDED

MOST = 3
MOST_PEOPLE = 5  # addresses and numbers that are looked for
RECENT = 300  # decisions of the same rule that are looked through
SIMILAR = 0.5  # share of words that two titles have in common
LONGEST = 200  # characters of a value that says of whom a case is
WORD = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True, slots=True)
class Like:
    """An earlier case, and why it is like this one."""

    review: Review
    why: str


def of(review: Review) -> list[Like]:
    """Three at the most, those of the same people first, and the newest of each: three queries."""
    decided = Review.objects.filter(workflow=review.workflow_id, rule=review.rule, status__in=DECIDED)
    decided = decided.exclude(run=review.run_id).order_by("-decided_at", "-id")
    shown = decided.only("title", "summary", "status", "decided_at", "decided_by").select_related("decided_by")
    same = _same(review, shown)
    return [*same, *_near(review, shown, {like.review.pk for like in same})][:MOST]


def _same(review: Review, decided: ReviewQuerySet) -> list[Like]:
    """Those in which an address or a number of this one stands too."""
    people = sorted(set(_identifying([*open_up(review.run.input).values(), *review.arguments.values()])))[:MOST_PEOPLE]
    parts = [" & ".join(f"'{word}'" for word in finding.words(one)) for one in people]
    if not parts:
        return []
    where = f"'#w{review.workflow_id}' & '#k{review.step_run.step.key}' & '{finding.CLOSED}'"
    ids = finding.Found(f"{where} & ({' | '.join(f'({part})' for part in parts)})").ids
    found = finding.among(decided, ids)[:MOST] if ids else []
    why = _("The same: %(value)s") % {"value": people[0]} if len(people) == 1 else _("The same people or numbers")
    return [Like(one, why) for one in found]


def _near(review: Review, decided: ReviewQuerySet, known: set[int]) -> list[Like]:
    """Those of the last ones whose title and summary say much the same."""
    own = _words(f"{review.title} {review.summary}")
    recent = decided.filter(step_run__step__key=review.step_run.step.key)[:RECENT]
    near = ((_share(own, _words(f"{one.title} {one.summary}")), one) for one in recent if one.pk not in known)
    best = sorted((pair for pair in near if pair[0] >= SIMILAR), key=lambda pair: -pair[0])[:MOST]
    return [Like(one, _("It says much the same")) for _share_of_words, one in best]


def _identifying(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str) and 3 < len(value) <= LONGEST and _identifies(value):
            yield value.strip().lower()


def _identifies(value: str) -> bool:
    """An address of e-mail, or a number of a customer or a case: without spaces, and with a digit or an @."""
    return " " not in value.strip() and any(char.isdigit() or char == "@" for char in value)


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text[: finding.LONGEST].lower()))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """The words that both have, of all that they have."""
    return len(one & other) / len(one | other) if one and other else 0.0
