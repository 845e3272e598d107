"""The measurement of the desk, in small: every open page hears of every decision."""

import pytest

from deploy.sample import crowd
from tests.bench.desk import Load, measured
from tests.cast import Cast


@pytest.mark.django_db(transaction=True)
def test_every_open_inbox_hears_of_every_decision(live_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    crowd.gather(live_cast.version, live_cast.adam, 40, lambda _: None)
    figures = {name: value for name, value, _ in measured(live_cast, Load(reviewers=6, rate=4, seconds=2))}
    with capsys.disabled():
        told, most = figures["desk_told"], figures["desk_told_p95"]
        print(f"\nAn open inbox hears of a decision within {told:.0f} ms, {most:.0f} ms (p95).")
    assert figures["desk_told_share"] == 100
    assert figures["desk_refused"] == 0
