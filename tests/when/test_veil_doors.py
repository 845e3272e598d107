"""Every other way to a run whose first answer somebody may not learn: figures, lists, notices, the API, forms, kin."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit import people, sealer
from audit.actors import COMMAND, person
from audit.clock_time import now
from audit.models import User
from orchestration import control
from orchestration.batches import results
from orchestration.models import Run, StepRun, Upload, UploadRow, Workflow
from orchestration.states import ConnectionStatus, FireResult
from orchestration.triggers import chains, tokens
from reviews import commenting
from reviews.desk import queue_page, tabs
from reviews.home import owned, running, today
from reviews.models import Review
from reviews.notices import sending as letters
from reviews.notices import spreading
from reviews.reaching import Hook, HookDelivery, Kind, Message, Notice
from reviews.sights import may_see_review
from reviews.webhooks import keeping as hooks
from reviews.webhooks import queueing, sending
from reviews.when import veil
from reviews.when.seconds import open_due
from reviews.who import team
from tests.cast import Cast, carry_out_all
from tests.clock import jump
from tests.flow import drawn
from tests.triggers.conftest import clocked, following
from tests.when.timed import RIGHTS, decide, section

WIDE = {**RIGHTS, "manage": ["admin", "manager"]}


def again(user: User) -> User:
    """The same person, as a new request meets them."""
    return User.objects.get(pk=user.pk)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asking(key: str, **review: Any) -> drawn.Spec:
    return drawn.step(key, tool="test.say", input={"word": f"'{key}'"}, review=section(title=f"'{key}'", **review))


@pytest.fixture
def reader(cast: Cast) -> User:
    """Ravi, who manages the workflow beside deciding."""
    people.join(cast.ravi, cast.groups["manager"], actor=COMMAND)
    return again(cast.ravi)


@pytest.fixture(params=["due", "asked"])
def first(request: pytest.FixtureRequest, cast: Cast, reader: User) -> Review:
    """What Rita approved, so that the next step asks; the second is due, or is asked of Ravi."""
    run = drawn.start(cast, asking("book", second=1), asking("after"), groups=WIDE, slug="timed")
    carry_out_all()
    review = Review.objects.get(run=run)
    decide(review, cast.rita)
    carry_out_all()
    if request.param == "asked":
        assert open_due() == 1
    return Review.objects.get(pk=review.pk)


@pytest.fixture
def following_one(first: Review) -> Review:
    """What the next step asks."""
    return Review.objects.get(run=first.run_id, step_run__step__key="after")


def answer(first: Review, reader: User) -> User:
    """Ravi once he has answered too."""
    open_due()
    decide(Review.objects.get(second_of=first), again(reader))
    return again(reader)


type Finds = Callable[[User], Any]


def check(cast: Cast, first: Review, reader: User, finds: Finds) -> None:
    """It is hidden from the second reader alone, until they have answered."""
    assert not finds(again(reader))
    assert finds(again(cast.rita))
    assert finds(answer(first, reader))


def test_the_day_on_home(cast: Cast, first: Review, reader: User) -> None:
    check(cast, first, reader, lambda user: today.figures(user, [first.workflow], now()).decided)


def test_what_somebody_answers_for_on_home(cast: Cast, first: Review, reader: User) -> None:
    def figures(user: User) -> int:
        Workflow.objects.filter(pk=first.workflow_id).update(owner=user)
        return owned.owned_by(user, now())[0].decisions

    check(cast, first, reader, figures)


def test_what_runs_on_home(cast: Cast, first: Review, reader: User) -> None:
    check(cast, first, reader, lambda user: running.live(user, [first.workflow], now()).runs)


def test_what_waits_and_is_late_on_home(cast: Cast, following_one: Review, first: Review, reader: User) -> None:
    Review.objects.filter(pk=following_one.pk).update(due_at=first.asked_at)

    def shown(user: User) -> bool:
        return f"/inbox/{following_one.pk}/" in browser(user).get("/").content.decode()

    check(cast, first, reader, shown)


def test_lists_and_the_ways_between_items(cast: Cast, following_one: Review, first: Review, reader: User) -> None:
    drawn.start(cast, asking("other"), groups=WIDE, slug="other")
    carry_out_all()
    other = Review.objects.get(workflow__slug="other")

    def led_to(user: User) -> bool:
        ways = queue_page.neighbours(queue_page.begun(user, {}, now()), other)
        assert (following_one in tabs.mine(user)) == (following_one.pk in ways)
        return following_one.pk in ways

    check(cast, first, reader, led_to)


def test_the_blind_item_stays_in_the_inbox(first: Review, reader: User) -> None:
    open_due()
    assert list(tabs.mine(again(reader))) == [Review.objects.get(second_of=first)]


def test_the_team_and_what_nobody_decides(cast: Cast, following_one: Review, first: Review, reader: User) -> None:
    people.join(cast.rita, cast.groups["manager"], actor=COMMAND)
    Review.objects.filter(pk=following_one.pk).update(nobody_since=now(), due_at=first.asked_at)

    def shown(user: User) -> bool:
        found = following_one in team.look(user, now(), now()).late
        assert (f"/inbox/{following_one.pk}/" in browser(user).get("/").content.decode()) == found
        return found

    check(cast, first, reader, shown)


def test_who_may_see_the_item(cast: Cast, first: Review, reader: User) -> None:
    check(cast, first, reader, lambda user: may_see_review(user, str(first.pk)))


def test_a_notice_waits_with_it(cast: Cast, first: Review, reader: User, settings: Any, tmp_path: Path) -> None:
    settings.OUTBOX, settings.SMTP_HOST = tmp_path / "outbox", ""
    commenting.add(first, "@ravi @mina what do you think?", by=cast.rita, sent=[])
    spreading.spread()

    def send() -> set[str]:
        spreading.gather()
        while (message := letters.claim("mail")) is not None:
            letters.try_one(message)
        told = Notice.objects.filter(kind=Kind.MENTIONED, message__sent_at__isnull=False)
        return set(told.values_list("user__username", flat=True))

    assert send() == {"mina"}
    assert not Notice.objects.filter(user=reader, kind=Kind.MENTIONED, dropped_at__isnull=False).exists()
    answer(first, reader)
    jump(600)
    assert send() == {"mina", "ravi"}
    assert not Message.objects.filter(error__gt="").exists()


def test_another_system_is_told_how_it_was_decided_once_both_have_answered(first: Review, reader: User) -> None:
    hook = {"address": "http://127.0.0.1:9/", "status": ConnectionStatus.APPROVED, "key": hooks.close("a secret")}
    Hook.objects.create(name="tickets", kinds=["asked", "decided"], **hook)
    queueing.queue(first, Kind.ASKED, "1")
    queueing.queue(first, Kind.DECIDED, "2")

    def claimed() -> list[str]:
        found = []
        while (delivery := sending.claim()) is not None:
            HookDelivery.objects.filter(pk=delivery.pk).update(done_at=now())
            found.append(delivery.kind)
        return found

    assert claimed() == ["asked"]
    answer(first, reader)
    assert claimed() == ["decided"]


@pytest.mark.parametrize("address", ["", "result/", "stream/"])
def test_the_api(cast: Cast, first: Review, reader: User, address: str) -> None:
    def answers(user: User) -> bool:
        key = tokens.make(user, "A program", scopes=[tokens.READ], days=1, every_workflow=True)[1]
        headers = {"Authorization": f"Bearer {key}"}
        listed = Client().get("/api/v1/runs/", headers=headers).json()["runs"]
        status = Client().get(f"/api/v1/runs/{first.run_id}/{address}", headers=headers).status_code
        assert (status == 200) == bool(listed)
        return status == 200

    check(cast, first, reader, answers)


@pytest.mark.parametrize("form", ["outcome", "undo", "cancel"])
def test_the_forms_of_a_step(cast: Cast, first: Review, reader: User, form: str) -> None:
    address = f"/step-runs/{first.step_run_id}/{form}/"

    def is_there(user: User) -> bool:
        client = browser(user)
        return (client.post if form == "cancel" else client.get)(address).status_code != 404

    check(cast, first, reader, is_there)


def test_an_agents_step_is_taken_over_by_nobody_who_may_not_look(cast: Cast, first: Review, reader: User) -> None:
    check(cast, first, reader, lambda user: StepRun.objects.open_to(user, "decide").filter(run=first.run_id).exists())


def test_the_runs_that_can_be_moved(cast: Cast, first: Review, reader: User) -> None:
    people.join(cast.rita, cast.groups["manager"], actor=COMMAND)
    drawn.publish(cast, asking("book", second=1), asking("after"), groups=WIDE, slug="timed", purpose="Anew.")

    def shown(user: User) -> bool:
        return f"/runs/{first.run_id}/" in browser(user).get("/workflows/timed/move/?from=1").content.decode()

    check(cast, first, reader, shown)


def test_the_results_of_an_upload(cast: Cast, first: Review, reader: User) -> None:
    upload = Upload.objects.create(workflow=first.workflow, by=cast.adam, name="a.csv", form="csv", columns=[], total=1)
    upload.rows.create(number=1, line=2, cells=[], run=first.run, result=FireResult.STARTED)
    assert UploadRow.objects.count() == 1

    def said(user: User) -> bool:
        text = (results.of(upload, user)(-1) or ("", 0))[0]
        assert ("running" in text) == (results.HIDDEN not in text)
        return "running" in text

    check(cast, first, reader, said)


def test_runs_that_began_again_from_it(cast: Cast, first: Review, reader: User) -> None:
    new = control.restart(first.run, "after", actor=person(cast.adam), started_by=cast.adam)
    check(cast, first, reader, lambda user: Run.objects.seen_by(user).filter(pk=new.pk).exists())


def test_runs_that_follow_its_end(cast: Cast, following_one: Review, first: Review, reader: User) -> None:
    following(cast, first.workflow, clocked(cast), ends="any")
    decide(following_one, cast.rita)
    carry_out_all()
    while sealer.seal():
        pass
    assert chains.follow()
    new = Run.objects.get(workflow__slug="clocked")
    assert new.pk in veil.hidden_runs(again(reader))
    assert veil.hides(again(cast.rita), new.pk) is None
    assert new.pk not in veil.hidden_runs(answer(first, reader))


@pytest.mark.parametrize("stage", ["due", "asked"])
def test_runs_above_it(cast: Cast, reader: User, stage: str) -> None:
    drawn.publish(cast, asking("book", second=1), groups=WIDE, slug="timed")
    call = drawn.step("call", "workflow", workflow="timed", input={})
    before, above = (drawn.start(cast, call, groups=WIDE, slug="above") for _ in range(2))
    carry_out_all()
    first = Review.objects.get(run__parent__run=above)
    decide(first, cast.rita)
    carry_out_all()
    assert stage == "due" or open_due() == 1

    def seen(user: User) -> bool:
        found = set(Run.objects.seen_by(user).values_list("pk", flat=True))
        assert before.pk in found
        hidden = veil.hides(user, above.pk)
        assert (hidden is None) == (above.pk in found)
        leads = f"/inbox/{hidden}/" if hidden else "/inbox/"
        answered = browser(user).get(f"/runs/{above.pk}/")
        assert answered.headers.get("Location", leads) == leads
        return answered.status_code == 200

    check(cast, first, reader, seen)
