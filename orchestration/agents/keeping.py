"""Agents are drawn up, changed, switched off and on. What they are is signed by a second person: `signing`."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import person
from audit.canonical import clean, digest
from audit.ledger import record
from audit.models import User
from audit.moves import begin, move
from orchestration.agents import text
from orchestration.catalog.changing import CannotChange, ChangedMeanwhile, Problems, refuse_others
from orchestration.catalog.looking import forget
from orchestration.documents import LARGEST
from orchestration.models import Agent
from orchestration.states import AgentStatus

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TAKEN = {"new"}  # stands for a page
LONGEST_NAME, LONGEST_TITLE, LONGEST_PURPOSE = 60, 120, 1000
FIELDS = ("title", "purpose", "owner", "source")


def state_of(row: Agent) -> str:
    """The hash of what its form shows: whether somebody changed it meanwhile."""
    return digest({name: _plain(row, name) for name in FIELDS})


def add(name: str, wanted: Mapping[str, Any], *, by: User) -> Agent:
    """Draw up an agent. No step may use it before somebody else has signed. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if found := _of_name(name) + problems(wanted):
        raise CannotChange(found)
    said = {"owner": by, "source": text.BEGINNING, **_fit(wanted)}
    row = Agent(name=name, edited_by=by, **said)
    try:
        with transaction.atomic():
            begin(row, actor=person(by), body={"now": {key: _plain(row, key) for key in FIELDS}})
    except IntegrityError as error:
        raise CannotChange([("name", _("There is an agent of this name already."))]) from error
    return row


@transaction.atomic
def change(pk: int, wanted: Mapping[str, Any], *, by: User, seen: str) -> Agent:
    """Change what is said of an agent, as it stood when `seen` was its `state_of`.

    Its text may be broken while somebody works on it; the version that was signed goes on as it is. Raises
    `CannotChange`, `NotAllowed`.
    """
    refuse_others(by)
    row = held(pk)
    said = _fit(wanted)
    if found := problems(said):
        raise CannotChange(found)
    now = {name: value for name, value in said.items() if value != getattr(row, name)}
    if not now:
        return row
    if state_of(row) != seen:
        raise ChangedMeanwhile
    was = {name: _plain(row, name) for name in now}
    for name, value in now.items():
        setattr(row, name, value)
    if "source" in now:
        row.edited_by = by
    body = {"was": was, "now": {name: _plain(row, name) for name in now}}
    record("agent.revised", row, actor=person(by), body=body)
    row.save(update_fields=[*now, "edited_by"])
    return row


def problems(wanted: Mapping[str, Any]) -> Problems:
    """Why this cannot be said of an agent. What is wrong with its text is told beside it, and keeps nobody from it."""
    found: Problems = []
    for name, longest in (("title", LONGEST_TITLE), ("purpose", LONGEST_PURPOSE)):
        said = str(wanted.get(name, "-"))
        if not said.strip():
            found.append((name, _("Say something here.")))
        elif len(said) > longest:
            found.append((name, _("At most %d characters.") % longest))
    if len(str(wanted.get("source", "")).encode("utf-8", "replace")) > LARGEST:
        found.append(("source", _("At most %d kB.") % (LARGEST // 1024)))
    return found


@transaction.atomic
def switch_off(pk: int, *, by: User, why: str = "") -> Agent:
    """Let it do nothing more: its next turn and its next call are refused, in every run, within a second."""
    return _moved(pk, AgentStatus.OFF, by, why)


@transaction.atomic
def switch_on(pk: int, *, by: User) -> Agent:
    """Let it work again, as it was signed. Raises `CannotChange` where nobody has signed it."""
    if Agent.objects.filter(pk=pk, current=None).exists():
        raise CannotChange([("", _("Nobody has signed it yet."))])
    return _moved(pk, AgentStatus.APPROVED, by)


def held(pk: int) -> Agent:
    """An agent, locked until the end of the transaction."""
    return Agent.objects.select_for_update(of=("self",)).select_related("current", "owner").get(pk=pk)


def _moved(pk: int, to: AgentStatus, by: User, why: str = "") -> Agent:
    refuse_others(by)
    row = held(pk)
    move(row, to, actor=person(by), told={"personal": {"reason": why}} if why else {})
    forget()
    transaction.on_commit(forget)
    return row


def _of_name(name: str) -> Problems:
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        return [("name", _("Small letters, digits and hyphens, as in help-desk. At most %d of them.") % LONGEST_NAME)]
    return [("name", _("This stands for a page here. Choose another name."))] if name in TAKEN else []


def _fit(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, with line ends of one kind and without what cannot be kept."""
    made = {name: wanted[name] for name in FIELDS if name in wanted}
    for name in ("title", "purpose", "source"):
        if name in made:
            made[name] = str(clean(str(made[name]).replace("\r\n", "\n"))[0])
    return made


def _plain(row: Agent, name: str) -> str:
    return row.owner.get_username() if name == "owner" else str(getattr(row, name))
