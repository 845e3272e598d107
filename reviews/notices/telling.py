"""What people are to be told is written in the transaction of what it is about: one row, however many they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from audit import rows
from audit.canonical import clean
from reviews.models import Review
from reviews.reaching import Kind, Told

LONGEST = 300  # characters of a word
LONGEST_ABOUT = 80


def tell(kind: str, review: Review, users: Iterable[int], *, due: datetime | None = None, **words: str) -> None:
    """Tell these people, by their ids, of something that just happened to a review, each once.

    `about` among the words tells two things of one kind apart (a reminder's minutes, a comment's id); without it the
    review's version does. Other words are `by` (who did it, by name) and `text` (shown only where content may be).
    Nothing is sent before `due`.
    """
    _write(Kind(kind), review, sorted(set(users)), words, due)


def ask(review: Review) -> None:
    """Tell all who may decide a review that it waits. Who they are is found when it is sent."""
    _write(Kind.ASKED, review, None, {}, None)


def _write(kind: Kind, review: Review, users: list[int] | None, words: dict[str, str], due: datetime | None) -> None:
    about = words.pop("about", "") or str(review.version)
    said: dict[str, Any] = {name: str(clean(str(word))[0])[:LONGEST] for name, word in words.items()}
    told = Told(review=review, kind=kind, about=about[:LONGEST_ABOUT], users=users, words=said)
    if due is not None:
        told.due = due if timezone.is_aware(due) else timezone.make_aware(due)
    rows.insert([told])
