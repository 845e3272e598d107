"""Newcomers: for thirty days nobody is the second person beside those through whom they have just come in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from audit import acts, choices, newcomers, people, proposals
from audit.accounts import inviting
from audit.accounts.inviting import Guest
from audit.actors import COMMAND
from audit.models import User
from reviews import decisions
from reviews.models import Review
from tests import clock, signing
from tests.cast import PASSWORD, Cast
from tests.reviews.conftest import Browse
from tests.who.asked import RIGHTS, anew, decide, ended, start, waiting, waits_for, workflow

pytestmark = pytest.mark.django_db
EVERYBODY_STARTS = {**RIGHTS, "start": ["admin", "reviewer"]}


@pytest.fixture(autouse=True)
def _held(cast: Cast) -> None:
    """The workspace holds newcomers from deciding too, unless a test says otherwise."""
    choices.write(newcomers.CHOICE, newcomers.DECISIONS, actor=COMMAND)


def test_as_it_comes_a_young_workspace_decides_and_does_not_sign(cast: Cast) -> None:
    choices.write(newcomers.CHOICE, newcomers.SIGNATURES, actor=COMMAND)
    review = waiting(cast)
    ida = let_in("ida", cast.adam, "reviewer")
    assert waits_for(ida) == [review.pk]
    decide(review, anew(ida))
    assert ended(review)
    assert cast.adam.pk in newcomers.kin(ida.pk)


def let_in(login: str, by: User, *groups: str) -> User:
    """Somebody whom another has invited, and who has come in."""
    found = tuple(Group.objects.filter(name__in=groups))
    guest = Guest(f"{login.capitalize()} Holm", login, f"{login}@northwind-bank.example", found)
    return inviting.accept(inviting.invite(guest, by=by)[1], PASSWORD)


def month_goes_by() -> None:
    clock.jump(timedelta(days=30, minutes=1).total_seconds())


def refused(review: Review, by: User) -> str:
    """Beside whom this person is too new."""
    with pytest.raises(decisions.TooNew) as caught:
        decide(review, anew(by))
    return caught.value.whose


def test_who_was_invited_does_not_decide_what_the_inviter_started(cast: Cast) -> None:
    review = waiting(cast)
    ida = let_in("ida", cast.adam, "reviewer")  # also after it was asked
    assert refused(review, ida) == str(cast.adam)
    assert waits_for(ida) == []
    decide(review, cast.rita)
    assert ended(review)


def test_a_month_later_they_do(cast: Cast) -> None:
    ida = let_in("ida", cast.adam, "reviewer")
    month_goes_by()
    review = waiting(cast)
    assert waits_for(ida) == [review.pk]
    decide(review, anew(ida))
    assert ended(review)


def test_they_decide_what_somebody_else_started(cast: Cast) -> None:
    people.join(cast.mina, cast.groups["admin"], actor=COMMAND)
    ida = let_in("ida", anew(cast.mina), "reviewer")
    review = waiting(cast)
    decide(review, anew(ida))
    assert ended(review)


def test_whom_a_guest_invites_is_held_as_well(cast: Cast) -> None:
    ida = let_in("ida", cast.adam, "admin")
    month_goes_by()
    ole = let_in("ole", ida, "reviewer")
    assert refused(waiting(cast), ole) == str(cast.adam)


def test_the_inviter_does_not_decide_what_the_guest_started(cast: Cast) -> None:
    people.join(cast.rita, cast.groups["admin"], actor=COMMAND)
    ida = let_in("ida", anew(cast.rita), "reviewer")
    of = workflow(cast, groups=EVERYBODY_STARTS)
    review = start(cast, of, by=ida)
    assert refused(review, cast.rita) == str(ida)
    decide(review, cast.ravi)
    assert ended(review)


def test_the_two_fill_no_two_places(cast: Cast) -> None:
    people.join(cast.rita, cast.groups["admin"], actor=COMMAND)
    ida = let_in("ida", anew(cast.rita), "reviewer")
    review = waiting(cast, then=[{"group": "reviewer"}])
    decide(review, anew(ida))
    assert refused(review, cast.rita) == str(ida)
    assert waits_for(cast.rita) == []
    assert waits_for(cast.ravi) == [review.pk]
    decide(review, cast.ravi)
    assert ended(review)


def test_where_only_a_newcomer_is_left_the_owner_is_told_that_nobody_may(cast: Cast) -> None:
    Group.objects.create(name="fresh")
    let_in("ida", cast.adam, "fresh", "reviewer")
    assert waiting(cast, group="fresh", groups={**RIGHTS, "decide": ["reviewer", "fresh"]}).nobody_since is not None


def test_the_page_says_why(cast: Cast, browse: Browse) -> None:
    review = waiting(cast)
    ida = let_in("ida", cast.adam, "reviewer")
    shown = browse(ida).get(f"/inbox/{review.pk}/").text
    assert f"{cast.adam} let you in, or you them, less than 30 days ago." in shown
    assert review.title in browse(ida).get("/inbox/?list=team").text


def test_a_guest_signs_nothing_that_the_inviter_proposes_for_a_month(cast: Cast) -> None:
    with signing.painting():
        ida = let_in("ida", cast.adam, "owner")
        proposal = signing.proposed(cast)
        for verb in ({"shown_hash": proposal.content_hash}, {"reason": "No."}):
            with pytest.raises(proposals.TooNew):
                (proposals.refuse if "reason" in verb else proposals.countersign)(proposal.pk, by=ida, **verb)
        assert not acts.to_sign(ida).exists()
        month_goes_by()
        proposal = signing.proposed(cast, by=cast.adam)
        assert list(acts.to_sign(ida)) == [proposal]
        assert proposals.countersign(proposal.pk, by=ida, shown_hash=proposal.content_hash).status == "signed"


def test_an_inviter_signs_nothing_that_the_guest_proposes_or_edited(cast: Cast) -> None:
    with signing.painting() as paint:
        ida, olga = let_in("ida", cast.adam, "owner"), signing.olga(cast)
        proposal = signing.proposed(cast, by=ida)
        with pytest.raises(proposals.TooNew):
            proposals.countersign(proposal.pk, by=cast.adam, shown_hash=proposal.content_hash)
        proposals.countersign(proposal.pk, by=olga, shown_hash=proposal.content_hash)
        paint.editors = frozenset({ida.pk})
        edited = signing.proposed(cast, by=olga)
        with pytest.raises(proposals.TooNew):
            proposals.countersign(edited.pk, by=cast.adam, shown_hash=edited.content_hash)


def test_the_page_of_a_proposal_says_why(cast: Cast, browse: Browse) -> None:
    with signing.painting():
        ida = let_in("ida", cast.adam, "owner")
        proposal = signing.proposed(cast)
        page = browse(ida)
        told = "let you in, or you them, less than 30 days ago, so somebody else signs it."
        assert told in page.get(f"/proposals/{proposal.pk}/").text
        sent = {"answer": "sign", "shown_hash": proposal.content_hash}
        assert page.post(f"/proposals/{proposal.pk}/answer/", sent).status_code == 403
