"""Webhooks that go out: signed by two people, signed in each message, sent until they are taken, and stopped."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from audit import people, proposals
from audit.actors import COMMAND
from audit.models import User
from orchestration.catalog import CannotChange
from orchestration.triggers import keeping as triggers
from orchestration.triggers import secrets
from orchestration.triggers import webhooks as incoming
from orchestration.triggers.keeping import Wanted
from reviews import decisions
from reviews.models import Review
from reviews.notices import spreading
from reviews.reaching import Hook, HookAttempt, HookDelivery, Message
from reviews.webhooks import keeping, sending
from tests.cast import PASSWORD, Cast
from tests.clock import jump
from tests.outgoing import watching
from tests.outgoing.watching import Listener, say
from tests.reaching.conftest import Send


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Another system."""
    with watching.listener() as standing:
        yield standing


@pytest.fixture
def otto(cast: Cast) -> User:
    """A second admin."""
    made = people.welcome("otto", "Otto Lang", "otto@northwind-bank.example", PASSWORD, actor=COMMAND)
    people.join(made, cast.groups["admin"], actor=COMMAND)
    return made


def wanted(listener: Listener, **more: Any) -> dict[str, Any]:
    address = f"http://127.0.0.1:{listener.port}/handrail"
    return {"title": "", "address": address, "private": True, "kinds": ["asked", "decided"], "titles": False, **more}


def hook(cast: Cast, listener: Listener, otto: User, **more: Any) -> tuple[Hook, str]:
    """A hook that is signed, and its secret."""
    row, secret = keeping.add("tickets", wanted(listener, **more), by=cast.adam)
    proposal = keeping.propose(row.pk, by=cast.adam)
    proposals.countersign(proposal.pk, by=otto, shown_hash=proposal.content_hash)
    row.refresh_from_db()
    return row, secret


def tell() -> int:
    spreading.plan()
    return sending.send_all()


def signed(secret: str, headers: dict[str, str], body: bytes) -> str:
    text = headers["Handrail-Timestamp"].encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def test_it_is_told_what_becomes_of_a_review_and_nothing_of_what_it_holds(
    cast: Cast, listener: Listener, otto: User, models: object
) -> None:
    row, secret = hook(cast, listener, otto)
    review = cast.waiting()
    tell()
    decisions.decide(review.pk, by=cast.rita, verdict="approved", version=1, shown_hash=review.content_hash)
    jump(10)
    tell()
    told = [json.loads(body) for _method, _path, _headers, body in listener.heard]
    assert [one["kind"] for one in told] == ["review.asked", "review.decided"]
    assert told[0]["review"]["url"] == f"https://handrail.example/inbox/{review.pk}/"
    assert told[1]["review"]["receipt"] == str(review.decisions.get().receipt)
    for _method, path, headers, body in listener.heard:
        assert path == "/handrail"
        assert headers["Handrail-Signature"] == signed(secret, headers, body)
        assert b"Ines" not in body
    assert HookDelivery.objects.filter(hook=row, done_at__isnull=False).count() == 2
    assert tell() == 0


def test_nothing_is_sent_before_a_second_person_signs(cast: Cast, listener: Listener, models: object) -> None:
    row, _secret = keeping.add("tickets", wanted(listener), by=cast.adam)
    proposal = keeping.propose(row.pk, by=cast.adam)
    with pytest.raises(proposals.OwnProposal):
        proposals.countersign(proposal.pk, by=cast.adam, shown_hash=proposal.content_hash)
    cast.waiting()
    tell()
    assert listener.heard == []


def test_one_handrail_takes_what_another_sends(cast: Cast, listener: Listener, otto: User, models: object) -> None:
    mapping = {"question": "payload.kind", "customer_name": "payload.workflow", "customer": "'a@b.example'"}
    told = Wanted("Another", {"mapping": mapping, "headers": [], "per_minute": 60})
    trigger, _ = triggers.make(cast.workflow, "webhook", told, by=cast.adam)
    _row, secret = hook(cast, listener, otto)
    type(trigger).objects.filter(pk=trigger.pk).update(secret=secrets.close(secret))
    cast.waiting()
    tell()
    ((_method, _path, headers, body),) = listener.heard
    assert incoming.deliver(str(trigger.public_id), headers, body).code == "accepted"
    assert incoming.deliver(str(trigger.public_id), headers, body).code == "repeated"


def test_it_is_tried_again_under_the_same_key_and_each_try_is_on_the_page(
    cast: Cast, listener: Listener, otto: User, models: object, client: Client
) -> None:
    row, _secret = hook(cast, listener, otto)
    listener.answers["/handrail"] = say(503, b"later")
    cast.waiting()
    tell()
    listener.answers["/handrail"] = say(200, b"")
    jump(40)
    tell()
    keys = {headers["Idempotency-Key"] for _m, _p, headers, _b in listener.heard}
    assert (len(listener.heard), len(keys)) == (2, 1)
    assert list(HookAttempt.objects.order_by("pk").values_list("status", flat=True)) == [503, 200]
    client.force_login(cast.adam)
    page = client.get(f"/hooks/out/{row.pk}/").content.decode()
    assert "answered 503" in page
    assert "answered 200" in page


def test_it_is_given_up_after_about_a_day() -> None:
    hours = sum(sending.wait(tries).total_seconds() for tries in range(1, sending.MOST_TRIES)) / 3600
    assert 18 < hours < 26


def test_a_redirect_is_not_followed(cast: Cast, listener: Listener, otto: User, models: object) -> None:
    hook(cast, listener, otto)
    listener.answers["/handrail"] = say(302, b"", Location=f"http://127.0.0.1:{listener.port}/elsewhere")
    cast.waiting()
    tell()
    assert [path for _m, path, _h, _b in listener.heard] == ["/handrail"]
    assert "sending elsewhere" in HookAttempt.objects.get().error


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://169.254.169.254/latest",
        "http://hooks.example.org/x", "https://user:word@hooks.example.org/x", "ftp://hooks.example.org/x", "",
    ],
)  # fmt: skip
def test_an_address_inside_the_house_or_in_the_open_is_refused(cast: Cast, listener: Listener, address: str) -> None:
    with pytest.raises(CannotChange):
        keeping.add("tickets", wanted(listener, address=address, private=False), by=cast.adam)


def test_an_address_that_moved_into_the_house_is_refused_as_it_is_sent(
    cast: Cast, listener: Listener, otto: User, models: object
) -> None:
    row, _secret = hook(cast, listener, otto)
    Hook.objects.filter(pk=row.pk).update(private=False, address=f"https://127.0.0.1:{listener.port}/handrail")
    cast.waiting()
    tell()
    assert listener.came == 0
    assert "inside the house" in HookAttempt.objects.get().error


def test_messages_carry_both_signatures_while_the_old_secret_is_good(
    cast: Cast, listener: Listener, otto: User, models: object
) -> None:
    row, old = hook(cast, listener, otto)
    new = keeping.renew(row.pk, by=cast.adam)
    cast.waiting()
    tell()
    jump(25 * 3600)
    cast.waiting(customer_name="Another")
    tell()
    (_m, _p, both, first), *_, (_m2, _p2, one, second) = listener.heard
    assert both["Handrail-Signature"].split(",") == [signed(new, both, first), signed(old, both, first)]
    assert one["Handrail-Signature"] == signed(new, one, second)


def test_it_is_switched_off_by_itself_and_its_owner_is_told(
    cast: Cast, listener: Listener, otto: User, send: Send, models: object
) -> None:
    row, _secret = hook(cast, listener, otto)
    listener.answers["/handrail"] = say(500, b"")
    for number in range(keeping.MOST_FAILURES):
        cast.waiting(customer_name=f"C {number}")
    for _ in range(keeping.MOST_FAILURES + 6):
        tell()
        jump(3600)
        row.refresh_from_db()
        if row.status == "off":
            break
    assert row.status == "off"
    assert row.failures >= keeping.MOST_FAILURES
    send()
    told = Message.objects.filter(user=cast.adam, channel="mail", notices__kind="stopped")
    assert told.get().sent_at is not None


def test_one_that_fails_for_a_minute_is_not_switched_off_and_not_overrun(
    cast: Cast, listener: Listener, otto: User, models: object
) -> None:
    row, _secret = hook(cast, listener, otto)
    listener.answers["/handrail"] = say(500, b"")
    for number in range(5):
        cast.waiting(customer_name=f"C {number}")
    tell()
    assert len(listener.heard) == 1  # then it rests
    row.refresh_from_db()
    assert (row.status, row.failures) == ("approved", 1)


def test_it_is_sent_again_by_hand(cast: Cast, listener: Listener, otto: User, client: Client, models: object) -> None:
    hook(cast, listener, otto)
    cast.waiting()
    tell()
    client.force_login(cast.adam)
    assert client.post(f"/hooks/out/again/{HookDelivery.objects.get().pk}/").status_code == 303
    tell()
    first, second = listener.heard
    assert first[3] == second[3]
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]
    assert first[2]["Handrail-Timestamp"] != second[2]["Handrail-Timestamp"]


def test_whoever_changes_the_address_has_it_signed_again(cast: Cast, listener: Listener, otto: User) -> None:
    row, _secret = hook(cast, listener, otto)
    row = keeping.change(row.pk, wanted(listener, title="New"), by=cast.adam, seen=keeping.state_of(row))
    row.refresh_from_db()
    assert row.status == "approved"
    said = wanted(listener, title="New", kinds=["lapsed"])
    keeping.change(row.pk, said, by=cast.adam, seen=keeping.state_of(row))
    row.refresh_from_db()
    assert (row.status, row.approved_by) == ("proposed", None)


def test_its_secret_is_shown_once_and_stands_nowhere(
    cast: Cast, listener: Listener, client: Client, otto: User
) -> None:
    client.force_login(cast.adam)
    sent = {"name": "tickets", **{k: v for k, v in wanted(listener).items() if k != "titles"}, "private": "on"}
    page = client.post("/hooks/out/new/", sent).content.decode()
    secret = next(word for word in page.split('"') if word.startswith("hrs_"))
    row = Hook.objects.get()
    assert secret not in client.get(f"/hooks/out/{row.pk}/").content.decode()
    assert secret not in str(Hook.objects.values())


def test_only_a_reviewed_title_goes_along(
    cast: Cast, listener: Listener, otto: User, models: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(cast, listener, otto, titles=True)
    review: Review = cast.waiting()
    monkeypatch.setattr("reviews.notices.content.may_hold_content", lambda review, words=None: True)
    tell()
    assert json.loads(listener.heard[0][3])["review"]["title"] == review.title


def test_only_admins_make_them(cast: Cast, listener: Listener) -> None:
    with pytest.raises(PermissionDenied):
        keeping.add("tickets", wanted(listener), by=cast.mina)
    assert not Hook.objects.exists()
