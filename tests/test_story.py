"""The story, from trigger to outcome, through public doors, with what a worker and the clock do done in turn."""

import pytest

from audit.models import Event
from orchestration.models import Run
from reviews import decisions
from reviews.models import Review
from tests.cast import Cast, carry_out_all
from tests.clock import jump


@pytest.mark.usefixtures("models")
def test_it_answers_a_customer(cast: Cast) -> None:
    review = cast.waiting()
    decisions.decide(
        review.pk, by=cast.rita, verdict="approved", version=review.version, shown_hash=review.content_hash
    )
    carry_out_all()
    assert Run.objects.get().status == "running"
    jump(seconds=6)
    carry_out_all()
    run = Run.objects.get()
    assert (run.status, run.outcome, run.succeeded) == ("done", "sent as written", True)
    assert Review.objects.get().status == "approved"
    kinds = list(Event.objects.filter(run_id=run.pk).values_list("kind", flat=True).order_by("id"))
    assert kinds[0] == "run.accepted"
    assert kinds[-1] == "run.done"
