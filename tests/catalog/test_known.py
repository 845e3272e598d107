"""litellm's table: read without litellm, looked through by name, and only ever proposing."""

import subprocess
import sys
from decimal import Decimal

import pytest

from audit.models import Event
from orchestration import waived
from orchestration.catalog import CannotChange, NotAllowed, known
from orchestration.models import Model
from tests.cast import Cast
from tests.processes import ROOT

pytestmark = pytest.mark.django_db


def test_it_finds_by_words() -> None:
    names = [one.name for one in known.search("GPT-4o mini")]
    assert "gpt-4o-mini" in names
    assert all("gpt-4o" in name.lower() and "mini" in name.lower() for name in names)
    assert len(known.search("a")) == known.MOST_FOUND


@pytest.mark.parametrize("text", ["", "   ", "no such model at all", "\x00", "x" * 5000])
def test_it_finds_nothing_for_nothing(text: str) -> None:
    assert known.search(text) == []


def test_taking_over_proposes_and_never_approves(cast: Cast) -> None:
    row = known.take_over("gpt-4o", by=cast.adam)
    assert (row.status, row.approved_by, row.approved_hash) == ("proposed", None, "")
    assert (row.name, row.asked, row.secret) == ("gpt-4o", "openai/gpt-4o", "env:OPENAI_API_KEY")
    assert (row.price_in, row.price_out, row.priced_on) == (Decimal("2.5"), Decimal(10), waived.today())
    assert (row.context, row.capabilities) == (128000, ["tools", "schema", "vision"])
    assert (row.ceiling, row.region, row.retention_days) == ("internal", "", None)
    assert Event.objects.get(kind="model.proposed").data["source"] == "litellm"
    assert not Event.objects.filter(kind="model.approved", object_id=str(row.pk)).exists()


def test_what_is_there_already_stays_as_it_is(cast: Cast) -> None:
    known.take_over("gpt-4o", by=cast.adam)
    with pytest.raises(CannotChange, match="already"):
        known.take_over("gpt-4o", by=cast.adam)
    assert Model.objects.filter(name="gpt-4o").count() == 1


def test_others_take_nothing_over(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        known.take_over("gpt-4o", by=cast.mina)
    with pytest.raises(known.NoSuchEntry):
        known.take_over("sample_spec", by=cast.adam)


def test_every_entry_can_be_proposed() -> None:
    from orchestration.catalog.changing import NAME, problems

    table = known._table()
    assert len(table) > 1000
    assert all(NAME.fullmatch(name) for name in table)
    wrong = {
        one.name: found
        for one in table.values()
        if (
            found := problems(
                {
                    "context": one.context,
                    "most_output": one.most_output,
                    "price_in": one.price_in,
                    "price_out": one.price_out,
                    "capabilities": list(one.capabilities),
                }
            )
        )
    }
    assert wrong == {}


def test_it_is_read_without_the_library() -> None:
    script = (
        "import django, sys; django.setup()\n"
        "from orchestration.catalog import known\n"
        "assert known.search('gpt-4o')\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'litellm']\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
