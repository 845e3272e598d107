"""The form of an agent in a browser without script: what stands on the page is sent as it stands; nothing is lost."""

from html.parser import HTMLParser

import pytest
import yaml
from django.http import QueryDict

from audit.actors import person
from orchestration import drafts, workflows
from orchestration.models import Version
from orchestration.states import VersionStatus
from tests.cast import Cast
from tests.editing.test_agents import agent
from tests.editing.test_page import client_of

pytestmark = pytest.mark.django_db
PAGE = "/workflows/a-draft/draft/"


class Sent(HTMLParser):
    """What a browser sends of the form with the id `edit`, field by field."""

    def __init__(self) -> None:
        super().__init__()
        self.form = QueryDict(mutable=True)
        self.inside, self.select, self.first, self.area = False, "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == "edit"
        elif self.inside and tag == "input" and "name" in given:
            if given.get("type") != "checkbox" or "checked" in given:
                self.form.appendlist(given["name"], given.get("value", ""))
        elif self.inside and tag == "textarea":
            self.area = given["name"]
            self.form.appendlist(self.area, "")
        elif self.inside and tag == "select":
            self.select, self.first = given["name"], ""
            self.form.appendlist(self.select, "")
        elif self.select and tag == "option" and ("selected" in given or not self.first):
            self.first = self.first or "seen"
            self.put(self.select, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            held = self.form.getlist(self.area)
            self.put(self.area, held[-1] + (data if held[-1] else data.removeprefix("\n")))

    def put(self, name: str, value: str) -> None:
        self.form.setlist(name, [*self.form.getlist(name)[:-1], value.replace("\r\n", "\n").replace("\n", "\r\n")])


@pytest.fixture
def draft(cast: Cast) -> Version:
    version = workflows.publish(agent(), actor=person(cast.adam), by=cast.adam)
    return drafts.draft_of(version.workflow, by=cast.adam)


def opened(cast: Cast) -> QueryDict:
    parser = Sent()
    parser.feed(client_of(cast.adam).get(f"{PAGE}?step=ask").content.decode())
    parser.form.pop("to", None)
    return parser.form


def save(cast: Cast, form: QueryDict) -> tuple[int, str]:
    answer = client_of(cast.adam).post(f"{PAGE}save/", form.urlencode(), "application/x-www-form-urlencoded")
    return answer.status_code, answer.content.decode()


def source() -> str:
    return Version.objects.get(status=VersionStatus.DRAFT).source


def test_a_page_that_nobody_touched_changes_nothing(cast: Cast, draft: Version) -> None:
    before = source()
    form = opened(cast)
    assert {"workers", "call_review", "asks", "talks", "limits"} <= set(form.getlist("field"))
    assert save(cast, form)[0] == 303
    assert source() == before


def test_a_worker_is_added_and_taken_away_without_script(cast: Cast, draft: Version) -> None:
    form = opened(cast)
    form.setlist("workers.name", [*form.getlist("workers.name")[:-1], "Second hand"])
    assert save(cast, form)[0] == 303
    first, second = yaml.safe_load(source())["steps"][0]["workers"]
    assert (first["key"], second["key"]) == ("look_up", "second_hand")
    form = opened(cast)
    assert len(form.getlist("workers.was")) == 3
    form.appendlist("workers.gone", "0")
    assert save(cast, form)[0] == 303
    assert [one["key"] for one in yaml.safe_load(source())["steps"][0]["workers"]] == ["second_hand"]


def test_what_cannot_be_taken_stands_on_the_page_as_it_was_typed(cast: Cast, draft: Version) -> None:
    before, form = source(), opened(cast)
    form.setlist("workers.limits.turns", ["many", ""])
    form.setlist("workers.purpose", ["Something else.", ""])
    status, page = save(cast, form)
    assert status == 422
    assert "many is no number." in page
    assert 'value="many"' in page
    assert "Something else." in page
    assert source() == before
