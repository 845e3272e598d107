"""What people say of a tool that another system declares, and who lets steps call it."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import acts, proposals
from audit.actors import Actor, person
from audit.ledger import record
from audit.models import Proposal, User
from audit.moves import move
from orchestration.catalog import revising, signing, warning
from orchestration.catalog.changing import CannotChange, Problems, refuse_others
from orchestration.catalog.looking import forget
from orchestration.catalog.signing import UNSIGNED, SignedRow, moved
from orchestration.expressions import BadExpression, read
from orchestration.models import Tool
from orchestration.sights import may_see_tools
from orchestration.states import Repeatability, ToolEffect, ToolStatus
from orchestration.tools.mcp.declaring import fingerprint

ACT = "tool.approve"
SAID = ("purpose", "effect", "leaves_house", "repeatability", "undo", "undo_with")  # decides, and is signed
FREE = ("title", "for_all", "per_minute", "seconds", "result_bytes")
SHOWN = (*SAID, *FREE, "version")
LIMITS = {"per_minute": 1_000_000, "seconds": 3600, "result_bytes": 8 * 1024 * 1024}
LABELS: dict[str, str | Promise] = {
    "purpose": gettext_lazy("What it is for, as models are told"),
    "effect": gettext_lazy("What a call does"),
    "leaves_house": gettext_lazy("Others outside the house see it"),
    "repeatability": gettext_lazy("A call may be made again"),
    "undo": gettext_lazy("Undone by"),
    "undo_with": gettext_lazy("Called for that with"),
}


def state_of(row: Tool) -> str:
    """The hash of what its form shows."""
    return revising.state_of(row, SHOWN)


def change(pk: int, wanted: Mapping[str, Any], *, by: User, seen: str) -> Tool:
    """Say something else of a tool; what decides is signed again. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    row = Tool.objects.select_related("connection").get(pk=pk)
    names = FREE if row.is_built_in else (*SAID, *FREE)
    now = {name: wanted[name] for name in names if name in wanted and wanted[name] != getattr(row, name)}
    if found := problems(row, now):
        raise CannotChange(found)
    return revising.revise(row, now, by=by, seen=seen, shown=SHOWN, version=row.version + 1)


def problems(row: Tool, wanted: Mapping[str, Any]) -> Problems:
    """Why this cannot be said of a tool."""
    found: Problems = []
    if wanted.get("effect", ToolEffect.READ) not in ToolEffect.values:
        found.append(("effect", _("Choose what a call does.")))
    if wanted.get("repeatability", Repeatability.SAFE) not in Repeatability.values:
        found.append(("repeatability", _("Choose whether a call may be made again.")))
    if (undo := wanted.get("undo")) is not None and (undo.pk == row.pk or undo.connection_id != row.connection_id):
        found.append(("undo", _("Another tool of the same connection undoes it.")))
    if told := _unread(wanted.get("undo_with") or {}):
        found.append(("undo_with", told))
    for name, most in LIMITS.items():
        value = wanted.get(name)
        if value is not None and not (type(value) is int and 1 <= value <= most):
            found.append((name, _("A whole number from 1 to %d.") % most))
    for name, longest in (("title", 120), ("purpose", 4000)):
        if len(str(wanted.get(name, ""))) > longest:
            found.append((name, _("At most %d characters.") % longest))
    return found


def _unread(said: Any) -> str:
    """What is wrong with the expressions by which a call is undone, as a sentence; ""."""
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        return _("Give an object: each argument of the tool that undoes it, with an expression.")
    for name, text in said.items():
        try:
            read(text)
        except BadExpression as error:
            return f"{name}: {error}"
    return ""


@transaction.atomic
def propose(pk: int, *, by: User) -> Proposal:
    """Put it to a second person, as it is declared and as it is said to be. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    row = _held(pk)
    if row.is_built_in:
        raise CannotChange([("", _("What lives in this process is what its code says."))])
    if row.offered is not None:
        raise CannotChange([("", _("It is declared otherwise now. Take that over first, then propose it."))])
    return signing.ask(ACT, row, lambda: _("Let steps call the tool %s") % row.name, by=by)


@transaction.atomic
def take_over(pk: int, *, by: User) -> Tool:
    """Take what the server declares now in the place of what was signed: it is proposed, and signed again.

    Raises `CannotChange`, `NotAllowed`.
    """
    refuse_others(by)
    row = _held(pk)
    if not row.offered:
        raise CannotChange([("", _("Nothing else is declared of it now."))])
    now: dict[str, Any] = {"declaration": row.offered, "fingerprint": fingerprint(row.offered), "offered": None}
    also = {"version": row.version + 1, "edited_by": by, **UNSIGNED}
    Tool.objects.filter(pk=row.pk).update(**now, **also)
    body = {"was": row.fingerprint, "now": now["fingerprint"], "version": row.version + 1}
    record("tool.declared", row, actor=person(by), body=body)
    row.refresh_from_db()
    if row.status != ToolStatus.PROPOSED:
        move(row, ToolStatus.PROPOSED, actor=person(by))
    forget()
    transaction.on_commit(forget)
    return row


@transaction.atomic
def resume(pk: int, *, actor: Actor) -> Tool:
    """Let steps call a tool again that was switched off or had changed, as it was signed. Raises `CannotChange`."""
    row = _held(pk)
    if not row.is_built_in and not row.stands_as_signed:
        raise CannotChange([("", _("What stands here is not what was signed. Have it approved again."))])
    if row.offered is not None:
        raise CannotChange([("", _("Its server still declares it otherwise than it was signed."))])
    moved(row, ToolStatus.APPROVED, actor=actor)
    return row


@transaction.atomic
def retire(pk: int, *, actor: Actor, why: str = "") -> Tool:
    """Put a tool away: it is called no more, and stands in the record. It may be proposed again."""
    row = _held(pk)
    if row.is_built_in:
        raise CannotChange([("", _("What lives in this process can be switched off."))])
    moved(row, ToolStatus.RETIRED, actor=actor, why=why, **UNSIGNED)
    return row


def facts_of(row: Tool) -> acts.Facts:
    """What is signed, in the reader's words: what people say of it first, then what it says of itself."""
    said = row.declaration
    facts = [
        (_("Tool"), row.name),
        (_("Connection"), row.connection.name if row.connection else ""),
        (str(LABELS["effect"]), row.get_effect_display()),
        (str(LABELS["leaves_house"]), _("yes") if row.leaves_house else _("no")),
        (str(LABELS["repeatability"]), row.get_repeatability_display()),
        (str(LABELS["undo"]), row.undo.name if row.undo else _("nothing")),
        (str(LABELS["undo_with"]), as_text(row.undo_with) if row.undo_with else ""),
        (str(LABELS["purpose"]), row.purpose or _("what it says of itself")),
        (_("Called there"), str(said.get("name", ""))),
        (_("It says of itself"), str(said.get("description", ""))),
        (_("It wants"), as_text(said.get("arguments"))),
        (_("It gives"), as_text(said.get("result"))),
        (_("It says besides"), as_text(said.get("own"))),
        (_("Fingerprint"), row.fingerprint),
    ]
    facts += [(_("Look closely"), f"{told}: {words}") for told, words in warning.of(said)]
    return [(name, text) for name, text in facts if text]


def as_text(value: Any) -> str:
    """A part of a declaration as text, always in the same order; "" for nothing."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) if value else ""


def _held(pk: int) -> Tool:
    return Tool.objects.select_for_update(of=("self",)).get(pk=pk)


@acts.register
class ApproveTool(SignedRow[Tool]):
    """A second person's word for a tool."""

    name = ACT
    object_type = "tool"
    model = Tool

    def called(self) -> str:
        """The act in a few words."""
        return _("A tool that steps may call")

    def follows(self) -> str:
        """What it comes to."""
        return _("Steps and agents that may use it can call it at once, as long as it is declared exactly like this.")

    def facts_of(self, row: Tool) -> acts.Facts:
        """What is signed, in the reader's words."""
        return facts_of(row)

    def seen(self, user: User) -> bool:
        """Whoever may look at the tools."""
        return may_see_tools(user)

    def carry_out(self, proposal: Proposal, *, by: User) -> None:
        """Approve it, unless its server declares it otherwise meanwhile."""
        row = self.found(proposal.object_id)
        assert row is not None  # it was held when its hash was compared
        if row.offered is not None:
            raise proposals.CannotCarryOut(_("Its server declares it otherwise meanwhile."))
        super().carry_out(proposal, by=by)

    def address(self, proposal: Proposal) -> str:
        """The tool's page."""
        return reverse("tool", args=[proposal.object_id])
