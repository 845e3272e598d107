"""Finding items by words: titles, summaries, contents, reasons and comments, in one index that the database keeps.

Every word that was typed has to be there, each as the beginning of a word. What somebody may not see is left out
inside the index, so that nothing of it is counted or shown.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property

from audit.models import User
from orchestration.models import Workflow
from reviews.models import Findable, ReviewQuerySet

FEW = 2000  # items up to which they are named; more are looked up one by one, in the order of the list
MOST_WORDS = 8
LONGEST = 200  # characters of what is typed
PREFIX = 2  # characters from which a word is taken as the beginning of others
OPEN, CLOSED = "#open", "#closed"
FOUND = "SELECT review_id FROM reviews_findable WHERE words @@ %s::tsquery LIMIT %s"
HAS = "words @@ %s::tsquery"
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text, as the index knows them."""
    return _WORD.findall(text[:LONGEST].lower())[:MOST_WORDS]


def asked(user: User, *, text: str = "", step: str = "", state: str = "") -> str:
    """What is asked of the index: in workflows that one may see, of that step, open or closed, with all the words."""
    seen = Workflow.objects.ids_allowed(user, "view")
    parts = [any_of(f"#w{pk}" for pk in seen) if seen else "'#nothing'"]
    parts += [_quoted(f"#k{step}")] if step else []
    parts += [_quoted(state)] if state else []
    parts += [_quoted(word) + (":*" if len(word) >= PREFIX else "") for word in words(text)]
    return " & ".join(parts)


def any_of(lexemes: Iterable[str]) -> str:
    """At least one of them."""
    return f"({' | '.join(_quoted(one) for one in lexemes)})"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "").replace("'", "").replace("\0", "") + "'"


class Found:
    """What an index was asked, and what it found: few are named, of many each is looked up in the order of a list."""

    def __init__(self, query: str) -> None:
        self.query = query

    @cached_property
    def ids(self) -> list[int] | None:
        """The numbers of what it found, or None where that is too much to name. One query."""
        with connection.cursor() as cursor:
            cursor.execute(FOUND, [self.query, FEW + 1])
            ids = [pk for (pk,) in cursor.fetchall()]
        return ids if len(ids) <= FEW else None

    def within(self, found: ReviewQuerySet) -> ReviewQuerySet:
        """Those of a long list that it found."""
        return among(found, self.ids) if self.ids is not None else self.looked_up(found)

    def looked_up(self, found: ReviewQuerySet) -> ReviewQuerySet:
        """The same, item by item: for a short list, or where much is found."""
        has = Findable.objects.extra(where=[HAS], params=[self.query])  # noqa: S610  (our own words, and a value)
        return found.filter(Exists(has.filter(review=OuterRef("pk"))))


def among(found: ReviewQuerySet, ids: Sequence[int]) -> ReviewQuerySet:
    """Those of a list with these numbers, as one value of the statement."""
    named: Any = found.extra(where=['"reviews_review"."id" = ANY(%s)'], params=[list(ids)])
    return cast(ReviewQuerySet, named)


def forget(reviews: Iterable[int]) -> None:
    """Take the words of reviews out of the index: for an erasure. They come back when somebody changes or comments."""
    Findable.objects.filter(review__in=list(reviews)).delete()
