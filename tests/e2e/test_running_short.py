"""A list that runs short fills itself up from behind, and shows each item once."""

import pytest
from playwright.sync_api import expect

from reviews.models import Review
from tests.e2e.browser import Room
from tests.e2e.conftest import Stage
from tests.reviews.test_inbox import copies

MORE, LEFT = 45, 3
GONE = "ids => document.body.dispatchEvent(new CustomEvent('ledger', { detail: { reviews: { gone: ids } } }))"


@pytest.mark.usefixtures("alone")
def test_it_fetches_the_rows_that_follow(room: Room, stage: Stage) -> None:
    copies(stage.waiting(), MORE)
    known = list(Review.objects.open().in_order().values_list("pk", flat=True))
    page = room.enter("rita")
    page.goto("/inbox/")
    rows = page.locator("#items a.item")
    expect(rows).to_have_count(30)
    page.evaluate("document.getElementById('queue').dataset.before = '1'")
    page.evaluate(GONE, known[: 30 - LEFT])
    expect(rows).to_have_count(len(known) - 30 + LEFT)
    assert [int(row.get_attribute("data-review") or 0) for row in rows.all()] == known[30 - LEFT :]
    expect(page.locator("#queue[data-before]")).to_be_attached()  # it is the same list still
    expect(page.locator("#page-after")).to_have_count(0)
    expect(page.locator("#items .grp")).to_have_count(1)
    stage.clear()
