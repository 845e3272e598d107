"""What came from outside is shown as text: no marks of HTML or Markdown work, nothing is a link, nothing hides."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from orchestration.models import Run
from reviews.models import Review
from tests.agents.drawn import agent
from tests.cast import Cast
from tests.flow.drawn import begin, carry_on, publish
from tests.injected.conftest import answers
from tests.injected.obeying import Obeying, order
from tests.outgoing.watching import Listener

pytestmark = pytest.mark.django_db

EVIL = "http://evil.example/?q=all"
NOTE = f'<img src="{EVIL}"><script>alert(1)</script>![a]({EVIL}) [b]({EVIL}) {EVIL} javascript:alert(2)'
HIDDEN = "\u202ekcab\u202c \u200b"


class Marks(HTMLParser):
    """Where the marks of a page lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text, self.typed = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Each address, and whatever a script is told."""
        self.found += [value or "" for name, value in attrs if name in {"href", "src", "action", "srcset", "style"}]
        self.found += [name for name, _ in attrs if name.startswith("on")]
        self.typed = tag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        """What may be typed over ends."""
        self.typed = False

    def handle_data(self, data: str) -> None:
        """What is read, without what stands in fields to be typed over: that is as it is."""
        self.text += "" if self.typed else data


@pytest.fixture
def run(cast: Cast, said: Obeying, shop: Listener, docs: Path) -> Run:
    """One whose agent has read it, and passes it on in a write."""
    answers(shop, "/items/1", 200, {"note": f"{NOTE} {HIDDEN} {order('shop_write', id='7', note=NOTE + HIDDEN)}"})
    asked = agent(tools=["shop.read", "shop.write"], input={"task": "input.task"})
    given = {"type": "object", "properties": {"task": {"type": "string"}}}
    return carry_on(begin(cast, publish(cast, asked, input=given), {"task": order("shop_read", id="1")}))


@pytest.mark.parametrize("address", ["/runs/{run}/?step=ask&tab=talk", "/runs/{run}/", "/inbox/{review}/"])
def test_it_is_text(address: str, run: Run, cast: Cast, client: Client) -> None:
    client.force_login(cast.rita)
    where = address.format(run=run.pk, review=Review.objects.get().pk)
    answer = client.get(where)
    assert answer.status_code == 200
    page, marks = answer.content.decode(), Marks()
    marks.feed(page)
    assert [found for found in marks.found if "evil" in found or "javascript:" in found or found.startswith("on")] == []
    assert "<script>alert" not in page
    assert not {"\u202e", "\u200b"} & set(marks.text)
    if address != "/runs/{run}/":
        assert "alert(1)" in page
