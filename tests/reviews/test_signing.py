"""Signed decisions: shown again who one is, in the same act, for this one decision and its very bytes."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from axes.models import AccessAttempt
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit.actors import person
from audit.canonical import digest
from audit.clock_time import now
from audit.models import Event
from orchestration import workflows
from reviews import decisions
from reviews.models import Decision, Review
from reviews.signing.signature import Signature
from tests.cast import DOCUMENT, PASSWORD, Cast, carry_out_all
from tests.fakes import FakeModels
from tests.reviews.conftest import Browse

pytestmark = pytest.mark.django_db
MEANING = "I have read the answer, and it may go to the customer."
WRONG = "not the password at all"


@pytest.fixture
def review(cast: Cast, models: FakeModels) -> Review:
    """One e-mail that waits for a signed approval, with an hour to undo it."""
    source = re.sub(
        r"undo_seconds: 5", f"undo_seconds: 3600\n      sign: {{meaning: '{MEANING}'}}", DOCUMENT.read_text()
    )
    cast.version = workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    cast.workflow = cast.version.workflow
    found = cast.waiting()
    assert found.signs == MEANING
    return found


@pytest.fixture
def form(review: Review) -> dict[str, Any]:
    """What the page's form would send."""
    shown = {f"arg.{name}": value for name, value in review.arguments.items()}
    return {"version": review.version, "shown_hash": review.content_hash, "reason": "As asked.", **shown}


def ask(client: Client, review: Review, form: dict[str, Any], verdict: str = "approved", **more: Any) -> Any:
    """Press the button: the page that asks for a signature."""
    return client.post(f"/inbox/{review.pk}/decide/", {**form, "verdict": verdict, **more})


def sign(client: Client, review: Review, form: dict[str, Any], verdict: str = "approved", **shown: Any) -> Any:
    """Send the form of that page."""
    told = {"signed": "1", "signed_hash": review.content_hash, **shown}
    return ask(client, review, form, verdict, **told)


def undecided(review: Review) -> bool:
    """Whether nothing was decided."""
    return Review.objects.get(pk=review.pk).is_open and not Decision.objects.filter(review=review).exists()


def test_the_button_asks_for_a_signature_and_shows_what_is_signed(rita: Client, review: Review, form: Any) -> None:
    item = rita.get(f"/inbox/{review.pk}/").content.decode()
    assert "You sign it next" in item
    page = ask(rita, review, form)
    text = page.content.decode()
    assert page.status_code == 200
    for shown in (MEANING, review.title, "approved", review.content_hash[:8], "As asked.", 'type="password"'):
        assert shown in text, shown
    assert undecided(review)


@pytest.mark.parametrize("verdict", ["approved", "rejected"])
def test_the_password_signs_one_decision(cast: Cast, rita: Client, review: Review, form: Any, verdict: str) -> None:
    page = ask(rita, review, form, verdict)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))
    fields.pop("csrfmiddlewaretoken", None)
    assert rita.post(f"/inbox/{review.pk}/decide/", {**fields, "password": PASSWORD}).status_code == 303
    decision = Decision.objects.get(review=review)
    assert (decision.verdict, decision.reason) == (verdict, "As asked.")
    signature = decision.signature or {}
    assert (signature["method"], signature["meaning"]) == ("password", MEANING)
    assert (signature["hash"], signature["verdict"]) == (digest(decision.content), verdict)
    event = Event.objects.get(kind=f"review.{verdict}")
    assert event.data["signature"] == signature
    assert PASSWORD not in f"{event.body}{event.about}"
    assert "Signed with the password" in rita.get(f"/inbox/{review.pk}/").content.decode()


def test_a_wrong_password_decides_nothing_and_keeps_every_word(rita: Client, review: Review, form: Any) -> None:
    page = sign(rita, review, form, password=WRONG)
    text = page.content.decode()
    assert page.status_code == 403
    assert "The password is not right" in text
    assert 'value="As asked."' in text
    assert WRONG not in text
    assert undecided(review)
    attempt = AccessAttempt.objects.get()
    assert attempt.username == "rita"
    assert "As asked" not in attempt.post_data
    assert sign(rita, review, form, password=PASSWORD).status_code == 303
    assert not AccessAttempt.objects.exists()


def test_after_five_wrong_tries_nobody_signs_for_a_while(rita: Client, review: Review, form: Any) -> None:
    for _ in range(5):
        assert sign(rita, review, form, password=WRONG).status_code == 403
    page = sign(rita, review, form, password=PASSWORD)
    assert page.status_code == 403
    assert "Too many wrong tries" in page.content.decode()
    assert 'value="As asked."' in page.content.decode()
    assert undecided(review)
    assert Client().post("/login/", {"username": "rita", "password": PASSWORD}).status_code == 429


def test_the_password_of_somebody_else_signs_nothing(cast: Cast, rita: Client, review: Review, form: Any) -> None:
    cast.ravi.set_password("the words of ravi alone")
    cast.ravi.save()
    assert sign(rita, review, form, password="the words of ravi alone").status_code == 403
    assert undecided(review)


def test_a_code_signs_once(cast: Cast, rita: Client, review: Review, form: Any) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.rita, secret)
    now_shown = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert "authenticator app" in ask(rita, review, form).content.decode()
    assert sign(rita, review, form, code="000000").status_code == 403
    assert sign(rita, review, form, code=now_shown).status_code == 303
    assert (Decision.objects.get(review=review).signature or {})["method"] == "totp"
    rita.post(f"/inbox/{review.pk}/undo/")
    assert sign(rita, review, form, code=now_shown).status_code == 403  # an old one is good for nothing
    assert Review.objects.get(pk=review.pk).is_open


def test_taken_back_and_decided_again_it_is_signed_again(rita: Client, review: Review, form: Any) -> None:
    assert sign(rita, review, form, password=PASSWORD).status_code == 303
    rita.post(f"/inbox/{review.pk}/undo/")
    again = ask(rita, review, form)
    assert (again.status_code, Review.objects.get(pk=review.pk).is_open) == (200, True)
    assert sign(rita, review, form, "rejected", password=PASSWORD).status_code == 303
    assert Decision.objects.filter(review=review, signature__isnull=False).count() == 2


def test_to_have_confirmed_who_one_is_signs_nothing(rita: Client, review: Review, form: Any) -> None:
    rita.post("/confirm/", {"password": PASSWORD})
    assert sign(rita, review, form).status_code == 403
    assert undecided(review)


@pytest.mark.parametrize("changed", [{"signed_hash": "0" * 64}, {"signed": "0"}, {"signed_hash": ""}])
def test_another_content_than_was_shown_is_asked_for_again(
    rita: Client, review: Review, form: Any, changed: dict[str, str]
) -> None:
    page = sign(rita, review, form, **{"password": PASSWORD, **changed})
    assert page.status_code == 200
    assert undecided(review)


def test_a_stale_page_is_told_so_before_a_password_is_asked_for(rita: Client, review: Review, form: Any) -> None:
    assert ask(rita, review, {**form, "shown_hash": "0" * 64}).status_code == 409
    assert ask(rita, review, {**form, "reason": ""}, "rejected").status_code == 422


def test_whoever_may_not_decide_is_not_asked_to_sign(cast: Cast, browse: Browse, review: Review, form: Any) -> None:
    for user in (cast.adam, cast.mina):
        assert sign(browse(user), review, form, password=PASSWORD).status_code == 403
    assert undecided(review)
    assert not AccessAttempt.objects.exists()


def test_one_goes_back_with_every_word(rita: Client, review: Review, form: Any) -> None:
    page = sign(rita, review, form, back="1")
    assert page.status_code == 200
    assert "As asked." in page.content.decode()
    assert undecided(review)


def test_an_edit_is_what_is_signed(cast: Cast, rita: Client, review: Review, form: Any) -> None:
    edited = {f"arg.{name}": value for name, value in {**review.arguments, "subject": "About your payment"}.items()}
    rita.post(f"/inbox/{review.pk}/draft/", edited)
    page = ask(rita, review, {**form, **edited})
    assert "About your payment" in page.content.decode()
    signed = re.search(r'name="signed_hash" value="([^"]+)"', page.content.decode())
    assert signed
    assert signed[1] != review.content_hash
    sign(rita, review, {**form, **edited}, password=PASSWORD, signed_hash=signed[1])
    decision = Decision.objects.get(review=review)
    assert (decision.edited, (decision.signature or {})["hash"]) == (True, signed[1])


def _signature(review: Review, user: Any, changed: dict[str, Any] | None = None) -> Signature:
    told: dict[str, Any] = {"verdict": "approved", "content_hash": review.content_hash, "meaning": review.signs}
    told |= {"by": user.pk, "review": review.pk, "version": review.version, "method": "password", "at": now()}
    return Signature(**{**told, **(changed or {})})


@pytest.mark.parametrize(
    "changed", [{"by": 0}, {"review": 0}, {"version": 9}, {"verdict": "rejected"}, {"content_hash": "0" * 64}]
)
def test_below_the_view_a_signature_fits_one_decision_alone(cast: Cast, review: Review, changed: Any) -> None:
    how: dict[str, Any] = {"by": cast.rita, "verdict": "approved", "version": 1, "shown_hash": review.content_hash}
    with pytest.raises(decisions.SignatureNeeded):
        decisions.decide(review.pk, **how)
    with pytest.raises(decisions.Stale):
        decisions.decide(review.pk, **how, signature=_signature(review, cast.rita, changed))
    assert undecided(review)
    decisions.decide(review.pk, **how, signature=_signature(review, cast.rita))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("signature", ["NULL", "'{}'", '\'{"hash": "0"}\''])
def test_the_database_takes_no_decision_that_is_not_signed(cast: Cast, review: Review, signature: str) -> None:
    insert = (
        "INSERT INTO reviews_decision"
        " (review_id, verdict, by_id, at, reason, content, content_hash, shown_hash, edited,"
        f" place, receipt, signature) VALUES ({review.pk}, 'approved', {cast.rita.pk}, now(), '', '{{}}', 'x', 'x',"
        f" false, 1, gen_random_uuid(), {signature})"
    )
    with pytest.raises(IntegrityError, match="is signed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert)


def test_the_database_moves_no_review_without_a_signature(cast: Cast, review: Review) -> None:
    rows = Review.objects.filter(pk=review.pk)

    def move() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            rows.update(status="approved", decided_by=cast.rita, decided_at=now())
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="without a signature"):
        move()
    with pytest.raises(IntegrityError, match="means is never changed"), transaction.atomic():
        rows.update(signs="")


def test_the_database_keeps_a_signature_as_it_was(cast: Cast, rita: Client, review: Review, form: Any) -> None:
    sign(rita, review, form, password=PASSWORD)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Decision.objects.filter(review=review).update(signature={"method": "none"})


def test_the_run_goes_on_as_after_any_decision(rita: Client, review: Review, form: Any) -> None:
    sign(rita, review, form, "rejected", password=PASSWORD)
    carry_out_all()
    assert Authenticator.objects.count() == 0
    assert not Review.objects.get(pk=review.pk).is_open


def test_whoever_reads_the_workflow_is_told(cast: Cast, browse: Browse, review: Review) -> None:
    page = browse(cast.adam).get("/workflows/answer-a-customer/").content.decode()
    assert f"Each decision is signed, which means: {MEANING}" in page
