"""Webhooks: signed, in time, once; what is refused is told in a sentence that says nothing of the installation."""

import json
from typing import Any

import pytest
from django.test import Client

from audit.actors import person
from audit.clock_time import now
from audit.models import Event
from orchestration.models import Run, Trigger, TriggerFire
from orchestration.triggers import forgetting, keeping, secrets, webhooks
from tests import clock
from tests.cast import Cast
from tests.triggers.conftest import webhook

type Shop = tuple[Trigger, str]

ORDER = {"text": "Where is my parcel?", "from": {"name": "Ines Duarte", "mail": "ines@customer.example"}}
INPUT = {"question": ORDER["text"], "customer_name": "Ines Duarte", "customer": "ines@customer.example"}


def send(
    shop: Shop,
    body: Any = ORDER,
    *,
    key: str = "",
    secret: str = "",
    skew: int = 0,
    at: str = "",
    more: dict[str, str] | None = None,
) -> Any:
    """A delivery, signed with the shop's secret unless another is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = at or str(int(now().timestamp()) + skew)
    signed = "v1=" + secrets.sign(secret or shop[1], at, raw)
    given = {"Handrail-Timestamp": at, "Handrail-Signature": signed, **(more or {})}
    if key:
        given["Idempotency-Key"] = key
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{shop[0].public_id}/", raw, content_type="application/json", headers=given
    )


def told(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_signed_message_starts_a_run(cast: Cast, shop: Shop) -> None:
    answer = send(shop, more={"X-Shop": "Lisbon", "X-Other": "no"})
    run = Run.objects.get()
    assert (answer.status_code, answer.json()["run"]) == (202, run.pk)
    assert (run.input, run.started_by, run.trigger) == (INPUT, cast.adam, shop[0])
    fire = TriggerFire.objects.get()
    assert (fire.result, fire.run, fire.sample) == ("started", run, {"payload": ORDER, "headers": {"x-shop": "Lisbon"}})
    event = Event.objects.get(kind="run.accepted")
    assert (event.actor_kind, event.on_behalf_of_id) == ("trigger", str(cast.adam.pk))


def test_the_secret_is_not_kept_as_it_is(shop: Shop) -> None:
    row = Trigger.objects.get(pk=shop[0].pk)
    assert shop[1] not in row.secret
    assert secrets.open_up(row.secret) == shop[1]


@pytest.mark.parametrize(
    "headers",
    [
        {"Handrail-Signature": "v1=" + "0" * 64},
        {"Handrail-Signature": ""},
        {"Handrail-Signature": "v1=ü"},
        {"Handrail-Timestamp": "now"},
        {"Handrail-Timestamp": "-5"},
        {"Handrail-Timestamp": "9" * 12},
    ],
)
def test_what_is_not_signed_is_refused_and_nothing_of_it_is_kept(shop: Shop, headers: dict[str, str]) -> None:
    answer = send(shop, more=headers)
    assert told(answer) == (401, "bad-signature")
    assert not Run.objects.exists()
    fire = TriggerFire.objects.get()
    assert (fire.result, fire.sample, fire.digest) == ("refused", None, "")
    assert not Event.objects.filter(kind="trigger.refused").exists()


def test_a_signature_of_another_body_or_secret_does_not_fit(shop: Shop) -> None:
    assert told(send(shop, secret="hrs_another")) == (401, "bad-signature")


def test_no_such_webhook_is_told_as_a_bad_signature(shop: Shop) -> None:
    shop[0].public_id = "AAAAAAAAAAAAAAAAAAAAAAAA"
    assert told(send(shop)) == (401, "bad-signature")


@pytest.mark.parametrize("skew", [-301, 301, -86400])
def test_five_minutes_from_the_time_here_it_is_too_old(shop: Shop, skew: int) -> None:
    assert told(send(shop, skew=skew)) == (401, "bad-timestamp")


def test_the_time_that_counts_is_the_databases(shop: Shop) -> None:
    early = str(int(now().timestamp()))
    clock.jump(400)
    assert told(send(shop, at=early)) == (401, "bad-timestamp")


def test_the_same_message_again_is_refused(shop: Shop) -> None:
    at = str(int(now().timestamp()))
    assert send(shop, at=at).status_code == 202
    assert told(send(shop, at=at)) == (409, "replayed")
    assert told(send(shop, at=at, key="another")) == (409, "replayed")
    assert Run.objects.count() == 1


def test_the_same_key_and_body_is_the_same_run(shop: Shop) -> None:
    first, second = send(shop, key="order-1"), send(shop, key="order-1", skew=1)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["run"] == second.json()["run"]
    assert list(TriggerFire.objects.order_by("pk").values_list("result", flat=True)) == ["started", "repeated"]


def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    send(shop, key="order-1")
    assert told(send(shop, {**ORDER, "text": "Another."}, key="order-1")) == (409, "key-reused")
    assert Run.objects.count() == 1


def test_a_key_whose_run_did_not_start_can_be_used_again(shop: Shop) -> None:
    assert told(send(shop, {"text": "?"}, key="order-1")) == (422, "not-mapped")
    assert send(shop, key="order-1").status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"[" * 40 + b"]" * 40,
        b'{"a":12345678901234567890}',
        b"",
        b"1e999",
    ],
)
def test_what_is_no_json_is_refused_once_it_is_signed(shop: Shop, body: bytes) -> None:
    assert told(send(shop, body)) == (400, "not-json")


def test_a_body_has_an_end(shop: Shop) -> None:
    assert told(send(shop, {"text": "x" * webhooks.LARGEST})) == (413, "too-large")
    assert told(send(shop, {"text": "x" * 3_000_000})) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "code", "inside"),
    [
        ({"text": "Hello"}, "not-mapped", "payload.from"),
        ({**ORDER, "text": "x" * 2001}, "not-taken", "question"),
        ([1], "not-mapped", "payload"),
    ],
)
def test_why_nothing_starts_is_told_on_the_page_alone(
    cast: Cast, shop: Shop, body: Any, code: str, inside: str
) -> None:
    answer = send(shop, body)
    assert told(answer) == (422, code)
    assert inside not in answer.json()["detail"]
    fire = TriggerFire.objects.get()
    assert inside in fire.told
    assert fire.sample == {"payload": body, "headers": {}}
    assert Event.objects.filter(kind__in=["trigger.refused", "trigger.failed"]).count() == 1


def test_a_paused_webhook_takes_nothing(cast: Cast, shop: Shop) -> None:
    keeping.pause(shop[0], actor=person(cast.adam))
    assert told(send(shop)) == (409, "paused")
    keeping.go_on(shop[0], actor=person(cast.adam))
    assert send(shop).status_code == 202


def test_so_many_a_minute_and_no_more(cast: Cast) -> None:
    shop = webhook(cast, per_minute=2)
    assert [send(shop, key=f"k{n}", skew=n).status_code for n in range(3)] == [202, 202, 429]
    clock.jump(61)
    answer = send(shop, key="k3")
    assert answer.status_code == 202, answer.content


def test_a_flood_without_signatures_holds_nobody_up(shop: Shop) -> None:
    for _ in range(webhooks.NOTED_A_MINUTE + 5):
        send(shop, secret="hrs_wrong")
    assert TriggerFire.objects.count() == webhooks.NOTED_A_MINUTE
    assert send(shop).status_code == 202


def test_the_old_secret_is_good_for_a_day_more(cast: Cast, shop: Shop) -> None:
    new = keeping.new_secret(shop[0], by=cast.adam)
    assert send(shop, key="a").status_code == 202
    assert send((shop[0], new), key="b").status_code == 202
    clock.jump(keeping.OLD_SECRET_FOR.total_seconds() + 1)
    assert told(send(shop, key="c")) == (401, "bad-signature")
    assert send((shop[0], new), key="c").status_code == 202
    event = Event.objects.get(kind="trigger.secret_changed")
    assert new not in event.body


def test_a_secret_that_somebody_else_knows_stops_at_once(cast: Cast, shop: Shop) -> None:
    keeping.new_secret(shop[0], by=cast.adam, at_once=True)
    assert told(send(shop)) == (401, "bad-signature")


def test_a_secret_closed_under_another_key_fits_nothing(shop: Shop, settings: Any) -> None:
    settings.SECRET_KEY = "another key of the installation, long enough for anybody"
    assert told(send(shop)) == (401, "bad-signature")
    settings.SECRET_KEY_FALLBACKS = ["a-secret-of-the-tests-0123456789-abcdefghijklmnop"]
    assert send(shop).status_code == 202


def test_what_it_held_is_forgotten_and_the_key_is_not(shop: Shop) -> None:
    send(shop, key="order-1")
    clock.jump(forgetting.SAMPLES_FOR.total_seconds() + 60)
    assert forgetting.forget() == 1
    assert TriggerFire.objects.get().sample is None
    assert send(shop, key="order-1").status_code == 200


def test_a_long_message_is_kept_only_as_it_begins(cast: Cast) -> None:
    shop = webhook(cast)
    send(shop, {**ORDER, "more": "x" * 50_000})
    assert "size" in (TriggerFire.objects.get().sample or {})


def test_a_payload_cannot_name_a_file(cast: Cast, shop: Shop) -> None:
    named = {"$file": "0" * 64, "name": "a.pdf", "media_type": "application/pdf", "size": 1}
    assert told(send(shop, {**ORDER, "text": named}))[0] == 422
    assert not Run.objects.exists()


def test_two_alike_in_one_second_are_told_apart_by_a_finer_timestamp(shop: Shop) -> None:
    second = int(now().timestamp())
    answers = [send(shop, at=f"{second}.{part}") for part in ("25", "5")]
    assert [answer.status_code for answer in answers] == [202, 202]


def test_a_get_is_no_delivery(shop: Shop) -> None:
    assert Client().get(f"/hooks/{shop[0].public_id}/").status_code == 405
