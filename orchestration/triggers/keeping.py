"""What people do with triggers: make, change, pause, let go on, give a new secret. Each is an event of the ledger."""

import secrets as chance
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import sealer
from audit.actors import Actor, person
from audit.clock_time import HandrailNow, now
from audit.ledger import record
from audit.models import User
from audit.moves import begin, move
from orchestration import rights
from orchestration.models import Trigger, Workflow
from orchestration.states import RunStatus, TriggerStatus
from orchestration.triggers import chains, kinds, mapping, schedules, secrets, webhooks
from orchestration.triggers.kinds import API, OUTCOME, SCHEDULE, UPLOAD, WEBHOOK

OLD_SECRET_FOR = timedelta(hours=24)
LONGEST_NAME = 120
MOST = 50  # triggers of one workflow
MOST_HEADERS = 20


class BadTrigger(ValueError):
    """What was asked for cannot be a trigger. `problems` names each field (or "") with a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {told}" if where else told for where, told in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a trigger to be."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    source: Workflow | None = None


@transaction.atomic
def make(workflow: Workflow, kind: str, wanted: Wanted, *, by: User) -> tuple[Trigger, str]:
    """A new trigger that starts runs from now on, owned by whoever makes it; and its secret, if it has one.

    Raises `BadTrigger`.
    """
    Workflow.objects.select_for_update(of=("self",), no_key=True).get(pk=workflow.pk)
    found = _of_workflow(workflow, kind)
    if found := found or problems(workflow, kind, wanted, owner=by):
        raise BadTrigger(found)
    trigger = Trigger(workflow=workflow, kind=kind, name=wanted.name, owner=by, made_by=by)
    trigger.config, trigger.source = wanted.config, wanted.source
    secret = ""
    if kind == WEBHOOK:
        trigger.public_id, secret = chance.token_urlsafe(18), secrets.new()
        trigger.secret = secrets.close(secret)
    trigger.next_at, trigger.place = _begins(trigger)
    begin(trigger, actor=person(by), body={"kind": kind}, exhibits={"config": wanted.config})
    return trigger, secret


def _of_workflow(workflow: Workflow, kind: str) -> list[tuple[str, str]]:
    others = Trigger.objects.filter(workflow=workflow).exclude(kind=UPLOAD)  # everybody who uploads has one
    if kind not in kinds.known():
        return [("", _("There is no such kind of trigger."))]
    if others.count() >= MOST:
        return [("", _("A workflow has at most %d triggers.") % MOST)]
    if kind == API and others.filter(kind=API).exists():
        return [("", _("This workflow is open to the API already."))]
    return []


@transaction.atomic
def change(trigger: Trigger, wanted: Wanted, *, by: User, take_over: bool = False) -> None:
    """Change what a trigger does, or `BadTrigger`. With `take_over`, whoever changes it answers for it from now on."""
    row = Trigger.objects.select_for_update(of=("self",), no_key=True).select_related("workflow").get(pk=trigger.pk)
    owner = by if take_over else row.owner
    if found := problems(row.workflow, row.kind, wanted, owner=owner):
        raise BadTrigger(found)
    was = {"name": row.name, "config": row.config, "owner": row.owner_id, "source": row.source_id}
    row.name, row.config, row.source, row.owner = wanted.name, wanted.config, wanted.source, owner
    fields: dict[str, Any] = {"name": row.name, "config": row.config, "source": row.source, "owner": owner}
    if not _is_same(row.kind, was, row):
        row.next_at, row.place = _begins(row)
        fields |= {"next_at": row.next_at, "place": row.place}
    body = {"owner": str(owner.pk), "was_owner": str(was["owner"]), "was_name": was["name"]}
    record(
        "trigger.changed", row, actor=person(by), body=body, exhibits={"config": wanted.config, "was": was["config"]}
    )
    Trigger.objects.filter(pk=row.pk).update(changed_at=HandrailNow(), **fields)


def _is_same(kind: str, was: dict[str, Any], row: Trigger) -> bool:
    """Whether a trigger goes on from where it is: what it waits for is still the same."""
    if kind == SCHEDULE:
        return all(was["config"][name] == row.config[name] for name in ("cron", "zone"))
    return bool(was["source"] == row.source_id)


def _begins(trigger: Trigger) -> tuple[Any, int]:
    """From where a trigger looks on: the first due moment, or the head of the ledger. What was before is left."""
    if trigger.kind == SCHEDULE:
        return schedules.next_due(trigger.config["cron"], trigger.config["zone"], now()), trigger.place
    return None, sealer.head() if trigger.kind == OUTCOME else trigger.place


@transaction.atomic
def pause(trigger: Trigger, *, actor: Actor, why: str = "") -> None:
    """Let it start nothing. What comes meanwhile is refused, and what is due is not made up."""
    told = {"personal": {"reason": why}} if why else {}
    move(trigger, TriggerStatus.PAUSED, actor=actor, told=told)


@transaction.atomic
def go_on(trigger: Trigger, *, actor: Actor) -> None:
    """Let a paused trigger start runs again, from now on."""
    fields: dict[str, Any] = {}
    if trigger.kind in (SCHEDULE, OUTCOME):
        fields["next_at"], fields["place"] = _begins(trigger)
    move(trigger, TriggerStatus.ACTIVE, actor=actor, **fields)


@transaction.atomic
def new_secret(trigger: Trigger, *, by: User, at_once: bool = False) -> str:
    """A new secret for a webhook, to be shown once. The old one is good for a day more, or no longer if `at_once`."""
    row = Trigger.objects.select_for_update(of=("self",), no_key=True).select_related("workflow").get(pk=trigger.pk)
    secret = secrets.new()
    until = None if at_once else now() + OLD_SECRET_FOR
    body = {"old_until": until.isoformat() if until else ""}
    record("trigger.secret_changed", row, actor=person(by), body=body)
    kept = {"secret": secrets.close(secret), "old_secret": "" if at_once else row.secret, "old_secret_until": until}
    Trigger.objects.filter(pk=row.pk).update(changed_at=HandrailNow(), **kept)
    return secret


def problems(workflow: Workflow, kind: str, wanted: Wanted, *, owner: User) -> list[tuple[str, str]]:
    """Why this cannot be a trigger of the workflow with that owner: (field, sentence) pairs."""
    found: list[tuple[str, str]] = []
    if not wanted.name.strip() or len(wanted.name) > LONGEST_NAME:
        found.append(("name", _("Give it a name of at most %d characters.") % LONGEST_NAME))
    if "start" not in rights.afresh(owner.pk, workflow.pk).may:
        found.append(("", _("%s may not start runs of this workflow, so no trigger can start them so.") % owner))
    found += of_config(kind, wanted.config)
    if kind == OUTCOME:
        found += _of_source(wanted, owner)
    if kind != API:
        found += _of_mapping(workflow, kind, wanted)
    return found


def of_config(kind: str, config: dict[str, Any]) -> list[tuple[str, str]]:
    """Why this cannot be what a trigger of that kind is told, whatever workflow it belongs to."""
    checks = {SCHEDULE: _of_schedule, WEBHOOK: _of_webhook, OUTCOME: _of_ends}
    return checks[kind](config) if kind in checks else []


def _of_mapping(workflow: Workflow, kind: str, wanted: Wanted) -> list[tuple[str, str]]:
    if workflow.current is None:
        return [("", _("The workflow has no published version yet. Publish one, then make its triggers."))]
    schema = workflow.current.document["input"]
    if kind != OUTCOME and (needed := mapping.takes_files(schema)):
        return [("", _("The workflow asks for a file (%s), which a trigger of this kind cannot give.") % needed[0])]
    found = mapping.problems(wanted.config["mapping"], schema, kinds.known()[kind].reads)
    return [(f"map-{where}", told) for where, told in found]


def _of_schedule(config: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if config["zone"] not in schedules.ZONES:
        found.append(("zone", _("There is no such time zone. They are named as in Europe/Berlin.")))
    else:
        try:
            schedules.check(config["cron"], config["zone"])
        except schedules.BadCron as error:
            found.append(("cron", str(error)))
    if config["missed"] not in schedules.MISSED:
        found.append(("missed", _("Choose what happens with what was missed.")))
    return found


def _of_webhook(config: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    headers, most = config["headers"], config["per_minute"]
    if never := sorted(set(headers) & webhooks.NEVER_READ):
        found.append(("headers", _("%s is never read: it may hold a secret.") % never[0]))
    if len(headers) > MOST_HEADERS or not all(_is_header(name) for name in headers):
        found.append(("headers", _("Name headers by letters, digits and hyphens, %d at the most.") % MOST_HEADERS))
    if type(most) is not int or not 1 <= most <= webhooks.MOST_A_MINUTE:
        found.append(("per_minute", _("Give a whole number from 1 to %d.") % webhooks.MOST_A_MINUTE))
    return found


def _is_header(name: str) -> bool:
    return 0 < len(name) <= 60 and name.isascii() and name.replace("-", "").isalnum()


def _of_source(wanted: Wanted, owner: User) -> list[tuple[str, str]]:
    if wanted.source is None:
        return [("source", _("Choose the workflow whose runs it follows."))]
    if "view" not in rights.afresh(owner.pk, wanted.source.pk).may:
        return [("source", _("%s may not see runs of that workflow.") % owner)]
    return []


def _of_ends(config: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if config["ends"] not in chains.ENDS:
        found.append(("ends", _("Choose which ends it follows.")))
    if config["outcome"] and config["ends"] not in (RunStatus.DONE, chains.ANY):
        found.append(("outcome", _("Only a run that is done has an outcome.")))
    return found
