"""Questions drawn up in a test: whom they ask is said in a few words."""

from typing import Any

from django.contrib.auth.models import Group

from audit import people
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import engine
from orchestration.models import Run, Workflow
from reviews import decisions
from reviews.models import Decision, Review
from reviews.who import holders
from tests.cast import PASSWORD, Cast, carry_out_all
from tests.flow import drawn
from tests.flow.drawn import Spec

RIGHTS = {
    "see": ["reviewer", "manager"],
    "start": ["admin"],
    "decide": ["reviewer", "manager"],
    "manage": ["admin"],
}
GIVEN = {"type": "object", "properties": {"amount": {"type": "string"}}}


def workflow(cast: Cast, *before: Spec, groups: dict[str, Any] | None = None, **review: Any) -> Workflow:
    """A workflow whose last step asks people as `review` says."""
    asked = {**drawn.REVIEW, **review}
    if "who" in asked:
        del asked["group"]
    book = drawn.step("book", tool="test.say", input={"amount": "input.amount"}, review=asked)
    return drawn.publish(cast, *before, book, groups=groups or RIGHTS, input=GIVEN, slug="books")


def start(cast: Cast, of: Workflow, amount: str = "10", by: User | None = None) -> Review:
    """A question of a run that somebody started; Adam, where nobody else is said."""
    starter = by or cast.adam
    holders.forget()
    run = engine.start(of, {"amount": amount}, actor=person(starter), started_by=starter)
    carry_out_all()
    return Review.objects.open().get(run=run)


def waiting(cast: Cast, amount: str = "10", **review: Any) -> Review:
    """A question that asks people as `review` says."""
    return start(cast, workflow(cast, **review), amount)


def decide(review: Review, by: User, verdict: str = "approved", **more: Any) -> Decision:
    """Decide on the review as it stands now."""
    now = Review.objects.get(pk=review.pk)
    shown = {"version": now.version, "shown_hash": now.content_hash}
    decided = decisions.decide(review.pk, by=by, verdict=verdict, **{**shown, **more})
    carry_out_all()
    return decided


def status(review: Review) -> str:
    """How it stands now."""
    return Review.objects.get(pk=review.pk).status


def ended(review: Review) -> bool:
    """Whether its run has come to its end."""
    return Run.objects.get(pk=review.run_id).status == "done"


def somebody(login: str, *groups: str) -> User:
    """Somebody more, in these groups."""
    made = people.welcome(login, login.capitalize(), f"{login}@northwind-bank.example", PASSWORD, actor=COMMAND)
    for name in groups:
        people.join(made, Group.objects.get_or_create(name=name)[0], actor=COMMAND)
    holders.forget()
    return made


def anew(user: User) -> User:
    """The same person, with nothing remembered of the last request."""
    holders.forget()
    return User.objects.get(pk=user.pk)


def waits_for(user: User) -> list[int]:
    """What waits for somebody."""
    return list(Review.objects.open_for(anew(user)).in_order().values_list("pk", flat=True))
