"""When and whether people are asked, in the editor's form: what stands there is kept, what is typed is put in."""

from typing import Any

import pytest
import yaml
from django.http import QueryDict
from django.test import Client

from audit.actors import person
from orchestration import drafts, workflows
from orchestration.models import Version
from orchestration.states import VersionStatus
from tests.cast import Cast
from tests.editing.test_agent_page import Sent
from tests.flow import drawn
from tests.when.timed import RIGHTS, section

PAGE = "/workflows/timed/draft/"
WHOLE: dict[str, Any] = {
    "hours": "berlin",
    "reminders": [30, 5],
    "escalate": [{"after": 60, "group": "manager"}],
    "default": {"after": 240, "outcome": "reject"},
    "only": {"if": "act.word == 'book'", "below": 0.8, "effects": ["write"], "sample": 0.05},
    "second": 0.1,
}


@pytest.fixture
def adam(cast: Cast) -> Client:
    """Adam's browser."""
    client = Client()
    client.force_login(cast.adam)
    return client


def begin(cast: Cast, **review: Any) -> None:
    """A draft of a workflow with such a review."""
    step = drawn.step("book", review=section(**review))
    version = workflows.publish(drawn.source(step, groups=RIGHTS, slug="timed"), actor=person(cast.adam), by=cast.adam)
    drafts.draft_of(version.workflow, by=cast.adam)


def opened(adam: Client) -> QueryDict:
    parser = Sent()
    parser.feed(adam.get(f"{PAGE}?step=book").text)
    parser.form.pop("to", None)
    return parser.form


def save(adam: Client, form: QueryDict) -> tuple[int, str]:
    answer = adam.post(f"{PAGE}save/", form.urlencode(), "application/x-www-form-urlencoded")
    return answer.status_code, answer.text


def review() -> dict[str, Any]:
    return dict(yaml.safe_load(Version.objects.get(status=VersionStatus.DRAFT).source)["steps"][0]["review"])


def test_what_nobody_touched_stays(cast: Cast, adam: Client) -> None:
    begin(cast, **WHOLE)
    before = Version.objects.get(status=VersionStatus.DRAFT).source
    assert save(adam, opened(adam))[0] == 303
    assert Version.objects.get(status=VersionStatus.DRAFT).source == before


def test_all_of_it_is_typed(cast: Cast, adam: Client) -> None:
    begin(cast)
    form = opened(adam)
    typed = {
        "hours": "berlin",
        "reminders": "30, 5",
        "later.group": "manager",
        "later.after": "60",
        "default.outcome": "reject",
        "default.after": "240",
        "only.if": "act.word == 'book'",
        "only.below": "80",
        "only.effects": "write",
        "only.sample": "5 %",
        "second": "10",
    }
    for name, value in typed.items():
        form[f"review.{name}"] = value
    assert save(adam, form)[0] == 303
    now = review()
    assert {name: now[name] for name in WHOLE} == WHOLE
    form = opened(adam)
    for name in typed:
        form.setlist(f"review.{name}", [""])
    form.setlist("review.only.effects", [])
    assert save(adam, form)[0] == 303
    assert not set(WHOLE) & set(review())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("reminders", "soon", "soon is no number."),
        ("only.below", "much", "much is no number."),
        ("later.after", "60", "Say who may decide too"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(cast: Cast, adam: Client, name: str, value: str, told: str) -> None:
    begin(cast)
    form = opened(adam)
    form[f"review.{name}"] = value
    status, page = save(adam, form)
    assert status == 422
    assert told in page
    assert f'value="{value}"' in page
    assert not set(WHOLE) & set(review())


def test_the_path_is_told_in_sentences(cast: Cast, adam: Client) -> None:
    begin(cast, **{**WHOLE, "hours": "berlin"})
    page = adam.get("/workflows/timed/").text
    for sentence in (
        "All times are business hours of berlin.",
        "They are reminded 30 minutes and 5 minutes before it is due.",
        "If nobody has decided 1 hour after it was due, Managers may decide too.",
        "If nobody decides within 4 hours after it was due: it is rejected by the clock.",
        "Of 10 in 100 decisions, another person takes a second one, blindly.",
    ):
        assert sentence in page
    assert "for 5 in 100 of the others, picked at random" in page
