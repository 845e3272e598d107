"""Reports: figures out of the ledger alone, each of which opens the decisions behind it."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from audit import grants, people, sight
from audit.actors import COMMAND
from audit.clock_time import now
from audit.reports import decided, figures
from audit.reports.figures import Figures
from audit.reports.wanted import Wanted
from orchestration.models import Attempt
from reviews import decisions
from tests import clock
from tests.audit import conftest
from tests.audit.conftest import Decide, Get
from tests.cast import Cast

pytestmark = pytest.mark.django_db
WEEK = {"period": "7"}
DAY = 24 * 3600


def read(cast: Cast, **given: str) -> Figures:
    moment = now()
    return figures.read(Wanted.read({**WEEK, **given}, moment), sight.reach(cast.mina), moment)


def test_it_counts_what_people_decided(cast: Cast, decide: Decide) -> None:
    decide()
    decide(edit="Another text.")
    decide(cast.ravi, "rejected")
    total = read(cast).total
    assert (total.count, total.written, total.edited, total.rejected) == (3, 1, 1, 1)
    assert total.as_written == pytest.approx(1 / 3)


def test_it_knows_what_was_late_and_what_was_hasty(cast: Cast, decide: Decide) -> None:
    decide(after=2)
    decide(verdict="rejected", after=2)
    decide(after=2 * 3600)
    total = read(cast).total
    assert (total.hasty, total.late) == (1, 1)
    assert total.in_time == pytest.approx(2 / 3)


def test_times_run_from_the_question_to_the_decision(cast: Cast, decide: Decide) -> None:
    for after in (60, 120, 600):
        decide(after=after)
    total = read(cast).total
    assert total.half == pytest.approx(120, abs=5)
    assert total.allowed == 3600


def test_a_decision_taken_back_does_not_count(cast: Cast, decide: Decide) -> None:
    taken = decide()
    decisions.undo(taken.review_id, by=cast.rita)
    assert read(cast).total.count == 0
    taken.review.refresh_from_db()
    conftest.decided(taken.review, cast.ravi, "rejected")
    total = read(cast).total
    assert (total.count, total.rejected) == (1, 1)


def test_the_cost_is_what_the_models_of_those_runs_cost(cast: Cast, decide: Decide) -> None:
    decide()
    decide()
    spent = Attempt.objects.aggregate(sum=Sum("cost"))["sum"]
    assert read(cast).total.cost == spent > Decimal(0)


def test_the_period_before_is_as_long(cast: Cast, decide: Decide) -> None:
    decide()
    clock.jump(7 * DAY)
    decide()
    decide()
    found = read(cast)
    assert (found.total.count, found.before.count) == (2, 1)
    assert sum(tally.count for tally in found.bars.values()) == 2
    assert sum(tally.count for tally in found.bars_before.values()) == 1


def test_figures_part_by_workflow_reviewer_score_and_time(cast: Cast, decide: Decide) -> None:
    decide(cast.rita, confidence=0.95, after=60)
    decide(cast.ravi, confidence=0.35, after=400)
    found = read(cast)
    assert found.workflows[cast.workflow.pk].count == 2
    assert {key: tally.count for key, tally in found.people.items()} == {str(cast.rita.pk): 1, str(cast.ravi.pk): 1}
    assert {key: tally.stated for key, tally in found.scores.items()} == {9: 0.95, 3: 0.35}
    assert sum(tally.count for tally in found.waits.values()) == 2


def test_reports_read_nothing_but_the_ledger(cast: Cast, decide: Decide) -> None:
    decide()
    moment, seen = now(), sight.reach(cast.mina)
    wanted = Wanted.read(WEEK, moment)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        figures.read(wanted, seen, moment)
        decided.workflow_names(seen.workflows)
        decided.names([str(cast.rita.pk)])
        decided.count(wanted, seen)
        decided.page(wanted, seen, before=None, after=None, limit=5)
    tables = {name for query in asked for name in re.findall(r"(?:FROM|JOIN)\s+([a-z]+_[a-z_]+)\b(?!\()", query["sql"])}
    assert tables == {"audit_event", "audit_personal"}
    assert len(asked) == 6


def test_only_workflows_that_one_may_see_count(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    auditors = Group.objects.create(name="auditor")
    grants.grant_everywhere("view_report", auditors, actor=COMMAND)
    people.join(cast.noah, auditors, actor=COMMAND)
    assert "Nobody decided anything" in get("/reports/?period=7", cast.noah).text
    assert "No decision fits" in get(f"/reports/decisions/?period=7&workflow={cast.workflow.pk}", cast.noah).text


@pytest.mark.parametrize("path", ["/reports/", "/reports/decisions/"])
def test_others_find_nothing_there(cast: Cast, get: Get, path: str) -> None:
    assert get(path, cast.rita).status == 404
    assert get(path, cast.noah).status == 404


def test_every_number_opens_as_many_decisions(cast: Cast, decide: Decide, get: Get) -> None:
    decide(cast.rita, after=2, confidence=0.95)
    decide(cast.ravi, "rejected", confidence=0.35)
    decide(edit="Another text.", after=2 * 3600)
    page = get("/reports/?period=7").html
    links = re.findall(r'<a class="link" href="([^"]+)" aria-label="[^"]*: (\d+)"', page)
    assert len(links) >= 9
    for address, count in links:
        said = get(address.replace("&amp;", "&")).text
        assert f"{count} decisions," in said or (count == "1" and "One decision," in said), address


def test_the_five_figures_and_what_changed_are_said_in_words(cast: Cast, decide: Decide, get: Get) -> None:
    for _ in range(10):
        decide(after=600)
    clock.jump(7 * DAY)
    for _ in range(10):
        decide(after=60)
    decide(verdict="rejected", after=60)
    said = get("/reports/?period=7").text
    assert "Decisions 11 10% more" in said
    assert "Approved as written 91% −9.1 points, worse" in said
    assert "Half decided within 1 min −9 min, better" in said
    assert "In time 100% no change" in said


def test_with_few_decisions_it_gives_no_verdict(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    said = get("/reports/?period=7").text
    assert "none before" in said
    assert "Too few decisions to say: 1 with a stated confidence, and it takes 30." in said


def test_figures_of_reviewers_are_for_those_who_may_read_the_record(cast: Cast, decide: Decide, get: Get) -> None:
    decide()
    owners = cast.groups["owner"]
    grants.grant_everywhere("view_report", owners, actor=COMMAND)
    people.join(cast.noah, owners, actor=COMMAND)
    by_rita = f"/reports/decisions/?period=7&reviewer={cast.rita.pk}"
    assert "By reviewer" in get("/reports/?period=7").text
    assert "One decision" in get(by_rita).text
    assert "By reviewer" not in get("/reports/?period=7", cast.noah).text
    assert get(by_rita, cast.noah).status == 404


@pytest.mark.parametrize("path", ["/reports/?period=7", "/reports/decisions/?period=7"])
def test_the_number_of_queries_does_not_grow(cast: Cast, decide: Decide, get: Get, path: str) -> None:
    def asked() -> int:
        get(path)
        with CaptureQueriesContext(connection) as queries:
            get(path)
        return len([query for query in queries if query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))])

    decide()
    one = asked()
    for _ in range(4):
        decide(cast.ravi, confidence=0.4)
    assert asked() == one


@pytest.mark.parametrize(
    "query",
    [
        "period=custom&from=2026-13-45&to=x", "period=custom&from=9999-12-31&to=0001-01-01", "workflow=abc", "score=99",
        "workflow=99999999999999999999", "verdict=<script>", "wait=-1", "before=x", "after=99999999999999999999999",
        "period=custom&from=2026-01-01T00:00:00%2B00:00&to=2026-01-01T01:00:00", "reviewer=%00", "period=%00",
    ],
)  # fmt: skip
def test_a_wrong_address_is_never_an_error(cast: Cast, get: Get, query: str) -> None:
    assert get(f"/reports/?{query}").status == 200
    assert get(f"/reports/decisions/?{query}").status == 200


def test_names_and_titles_that_hide_something_are_shown_as_they_are(cast: Cast, decide: Decide, get: Get) -> None:
    decide(customer_name="<script>\u202e")
    page = get("/reports/decisions/?period=7").html
    assert "&lt;script&gt;" in page
    assert "U+202E" in page
    assert "\u202e" not in page


def test_long_lists_have_pages(cast: Cast, decide: Decide, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.pages.SIZE", 2)
    receipts = [str(decide().receipt) for _ in range(5)][::-1]
    seen, address = [], "/reports/decisions/?period=7"
    while address:
        page = get(address).html
        seen.append(re.findall(r"/record/([0-9a-f-]{36})/", page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = "/reports/decisions/" + older[1].replace("&amp;", "&") if older else ""
    assert seen == [receipts[:2], receipts[2:4], receipts[4:]]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    back = get("/reports/decisions/" + newer[1].replace("&amp;", "&")).html
    assert re.findall(r"/record/([0-9a-f-]{36})/", back) == receipts[2:4]
