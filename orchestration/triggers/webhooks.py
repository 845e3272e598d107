"""Webhooks: a signed message from another system starts a run, once.

Nothing of a message is read before its signature fits. What is refused is told in a sentence that holds nothing of
the installation; the page of the trigger says more.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.canonical import canonical_text
from audit.clock_time import now
from orchestration.models import Trigger, TriggerFire
from orchestration.states import FireResult
from orchestration.triggers import firing, mapping, secrets, strictly
from orchestration.triggers.firing import LARGEST_SAMPLE, LONGEST_KEY, Came, Paused
from orchestration.triggers.kinds import WEBHOOK

TIMESTAMP, SIGNATURE, IDEMPOTENCY = "Handrail-Timestamp", "Handrail-Signature", "Idempotency-Key"
VERSION = "v1="
WINDOW = timedelta(minutes=5)
LARGEST = 256 * 1024  # bytes of a body
MOST_SIGNATURES = 4
A_MINUTE = 60  # deliveries, unless the trigger says otherwise
MOST_A_MINUTE = 600
NOTED_A_MINUTE = 10  # deliveries without a fitting signature that are written down
LONGEST_HEADER = 1000
NEVER_READ = {"authorization", "cookie", "proxy-authorization", SIGNATURE.lower(), "x-csrftoken"}
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,9}(\.[0-9]{1,6})?")
_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: an HTTP status, a code for programs, a sentence for people, the run if there is one."""

    status: int
    code: str
    detail: str
    run: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether there is a run."""
        return self.run is not None


TOO_LARGE = Answer(413, "too-large", f"A delivery has at most {LARGEST // 1024} kB.")
UNSIGNED = Answer(401, "bad-signature", "The signature does not fit.")
TOO_OLD = Answer(401, "bad-timestamp", "The timestamp is more than five minutes away from the time here.")
REPLAYED = Answer(409, "replayed", "This delivery has come before. A new one needs a new signature.")
OTHER_BODY = Answer(409, "key-reused", "This idempotency key came before with another body.")
BAD_KEY = Answer(400, "bad-key", f"An idempotency key has 1 to {LONGEST_KEY} visible ASCII characters.")
PAUSED = Answer(409, "paused", "This webhook is paused. Nothing was taken: send it again later.")
TOO_MANY = Answer(429, "too-many", "Too many deliveries in this minute.", headers={"Retry-After": "60"})
UNMAPPED = Answer(422, "not-mapped", "No input can be made of this delivery. The page of the webhook says why.")
UNFIT = Answer(
    422, "not-taken", "The workflow does not take what this delivery holds. The page of the webhook says why."
)


def deliver(public_id: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Take a delivery: its run is committed before this returns, or it is refused."""
    rows = Trigger.objects.select_related("workflow", "owner")
    trigger = rows.filter(public_id=public_id, kind=WEBHOOK).first()
    if trigger is None:
        return UNSIGNED  # whether there is such a webhook is nobody's business
    if len(body) > LARGEST:
        return TOO_LARGE
    signature = fitting(trigger, headers, body)
    if signature is None:
        note(trigger, UNSIGNED)
        return UNSIGNED
    if not _in_time(headers.get(TIMESTAMP, "")):
        note(trigger, TOO_OLD)
        return TOO_OLD
    return _take(trigger, headers, body, signature)


def fitting(trigger: Trigger, headers: Mapping[str, str], body: bytes) -> str | None:
    """The signature of the delivery that fits its timestamp and body under a secret of the trigger, or None."""
    timestamp = headers.get(TIMESTAMP, "")
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    given = [one.strip() for one in headers.get(SIGNATURE, "").split(",")[:MOST_SIGNATURES]]
    for secret in _secrets(trigger):
        expected = secrets.sign(secret, timestamp, body)
        if any(hmac.compare_digest(one.encode(), (VERSION + expected).encode()) for one in given):
            return expected
    return None


def _secrets(trigger: Trigger) -> list[str]:
    """The secret, and the one before it while that is still good. One that cannot be read fits nothing."""
    kept = [trigger.secret]
    if trigger.old_secret and trigger.old_secret_until is not None and trigger.old_secret_until > now():
        kept.append(trigger.old_secret)
    found = []
    for one in filter(None, kept):
        try:
            found.append(secrets.open_up(one))
        except secrets.SecretLost:
            continue
    return found


def _in_time(timestamp: str) -> bool:
    return abs(now() - datetime.fromtimestamp(float(timestamp), UTC)) <= WINDOW


def _take(trigger: Trigger, headers: Mapping[str, str], body: bytes, signature: str) -> Answer:
    """What has a fitting signature: once by its key, else once by its signature."""
    named = headers.get(IDEMPOTENCY, "")
    if named and not (len(named) <= LONGEST_KEY and _KEY.fullmatch(named)):
        return BAD_KEY
    digest = hashlib.sha256(body).hexdigest()
    actor = Actor("trigger", str(trigger.pk), trigger.name, "signature").acting_for("person", trigger.owner_id)
    with transaction.atomic():
        trigger = firing.locked(trigger)
        if (before := _before(trigger, named, digest, signature)) is not None:
            return before
        if _lately(trigger) >= trigger.config.get("per_minute", A_MINUTE):
            return TOO_MANY
        try:
            payload = strictly.read(body)
        except strictly.Unreadable as error:
            firing.put_down(trigger, Came(dict, digest=digest), FireResult.REFUSED, str(error), actor=actor)
            return Answer(400, "not-json", str(error))
        scope = {"payload": payload, "headers": allowed(trigger, headers)}
        came = Came(
            lambda: mapping.apply(trigger.config["mapping"], scope),
            key=f"key:{named}" if named else "",
            digest=digest,
            signature=signature,
            sample=sample(scope),
        )
        try:
            return _answer(firing.fire(trigger, came, actor=actor).fire)
        except Paused:
            return PAUSED


def _before(trigger: Trigger, named: str, digest: str, signature: str) -> Answer | None:
    """The answer to what has come before: the same run for the same key and body, else a refusal."""
    fires = TriggerFire.objects.filter(trigger=trigger)
    if named and (found := fires.filter(key=f"key:{named}").first()) is not None:
        if found.digest != digest or found.run_id is None:
            return OTHER_BODY
        if _lately(trigger, repeated=True) < NOTED_A_MINUTE:
            fires.create(trigger=trigger, result=FireResult.REPEATED, run_id=found.run_id, digest=digest)
        return Answer(200, "repeated", "This has come before: here is its run.", found.run_id)
    return REPLAYED if fires.filter(signature=signature).exists() else None


def _answer(fire: TriggerFire) -> Answer:
    if fire.run_id is not None:
        return Answer(202, "accepted", "The run is accepted.", fire.run_id)
    return UNMAPPED if fire.result == FireResult.FAILED else UNFIT


def _lately(trigger: Trigger, *, repeated: bool = False) -> int:
    """The signed deliveries of the last minute: those that came again, or all others."""
    since = now() - timedelta(minutes=1)
    signed = TriggerFire.objects.filter(trigger=trigger, at__gt=since).exclude(digest="")
    again = signed.filter(result=FireResult.REPEATED)
    return (again if repeated else signed.exclude(result=FireResult.REPEATED)).count()


def note(trigger: Trigger, answer: Answer) -> None:
    """Write down that something came without a fitting signature: a few a minute, and nothing of what it held.

    Not in the ledger: anybody who knows the address could fill it.
    """
    since = now() - timedelta(minutes=1)
    fires = TriggerFire.objects.filter(trigger=trigger)
    if fires.filter(at__gt=since, digest="").count() < NOTED_A_MINUTE:
        fires.create(trigger=trigger, result=FireResult.REFUSED, told=answer.detail)


def allowed(trigger: Trigger, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that the mapping can read: those that the trigger names, by their names in small letters."""
    names = [name for name in trigger.config.get("headers", []) if name not in NEVER_READ]
    return {name: headers[name][:LONGEST_HEADER] for name in names if name in headers}


def sample(scope: mapping.Scope) -> Any:
    """What is kept of a delivery to be shown and tried again: all of it while it is short, else how it begins."""
    text = canonical_text(scope)[0]
    return scope if len(text) <= LARGEST_SAMPLE else {"cut": text[:2000].decode(errors="ignore"), "size": len(text)}
