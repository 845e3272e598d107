"""Triggers in a file: what they are told is checked as strictly as on their form, and they are made paused."""

import secrets as chance
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from audit.actors import Actor
from audit.models import User
from audit.moves import begin
from orchestration import rights
from orchestration.documents import Problem
from orchestration.exchange.form import Described
from orchestration.models import Trigger, Workflow
from orchestration.states import TriggerStatus
from orchestration.triggers import keeping, secrets
from orchestration.triggers.kinds import API, OUTCOME, SCHEDULE, WEBHOOK

MAPPING = {"type": "object", "maxProperties": 500, "additionalProperties": {"type": "string", "maxLength": 2000}}
TEXT = {"type": "string", "maxLength": 200}


def _told(**own: Any) -> Draft202012Validator:
    """The shape of what a kind of trigger is told."""
    return Draft202012Validator(
        {"type": "object", "required": [*own], "additionalProperties": False, "properties": own}
    )


SHAPES = {
    SCHEDULE: _told(mapping=MAPPING, cron=TEXT, zone=TEXT, missed=TEXT),
    WEBHOOK: _told(mapping=MAPPING, headers={"type": "array", "items": TEXT}, per_minute={"type": "integer"}),
    OUTCOME: _told(mapping=MAPPING, ends=TEXT, outcome=TEXT),
    API: _told(),
}


def describe(trigger: Trigger) -> Described:
    """A trigger as a file has it: without its secret, and without how far it has come."""
    follows = trigger.source.slug if trigger.source else ""
    return Described(trigger.kind, trigger.name, trigger.owner.username, trigger.config, follows)


def problems(described: list[Described]) -> list[Problem]:
    """Why these cannot be the triggers of one workflow, each with the line of its trigger."""
    found = []
    for place, one in enumerate(described):
        found += [Problem(told, ("triggers", place), where=one.name[:60], line=one.line) for told in _wrong(one)]
        if one.kind == API and any(other.kind == API for other in described[:place]):
            told = _("A workflow is opened to the API once.")
            found.append(Problem(told, ("triggers", place), where=one.name[:60], line=one.line))
    return found


def _wrong(one: Described) -> list[str]:
    if one.kind not in SHAPES:
        return [] if not one.config else [_("Nobody here knows triggers of the kind %s.") % one.kind]
    if wrong := next(SHAPES[one.kind].iter_errors(one.config), None):
        return [wrong.message[:200]]
    return [told for _where, told in keeping.of_config(one.kind, one.config)]


def owner_of(one: Described, *, by: User | None) -> User | None:
    """Whoever the file names, where that is the one who takes it over or where the shell does (`by` is None).

    A trigger's owner counts as the starter of its runs, and nobody decides on what they started: so nobody can put
    somebody else there.
    """
    if by is not None and by.username == one.owner:
        return by
    return User.objects.filter(username=one.owner, is_active=True).first() if by is None else None


def make(workflow: Workflow, one: Described, *, owner: User, by: User, actor: Actor) -> Trigger:
    """A trigger that starts nothing until somebody lets it go on. A webhook gets an address and a secret of its own."""
    fields: dict[str, Any] = {"kind": one.kind, "name": one.name, "config": one.config}
    trigger = Trigger(workflow=workflow, owner=owner, made_by=by, status=TriggerStatus.PAUSED, **fields)
    trigger.source = _followed(one, owner)
    if one.kind == WEBHOOK:
        trigger.public_id, trigger.secret = chance.token_urlsafe(18), secrets.close(secrets.new())
    told = {"kind": one.kind, "imported": True}
    begin(trigger, actor=actor, body=told, exhibits={"config": one.config})
    return trigger


def _followed(one: Described, owner: User) -> Workflow | None:
    found = Workflow.objects.filter(slug=one.follows).first() if one.follows else None
    return found if found is not None and "view" in rights.afresh(owner.pk, found.pk).may else None
