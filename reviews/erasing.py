"""What reviews hold of a person, taken out: their words, what they kept for themselves, and where they are reached."""

from django.db.models import Q

from audit.clock_time import now
from audit.erasing import erases, stays
from audit.models import User
from reviews.models import (
    Absence,
    Comment,
    CommentFile,
    Decision,
    Draft,
    Opinion,
    Review,
    Turn,
    View,
    Watch,
)
from reviews.reaching import Chat, HookDelivery, Link, Message, Notice, NoticeChoices, Told

GONE = "-"  # in place of words that were erased


@erases("reviews.Comment", "reviews.CommentFile", "reviews.Findable")
def comments(user: User) -> None:
    """What they said about reviews, with its files; the words by which it is found are made anew without it."""
    theirs = Comment.objects.filter(by=user)
    CommentFile.objects.filter(comment__in=theirs).delete()
    theirs.update(text=GONE)


@erases("reviews.Decision")
def reasons(user: User) -> None:
    """Why they decided as they did. What was decided stays, with its receipt."""
    # Not "": the database makes the words to find anew only where a reason stands.
    Decision.objects.filter(by=user).exclude(reason="").update(reason=GONE)


@erases("reviews.Opinion")
def opinions(user: User) -> None:
    """What they asked colleagues, and what they answered; what nobody answered yet is closed."""
    Opinion.objects.filter(by=user).exclude(question="").update(question=GONE)
    Opinion.objects.filter(asked=user).exclude(answer="").update(answer=GONE)
    Opinion.objects.filter(Q(by=user) | Q(asked=user), answered_at=None).update(answered_at=now(), answer=GONE)


@erases("reviews.Draft", "reviews.Watch", "reviews.Turn", "reviews.View")
def own_things(user: User) -> None:
    """What they kept for themselves; a list that is shared stays its group's."""
    for kept in (Draft, Watch, Turn):
        kept._default_manager.filter(user=user).delete()
    View.objects.filter(owner=user, shared_with=None).delete()


@erases("reviews.Message", "reviews.Notice", "reviews.NoticeChoices", "reviews.Chat", "reviews.Link", "reviews.Told")
def reached(user: User) -> None:
    """What they were told, digests too, and where they are reached."""
    for told in (Notice, Message, NoticeChoices, Chat, Link):
        told._default_manager.filter(user=user).delete()
    Told.objects.filter(users=[user.pk]).delete()


@erases("reviews.Absence")
def absences(user: User) -> None:
    """When they were away. Where they stand in for somebody, that ends."""
    Absence.objects.filter(user=user).delete()
    Absence.objects.filter(deputy=user).update(deputy=None, ended_at=now())


@erases("reviews.Review")
def holds(user: User) -> None:
    """What they hold and what was given to them is free for others."""
    Review.objects.open().filter(assigned_to=user).update(assigned_to=None)
    Review.objects.filter(claimed_by=user).update(claimed_by=None, claimed_until=None)


@erases("reviews.HookDelivery")
def deliveries(user: User) -> None:
    """What other systems were told of their work and is done with; what is still to be sent goes out first."""
    about = Q(review__decided_by=user) | Q(review__started_by=user)
    ended = Q(done_at__isnull=False) | Q(given_up_at__isnull=False)
    HookDelivery.objects.filter(about, ended).delete()


stays("An answer of the clock: nobody's words.", "reviews.Lapse")
stays("Days and hours of the house; who changed them is a number.", "reviews.Calendar")
stays("An address of the house's; who owns and signed it are numbers.", "reviews.Hook")
stays("What a server answered; it goes with what was sent.", "reviews.HookAttempt")
