"""Comments: what people say about a review, to whom they say it, and the files that come with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from audit import rows
from audit.actors import person
from audit.canonical import clean, digest
from audit.ledger import record
from audit.models import User
from orchestration import files
from orchestration.uploads import Upload
from reviews import notices
from reviews.models import Comment, CommentFile, Review

LONGEST = 4000
MOST_FILES = 5
MOST_MENTIONS = 20
MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")


class CannotComment(ValueError):
    """The comment was not kept: a sentence says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a comment. `unknown` are the logins that it names and of which nobody may see the item."""

    comment: Comment
    unknown: list[str]


def add(review: Review, text: str, *, by: User, sent: Sequence[Upload] = ()) -> Said:
    """Keep a comment, tell those whom it names, and write it to the ledger."""
    words = clean(text.strip())[0]
    _check(words, sent)
    told, unknown = _named(words, review, by)
    kept = [one.store() for one in sent]
    with transaction.atomic():
        # Whoever decides holds the review first and its words afterwards: here it is the same.
        Review.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=review.pk)
        receipt = record(
            "review.commented",
            review,
            actor=person(by),
            body={"mentions": [user.pk for user in told], "files": len(kept)},
            personal={"title": review.title, "text": words, "files": [one["name"] for one in kept]},
            content_hash=digest(words),
            object_version=review.version,
            wake=True,
        )
        comment = Comment(
            review=review, by=by, text=words, mentions=[user.pk for user in told], receipt=receipt.event_id
        )
        rows.insert([comment])
        CommentFile.objects.bulk_create(
            (CommentFile(comment=comment, content_id=one[files.MARK], name=one["name"]) for one in kept),
            ignore_conflicts=True,
        )
    if told:
        notices.tell("mentioned", review, [user.pk for user in told], by=str(by), text=words)
    return Said(comment, unknown)


def _check(words: str, sent: Sequence[Upload]) -> None:
    if not words:
        raise CannotComment(_("Write something. A file alone says too little."))
    if len(words) > LONGEST:
        raise CannotComment(_("A comment may have %(most)d characters.") % {"most": LONGEST})
    if len(sent) > MOST_FILES:
        raise CannotComment(_("A comment may have %(most)d files.") % {"most": MOST_FILES})


def _named(words: str, review: Review, by: User) -> tuple[list[User], list[str]]:
    """Whom it names, of those who may see the item; and the names of which nobody may.

    Somebody from whom its run is hidden for now is named as well, and told once they may look at it.
    """
    names = list(dict.fromkeys(name.rstrip(".-") for name in MENTION.findall(words)))[:MOST_MENTIONS]
    if not names:
        return [], []
    people = User.objects.filter(username__in=names, is_active=True).exclude(pk=by.pk)
    told = [user for user in people if Review.objects.seen_by(user).filter(pk=review.pk).exists()]
    known = {user.username for user in told} | {by.username}
    return told, [name for name in names if name not in known]


def of(review: Review, most: int) -> list[Comment]:
    """The last comments of a review with their files, the oldest first: two queries, and no bytes of a file."""
    attached = CommentFile.objects.select_related("content").defer("content__content").order_by("id")
    found = review.comments.select_related("by").prefetch_related(Prefetch("files", attached)).order_by("-id")
    return list(found[:most])[::-1]
