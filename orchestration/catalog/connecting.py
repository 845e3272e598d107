"""Connections: how tools of other systems are reached. Nothing is sent over one before a second person signs it."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit import acts
from audit.actors import Actor, person
from audit.models import Proposal, User
from audit.moves import begin
from orchestration import credentials, endpoints, tools
from orchestration.catalog import revising, signing
from orchestration.catalog.changing import CannotChange, Problems, refuse_others
from orchestration.catalog.looking import forget
from orchestration.catalog.signing import UNSIGNED, SignedRow, moved
from orchestration.models import Connection
from orchestration.models.catalog import FILE, KEPT, REFERENCE
from orchestration.sights import may_see_tools
from orchestration.states import ConnectionStatus, ToolKind

ACT = "connection.approve"
SHOWN = ("title", *Connection.DECIDING)
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"}
MOST_HEADERS = 20
LONGEST_VALUE = 500
LABELS: dict[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "address": gettext_lazy("Address"),
    "methods": gettext_lazy("Methods"),
    "headers": gettext_lazy("Headers"),
    "secret": pgettext_lazy("secret", "Key"),
    "private": gettext_lazy("May lie inside the house"),
    "command": gettext_lazy("Command of this host"),
    "options": gettext_lazy("Besides"),
}


def commands() -> list[str]:
    """The names of the commands that this host's settings allow."""
    return sorted(dict(settings.HANDRAIL_MCP_COMMANDS))


def state_of(row: Connection) -> str:
    """The hash of what its form shows."""
    return revising.state_of(row, SHOWN)


def add(name: str, wanted: Mapping[str, Any], *, by: User) -> Connection:
    """Propose a connection. Raises `CannotChange`, `NotAllowed`."""
    refuse_others(by)
    if found := _of_name(name) + problems(wanted):
        raise CannotChange(found)
    row = Connection(name=name, owner=by, edited_by=by, **{key: wanted[key] for key in SHOWN if key in wanted})
    row.title = row.title or name
    try:
        with transaction.atomic():
            begin(row, actor=person(by), body={"now": row.content})
            transaction.on_commit(forget)
    except IntegrityError as error:
        raise CannotChange([("name", _("There is a connection of this name already."))]) from error
    forget()
    return row


def change(pk: int, wanted: Mapping[str, Any], *, by: User, seen: str) -> Connection:
    """Change a connection; where its way is another now, nothing is sent until it is signed again.

    Raises `CannotChange`, `NotAllowed`.
    """
    refuse_others(by)
    row = Connection.objects.get(pk=pk)
    if found := problems({**{name: getattr(row, name) for name in SHOWN}, **wanted}):
        raise CannotChange(found)
    now = {name: wanted[name] for name in SHOWN if name in wanted and wanted[name] != getattr(row, name)}
    return revising.revise(row, now, by=by, seen=seen, shown=SHOWN)


@transaction.atomic
def propose(pk: int, *, by: User) -> Proposal:
    """Put it to a second person. Raises `NotAllowed`, `proposals.CannotPropose`."""
    refuse_others(by)
    row = Connection.objects.select_for_update(of=("self",)).get(pk=pk)
    return signing.ask(ACT, row, lambda: _("Let tools of %s be reached as it is written here") % row.name, by=by)


@transaction.atomic
def switch(row: Connection, to: ConnectionStatus, *, actor: Actor, why: str = "") -> None:
    """Stop all that goes over it, or let it go on as it was signed. Raises `CannotChange`."""
    held = Connection.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if to == ConnectionStatus.APPROVED and not held.stands_as_signed:
        raise CannotChange([("", _("What stands here is not what was signed. Have it approved again."))])
    moved(row, to, actor=actor, why=why)


@transaction.atomic
def retire(row: Connection, *, actor: Actor, why: str = "") -> None:
    """Put it away. Its tools can be called no more."""
    moved(row, ConnectionStatus.RETIRED, actor=actor, why=why, **UNSIGNED)


def problems(wanted: Mapping[str, Any]) -> Problems:
    """Why a connection cannot be like this. It may look an address up."""
    looks = (_of_kind, _of_way, _of_headers, _of_secret, _of_methods)
    return [problem for look in looks for problem in look(wanted)]


def _of_name(name: str) -> Problems:
    if not NAME.fullmatch(name):
        return [("name", _("Small letters, digits and hyphens, as in airline. At most 40 of them."))]
    if any(one.startswith(f"{name}.") for one in tools.TOOLS.load()):
        return [("name", _("Tools of this process have names that begin so. Choose another."))]
    return []


def _of_kind(wanted: Mapping[str, Any]) -> Problems:
    title = str(wanted.get("title", ""))
    found: Problems = []
    if len(title) > 120 or not title.isprintable():
        found.append(("title", _("At most 120 characters.")))
    if wanted.get("kind") not in set(ToolKind.values) - {ToolKind.BUILT_IN.value}:
        found.append(("kind", _("Choose one of the kinds.")))
    return found


def _of_way(wanted: Mapping[str, Any]) -> Problems:
    address, command = str(wanted.get("address", "")), str(wanted.get("command", ""))
    if command:
        if wanted.get("kind") != ToolKind.MCP:
            return [("command", _("Only an MCP server is begun by a command."))]
        if address:
            return [("command", _("Give an address or a command, not both."))]
        return [] if command in commands() else [("command", _("Choose one that this host's settings name."))]
    if not address:
        needs = wanted.get("kind") in (ToolKind.MCP, ToolKind.HTTP, ToolKind.CALLBACK)
        return [("address", _("Say where it is."))] if needs else []
    told = endpoints.problem(address, private=bool(wanted.get("private")))
    return [("address", told)] if told else []


def _of_headers(wanted: Mapping[str, Any]) -> Problems:
    headers = wanted.get("headers", [])
    if len(headers) > MOST_HEADERS:
        return [("headers", _("At most %d.") % MOST_HEADERS)]
    if headers and wanted.get("command"):
        return [("headers", _("A command has no headers; its settings say what it is begun with."))]
    return [("headers", told) for one in headers if (told := _of_header(one))]


def _of_header(one: Mapping[str, str]) -> str:
    name, value, secret = one.get("name", ""), one.get("value", ""), one.get("secret", "")
    if not HEADER.fullmatch(name) or name.lower() in OURS:
        return _("%s cannot be a header of yours.") % (name[:64] or _("A line without a name"))
    if bool(value) == bool(secret):
        return _("%s has a value or the reference of a secret: one of them.") % name
    if len(value) > LONGEST_VALUE or not value.isascii() or not value.isprintable():
        return _("The value of %s must be one line of plain letters, digits and signs.") % name
    return _named(secret) if secret else ""


def _of_secret(wanted: Mapping[str, Any]) -> Problems:
    secret = str(wanted.get("secret", ""))
    return [("secret", told)] if secret and (told := _named(secret)) else []


def _named(secret: str) -> str:
    """Why this is no reference to a secret; ""."""
    if not any(re.fullmatch(pattern, secret) for pattern in (REFERENCE, FILE, KEPT)):
        return _("Say where the key is, never the key: env:CRM_KEY, file:/path, or kept:its-name.")
    if credentials.refuses(secret.removeprefix("env:")):
        return _("This variable belongs to Handrail itself, and is given to nobody.")
    return ""


def _of_methods(wanted: Mapping[str, Any]) -> Problems:
    return (
        [("methods", _("Choose among those that are offered."))]
        if set(wanted.get("methods", [])) - set(METHODS)
        else []
    )


def facts_of(row: Connection) -> acts.Facts:
    """What is signed, in the reader's words."""
    said = {name: getattr(row, name) for name in Connection.DECIDING}
    said["kind"] = row.get_kind_display()
    said["headers"] = ", ".join(f"{one['name']}: {one.get('secret') or one.get('value')}" for one in row.headers)
    said["methods"] = ", ".join(row.methods)
    said["private"] = _("yes") if row.private else _("no")
    said["options"] = ", ".join(f"{name}: {value}" for name, value in sorted(row.options.items()))
    shown = [(str(LABELS[name]), str(value)) for name, value in said.items() if value]
    return [(_("Connection"), row.name), *shown]


@acts.register
class ApproveConnection(SignedRow[Connection]):
    """A second person's word for a connection."""

    name = ACT
    object_type = "connection"
    model = Connection

    def called(self) -> str:
        """The act in a few words."""
        return _("A connection to another system")

    def follows(self) -> str:
        """What it comes to."""
        return _("It may be asked what it offers, and its tools that are approved may be called.")

    def facts_of(self, row: Connection) -> acts.Facts:
        """What is signed, in the reader's words."""
        return facts_of(row)

    def seen(self, user: User) -> bool:
        """Whoever may look at the tools."""
        return may_see_tools(user)

    def address(self, proposal: Proposal) -> str:
        """The connection's page."""
        return reverse("connection", args=[proposal.object_id])


def named_by(reference: str) -> Q:
    """Which connections name this secret."""
    return Q(secret=reference) | Q(headers__contains=[{"secret": reference}])
