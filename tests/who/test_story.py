"""The story, through doors that everybody has: said by an admin, held, asked, approved, and decided by a deputy."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from audit.reading import told
from orchestration.models import Workflow
from reviews.models import Opinion, Review
from reviews.who import holders
from tests.cast import Cast, carry_out_all
from tests.reviews.conftest import Browse
from tests.who.asked import RIGHTS, ended, workflow

pytestmark = pytest.mark.django_db
PLACES: dict[str, Any] = {"who": {"group": "reviewer", "skill": "bookings"}, "then": [{"manager": True}]}


def approve(client: Client, review: Review) -> int:
    """Approve what the page shows now."""
    now = Review.objects.get(pk=review.pk)
    sent = {"verdict": "approved", "version": now.version, "shown_hash": now.content_hash, "reason": ""}
    holders.forget()
    answer = client.post(f"/inbox/{now.pk}/decide/", {**sent, "arg.amount": now.arguments["amount"]})
    carry_out_all()
    return answer.status_code


def begun(of: Workflow, by: Client) -> Review:
    """A run that somebody starts at the form."""
    assert by.post(f"/workflows/{of.slug}/start/", {"input-amount": "2500"}).status_code == 303
    holders.forget()
    carry_out_all()
    return Review.objects.get()


def test_from_who_is_good_at_what_to_a_deputys_decision(cast: Cast, browse: Browse) -> None:
    rita, ravi, mina, adam = (browse(one) for one in (cast.rita, cast.ravi, cast.mina, cast.adam))
    assert adam.post(f"/people/{cast.rita.pk}/", {"manager": "", "skills": "bookings"}).status_code == 303
    assert adam.post(f"/people/{cast.adam.pk}/", {"manager": cast.mina.pk, "skills": ""}).status_code == 303
    rights = {**RIGHTS, "see": ["reviewer", "manager", "admin"]}
    review = begun(workflow(cast, groups=rights, **PLACES), adam)
    assert "Please look" in rita.get("/inbox/").text
    assert "Please look" not in ravi.get("/inbox/").text

    assert rita.post(f"/inbox/{review.pk}/claim/").status_code == 303
    assert rita.post(f"/inbox/{review.pk}/ask/", {"whom": cast.mina.pk, "question": "Usual?"}).status_code == 303
    assert "Colleagues ask what you think" in mina.get("/").text
    mina.post(f"/inbox/opinions/{Opinion.objects.get().pk}/", {"answer": "Quite."})
    assert "Quite." in rita.get(f"/inbox/{review.pk}/").text

    assert approve(adam, review) == 403  # he started it, and last edited it
    assert approve(rita, review) == 303
    assert "Mina Sato, the owner’s manager" in rita.get(f"/inbox/{review.pk}/").text

    today = holders.today()
    mina.post("/me/absence/", {"from_day": today, "to_day": today, "deputy": cast.ravi.pk})
    assert "You decide for Mina Sato, who is away." in ravi.get(f"/inbox/{review.pk}/").text
    assert approve(rita, review) == 403  # she has filled her place
    assert approve(ravi, review) == 303
    assert ended(review)
    sentences = [told.plain(one) for one in Event.objects.filter(object_type="review").order_by("id")]
    assert sentences[-1] == "Ravi Menon approved Please look for Mina Sato, who was away"
    assert "Rita Bauer asked Mina Sato about Please look" in sentences
