"""Starting a run over the API: once for an idempotency key."""

import hashlib
import re
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.canonical import NotCanonical, canonical
from orchestration.api.problems import Problem
from orchestration.models import ApiToken, Run, Trigger, TriggerFire, Workflow
from orchestration.starts import BadInput, CannotStart, current_version, title
from orchestration.states import FireResult
from orchestration.triggers import firing
from orchestration.triggers.firing import LONGEST_KEY, Came, Fired, Paused
from orchestration.triggers.kinds import API

_KEY = re.compile(r"[\x21-\x7e]+")


def start(token: ApiToken, workflow: Workflow, given: dict[str, Any], key: str) -> tuple[Run, bool]:
    """The run of that input, and whether the key had started it before; or `Problem`."""
    if key and not (len(key) <= LONGEST_KEY and _KEY.fullmatch(key)):
        raise Problem(400, "bad-key", f"An idempotency key has 1 to {LONGEST_KEY} visible ASCII characters.")
    trigger = Trigger.objects.filter(workflow=workflow, kind=API).select_related("workflow", "owner").first()
    if trigger is None:
        told = "This workflow is not open to the API: whoever manages it adds the trigger for it on its page."
        raise Problem(409, "not-open", told)
    try:
        digest = hashlib.sha256(canonical(given)).hexdigest()
    except NotCanonical:
        raise Problem(422, "does-not-fit", "The input holds a number that cannot be kept exactly.") from None
    return _fire(token, trigger, given, digest, key)


def _fire(token: ApiToken, trigger: Trigger, given: dict[str, Any], digest: str, key: str) -> tuple[Run, bool]:
    owner = token.owner
    actor = Actor("person", str(owner.pk), str(owner), "token")
    # Keys are the token's own: two programs cannot take each other's.
    came = Came(lambda: given, key=f"{token.pk}:{key}" if key else "", digest=digest, sample=_sample(token))
    try:
        with transaction.atomic():
            fired = firing.fire(trigger, came, actor=actor, starter=owner)
    except Paused:
        raise Problem(
            409, "paused", "Runs of this workflow cannot be started over the API now: it is paused."
        ) from None
    return _run_of(trigger, fired, given, digest)


def _sample(token: ApiToken) -> dict[str, str]:
    return {"token": token.prefix}


def _run_of(trigger: Trigger, fired: Fired, given: dict[str, Any], digest: str) -> tuple[Run, bool]:
    fire = fired.fire
    if not fired.new and fire.digest != digest:
        raise Problem(409, "key-reused", "This idempotency key came before with another input.")
    if fire.run is None:
        raise _why(trigger, fire, given)
    return fire.run, not fired.new


def _why(trigger: Trigger, fire: TriggerFire, given: dict[str, Any]) -> Problem:
    """Why nothing started, told field by field where it is the input."""
    assert fire.result in (FireResult.REFUSED, FireResult.FAILED)
    try:
        title(current_version(trigger.workflow), given)
    except BadInput as error:
        errors = [{"field": where, "message": told} for where, told in error.problems[:50]]
        return Problem(422, "does-not-fit", "The input does not fit the workflow.", errors)
    except CannotStart as error:
        return Problem(409, "takes-no-runs", str(error))
    return Problem(422, "does-not-fit", "The input cannot be taken: it may name files, which the API does not take.")
