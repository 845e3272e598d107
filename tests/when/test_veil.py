"""What the second person of a blind pair may not learn: no list, file, figure or event tells them the first answer."""

import pytest
from django.test import Client

from audit import people, sight
from audit.actors import COMMAND
from audit.clock_time import now
from audit.live import OVER
from audit.models import Event, User
from audit.reading import entries
from audit.reading.entries import Sought
from audit.reports import decided, figures
from audit.reports.wanted import Wanted
from orchestration.models import Run, Workflow
from reviews.desk import tabs
from reviews.models import Review
from reviews.runpages import telling
from reviews.states import ReviewStatus
from reviews.when import veil
from reviews.when.seconds import open_due
from tests.audit.conftest import seal_all
from tests.cast import Cast
from tests.when.timed import decide, waiting

STAGES = ["due", "asked"]


def again(user: User) -> User:
    """The same person, as a new request meets them."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def reader(cast: Cast) -> User:
    """Ravi, who may read the whole record beside deciding."""
    people.join(cast.ravi, cast.groups["manager"], actor=COMMAND)
    return again(cast.ravi)


@pytest.fixture(params=STAGES)
def first(request: pytest.FixtureRequest, cast: Cast, reader: User) -> Review:
    """What Rita approved: the second is due, or is asked of Ravi."""
    review = waiting(cast, second=1)
    decide(review, cast.rita)
    if request.param == "asked":
        assert open_due() == 1
        assert Review.objects.get(second_of=review).chosen == cast.ravi
    seal_all()
    return Review.objects.get(pk=review.pk)


def answered(first: Review, reader: User) -> User:
    """Ravi once he has answered too."""
    open_due()
    decide(Review.objects.get(second_of=first), again(reader))
    seal_all()
    return again(reader)


def approval(first: Review) -> Event:
    return Event.objects.get(kind="review.approved", run_id=first.run_id)


def test_the_record_and_its_files_leave_it_out(cast: Cast, first: Review, reader: User) -> None:
    assert entries.may_see_all(reader)

    def found(user: User, **sought: object) -> bool:
        leaves = entries.numbered(user, Sought(**sought))  # type: ignore[arg-type]
        return leaves.filter(event__run_id=first.run_id).exists()

    assert not found(reader)
    assert not found(reader, kind="review.approved")
    assert not found(reader, run=first.run_id)
    assert found(again(cast.mina))
    assert found(again(cast.rita))
    assert entries.numbered(reader, Sought()).filter(event__run_id=None).exists()  # what is of no run stays
    assert found(answered(first, reader), kind="review.approved")


def test_one_event_is_not_there(cast: Cast, first: Review, reader: User, client: Client) -> None:
    address = f"/record/{approval(first).event_id}/"
    client.force_login(reader)
    assert client.get(address).status_code == 404
    answered(first, reader)
    assert client.get(address).status_code == 200


def test_home_leaves_it_out(first: Review, reader: User) -> None:
    workflows = list(Workflow.objects.all())
    assert approval(first) not in telling.seen_by(reader, workflows)
    assert approval(first) in telling.seen_by(answered(first, reader), workflows)


def test_reports_and_their_file_leave_it_out(cast: Cast, first: Review, reader: User) -> None:
    def counted(user: User) -> tuple[int, int, int]:
        moment = now()
        wanted, reach = Wanted.read({"period": "7"}, moment), sight.reach(again(user))
        rows = decided.page(wanted, reach, before=None, after=None, limit=5)
        return figures.read(wanted, reach, moment).total.count, decided.count(wanted, reach), len(rows)

    assert counted(reader) == (0, 0, 0)
    assert counted(cast.rita) == (1, 1, 1)
    assert counted(answered(first, reader)) == (1, 1, 1)


def test_the_run_and_the_item_wait(cast: Cast, first: Review, reader: User, client: Client) -> None:
    assert first.run not in Run.objects.seen_by(reader)
    assert first not in tabs.shown_to(reader)
    client.force_login(reader)
    second = veil.hides(reader, first.run_id)
    leads = f"/inbox/{second}/" if second else "/inbox/"
    for address in (f"/runs/{first.run_id}/", f"/inbox/{first.pk}/"):
        assert client.get(address).headers["Location"] == leads
    assert f"/runs/{first.run_id}/" not in client.get("/runs/").content.decode()
    assert first.run in Run.objects.seen_by(again(cast.rita))
    assert first.run in Run.objects.seen_by(answered(first, reader))


def test_it_is_hidden_from_nobody_who_could_not_be_chosen(cast: Cast, first: Review) -> None:
    for other in (cast.rita, cast.adam, cast.mina):
        assert veil.hides(again(other), first.run_id) is None
        assert sight.reach(again(other)).hidden == []


def test_open_pages_hear_of_every_end_alike() -> None:
    assert {status.value for status in ReviewStatus} - {"open"} <= OVER
