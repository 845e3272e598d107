"""Reports tell apart all that comes of a question: approved, edited, own outcomes, sent back, rejected, lapsed."""

import csv
import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from audit import sight
from audit.clock_time import now
from audit.reports import figures
from audit.reports.figures import Tally
from audit.reports.wanted import Wanted
from reviews import decisions
from reviews.models import Review
from reviews.when.clock import do_due
from tests.audit.conftest import Get
from tests.cast import Cast, carry_out_all
from tests.flow import drawn
from tests.reviews.asking.drawn import OUTCOMES, decide
from tests.when.timed import RIGHTS, earlier

pytestmark = pytest.mark.django_db
WEEK = {"period": "7"}
ASKS: dict[str, Any] = {
    **drawn.REVIEW,
    "outcomes": OUTCOMES,
    "back": {"to": ["first"]},
    "default": {"after": 240, "outcome": "reject"},
}


def question(cast: Cast, slug: str) -> Review:
    """A question of a workflow of its own that knows every way out."""
    say = drawn.step("say", review=ASKS)
    run = drawn.start(cast, drawn.step("first"), say, drawn.step("last"), groups=RIGHTS, slug=slug)
    carry_out_all()
    return Review.objects.open().get(run=run)


def total(cast: Cast) -> Tally:
    moment = now()
    return figures.read(Wanted.read(WEEK, moment), sight.reach(cast.mina), moment).total


def exported(get: Get, **more: str) -> list[str]:
    """The verdicts in the file of the decisions of the week."""
    text = get(f"{reverse('export', args=['csv'])}?{urlencode({'of': 'decisions', **WEEK, **more})}").html
    return [line["verdict"] for line in csv.DictReader(io.StringIO(text))]


@pytest.fixture
def every(cast: Cast) -> None:
    """One of each: approved, rejected, two own outcomes, sent back, and two that nobody answered."""
    decide(question(cast, "yes"), cast.rita)
    decide(question(cast, "no"), cast.rita, "rejected", "Not so.")
    decide(question(cast, "up"), cast.rita, "approved", "Too much.", outcome="escalate")
    decide(question(cast, "desk"), cast.rita, "rejected", outcome="wrong_desk")
    decide(question(cast, "back"), cast.rita, "sent_back", "Look again.", to="first")
    for slug in ("late", "later"):
        earlier(question(cast, slug), 999)
    while do_due():
        pass


@pytest.mark.usefixtures("every")
def test_each_is_counted_as_what_it_is(cast: Cast) -> None:
    found = total(cast)
    told = (found.written, found.edited, found.own, found.sent_back, found.rejected, found.lapsed)
    assert told == (1, 0, 2, 1, 1, 2)
    assert (found.count, found.ended) == (5, 7)


@pytest.mark.usefixtures("every")
def test_a_lapse_is_no_decision_of_anybody(cast: Cast) -> None:
    moment = now()
    found = figures.read(Wanted.read(WEEK, moment), sight.reach(cast.mina), moment)
    assert found.total.late == 0
    assert {key: tally.count for key, tally in found.people.items()} == {str(cast.rita.pk): 5}
    assert sum(tally.count for tally in found.waits.values()) == 5
    assert found.total.half is not None
    assert found.total.half < 3600


@pytest.mark.usefixtures("every")
def test_what_was_agreed_to_unchanged_is_left_alone_whatever_it_is_called(cast: Cast) -> None:
    found = total(cast)
    assert found.unchanged == 2  # approved as written, and the own outcome that counts as approved
    assert found.left_alone == pytest.approx(2 / 5)


@pytest.mark.usefixtures("every")
def test_each_number_opens_its_events(get: Get) -> None:
    page = get("/reports/?period=7").html
    links = re.findall(r'<a class="link" href="([^"]+)" aria-label="[^"]*, ([^",:]+): (\d+)"', page)
    by_word = {
        word: (address.replace("&amp;", "&"), int(count)) for address, word, count in links if "verdict=" in address
    }
    assert {word: count for word, (_, count) in by_word.items()} == {
        "As written": 1, "Own outcome": 2, "Sent back": 1, "Rejected": 1, "Lapsed": 2
    }  # fmt: skip
    for address, count in by_word.values():
        assert len(set(re.findall(r"/record/([0-9a-f-]{36})/", get(address).html))) == count
    lapsed = get(by_word["Lapsed"][0]).text
    assert "2 lapses" in lapsed
    assert lapsed.count("The clock") == 2
    assert "escalate" in get(by_word["Own outcome"][0]).text


@pytest.mark.usefixtures("every")
def test_they_are_worth_a_look_and_in_the_file(get: Get) -> None:
    said = get("/reports/?period=7").text
    assert "1 sent back, with a reason" in said
    assert "2 ended by the clock, each unanswered" in said
    assert sorted(exported(get)) == ["approved as written", "own outcome", "own outcome", "rejected", "sent back"]
    assert exported(get, verdict="lapsed") == ["lapsed", "lapsed"]


def test_a_week_with_nothing_but_lapses_says_so(cast: Cast, get: Get) -> None:
    earlier(question(cast, "late"), 999)
    while do_due():
        pass
    said = get("/reports/?period=7").text
    assert "Nobody decided anything" not in said
    assert "1 ended by the clock, unanswered" in said


def test_what_was_sent_back_and_taken_back_does_not_count(cast: Cast) -> None:
    review = question(cast, "back")
    Review.objects.filter(pk=review.pk).update(undo_seconds=60)
    taken = decide(review, cast.rita, "sent_back", "Look again.", to="first")
    assert total(cast).sent_back == 1
    decisions.undo(taken.review_id, by=cast.rita)
    assert total(cast).sent_back == 0
