"""Sending to hooks: held, signed, sent over the guarded way out, and each try written down with what was answered.

The signature is that which our own webhooks check: HMAC-SHA256 over the timestamp, a dot and the raw body. The key of
a delivery stays the same over its tries, so that whoever takes it twice knows it again.
"""

import logging
import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from audit.clock_time import HandrailNow, now
from audit.ticks import tick
from orchestration.states import ConnectionStatus
from orchestration.tools import outgoing
from orchestration.triggers import secrets
from orchestration.triggers.webhooks import IDEMPOTENCY, SIGNATURE, TIMESTAMP, VERSION
from reviews.notices import errands
from reviews.reaching import Hook, HookAttempt, HookDelivery, Kind
from reviews.webhooks import keeping
from reviews.when import veil

HOLD = timedelta(seconds=60)
SECONDS = 10.0
LARGEST = 16 * 1024  # bytes of an answer
LONGEST_WAIT = 2 * 3600  # seconds
MOST_TRIES = 18  # the last one about a day after the first

logger = logging.getLogger("webhooks")


@tick("webhooks", every=1)
def look() -> None:
    """Let what is due be sent beside the clock's own work."""
    if _due().exists():
        errands.run("webhooks", send_all)


def send_all() -> int:
    """Send what is due. Returns how many were tried."""
    done = 0
    while (delivery := claim()) is not None:
        try_one(delivery)
        done += 1
    return done


@transaction.atomic
def claim() -> HookDelivery | None:
    """Hold the next delivery that is due."""
    found = _due().select_related("hook").order_by("due", "pk").select_for_update(of=("self",), skip_locked=True)
    delivery = found.first()
    if delivery is None:
        return None
    delivery.tries, delivery.held_until = delivery.tries + 1, now() + HOLD
    delivery.save(update_fields=["tries", "held_until"])
    return delivery


def _due() -> QuerySet[HookDelivery]:
    free = Q(held_until=None) | Q(held_until__lt=HandrailNow())
    # What became of a review would tell its second reader, wherever the other system shows it.
    held = Q(veil.second_to_come(OuterRef("review")), kind=Kind.DECIDED)
    waiting = HookDelivery.objects.filter(free, ~held, done_at=None, given_up_at=None, due__lte=HandrailNow())
    awake = Q(hook__rests_until=None) | Q(hook__rests_until__lte=HandrailNow())
    return waiting.filter(awake, hook__status=ConnectionStatus.APPROVED)


def try_one(delivery: HookDelivery) -> bool:
    """Try a delivery that is held. Whether it was taken."""
    began = time.monotonic()
    try:
        status, error = _send(delivery), ""
    except outgoing.Refused as refused:
        status, error = None, str(refused)
    except Exception as trouble:  # whatever an address leads to: this one waits, the others go on
        if not isinstance(trouble, httpx2.HTTPError | httpx2.InvalidURL):
            logger.exception("Delivery %s could not be sent.", delivery.pk)
        status, error = None, _named(trouble)
    took = int((time.monotonic() - began) * 1000)
    _settle(delivery, HookAttempt(delivery=delivery, at=now(), status=status, milliseconds=took, error=error[:300]))
    return status is not None and 200 <= status < 300


def _send(delivery: HookDelivery) -> int:
    hook, body = delivery.hook, delivery.body.encode()
    kept = keeping.keys(hook)
    if not kept:
        raise outgoing.Refused(_("Its secret was kept under another secret key of this installation. Make a new one."))
    timestamp = f"{now().timestamp():.6f}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Handrail",
        TIMESTAMP: timestamp,
        SIGNATURE: ",".join(VERSION + secrets.sign(one, timestamp, body) for one in kept),
        IDEMPOTENCY: str(delivery.key),
    }
    hosts = [urlsplit(hook.address).netloc]
    with outgoing.session(hosts, private=hook.private, seconds=SECONDS, largest=LARGEST) as session:
        return int(session.post(hook.address, content=body, headers=headers).status_code)


def _named(trouble: Exception) -> str:
    if isinstance(trouble, httpx2.ConnectError | httpx2.ConnectTimeout):
        return _("It could not be reached.")
    if isinstance(trouble, httpx2.TimeoutException):
        return _("It did not answer in time.")
    return _("No whole answer came (%(name)s).") % {"name": type(trouble).__name__}


@transaction.atomic
def _settle(delivery: HookDelivery, attempt: HookAttempt) -> None:
    """Write down what came of a try, if it is still this one that holds the delivery."""
    attempt.save()
    taken = attempt.status is not None and 200 <= attempt.status < 300
    mine = HookDelivery.objects.filter(pk=delivery.pk, tries=delivery.tries, done_at=None, given_up_at=None)
    moment = now()
    if taken:
        mine.update(held_until=None, done_at=moment)
        Hook.objects.filter(pk=delivery.hook_id).exclude(failures=0).update(**keeping.WELL)
        return
    if delivery.tries >= MOST_TRIES:
        mine.update(held_until=None, given_up_at=moment)
    else:
        mine.update(held_until=None, due=moment + wait(delivery.tries))
    keeping.failed(delivery.hook)


def wait(tries: int) -> timedelta:
    """How long after so many tries the next one comes."""
    return timedelta(seconds=min(30 * 2 ** (min(tries, 12) - 1), LONGEST_WAIT))
