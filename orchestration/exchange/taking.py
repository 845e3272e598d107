"""Taking a file over: first what it would come to here, then a draft that nobody has published, and paused triggers.

Nothing of it runs, calls or loads anything, and nothing that is here is changed: where a workflow of that name stands
already, the new one gets another, or becomes the draft of the one that stands, if that has none.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actors import Actor, person
from audit.canonical import digest
from audit.ledger import record
from audit.models import User
from orchestration import beginnings, drafts, rights, tools, waived
from orchestration.beginnings import begin_workflow
from orchestration.documents import BadDocument
from orchestration.exchange import naming, starting
from orchestration.exchange.form import Described, Sent
from orchestration.exchange.renaming import renamed
from orchestration.models import Model, Tool, Version, Workflow
from orchestration.models.catalog import WHY_NOT, Entry
from orchestration.states import VersionStatus

MEANS: dict[str, tuple[str | Promise, str | Promise]] = {  # of each sort: its heading, and what it means that one lacks
    naming.MODELS: (
        gettext_lazy("Models"),
        gettext_lazy("Its steps can be published once it is approved here, or once the draft names another."),
    ),
    naming.TOOLS: (
        gettext_lazy("Tools"),
        gettext_lazy("Its steps can be published once this installation has it, or once the draft names another."),
    ),
    naming.GROUPS: (
        gettext_lazy("Groups"),
        gettext_lazy("Nobody would see or decide in its name: make the group, or name another in the draft."),
    ),
    naming.PEOPLE: (
        gettext_lazy("People"),
        gettext_lazy("Nobody here has this login: name somebody else in the draft."),
    ),
    naming.WORKFLOWS: (
        gettext_lazy("Workflows"),
        gettext_lazy("What starts it, or follows it, waits until it is here: take it over as well, or name another."),
    ),
}


class CannotTake(Exception):
    """Nothing was made: a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that nothing and nobody has here. `why` says so, `means` what follows."""

    sort: str | Promise
    name: str
    why: str
    means: str | Promise


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a file over would come to, for one person."""

    sent: Sent
    slug: str
    taken: bool  # somebody's workflow has the slug that the file names
    owner: User
    missing: list[Missing] = field(default_factory=list)
    here: list[tuple[str | Promise, str]] = field(default_factory=list)
    triggers: list[tuple[Described, User, str]] = field(default_factory=list)  # owner here, and what is said of it
    into: Workflow | None = None  # the workflow whose draft it may become

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.sent.document["name"])

    @property
    def owner_is_named(self) -> bool:
        """Whether the file's own owner has a login here."""
        return bool(self.owner.username == self.sent.document["owner"])


def may_take(user: User) -> bool:
    """Whether a person may take files over at all: as new workflows, or as drafts of those that they manage."""
    return beginnings.may_make(user) or bool(Workflow.objects.ids_allowed(user, "manage"))


def check(sent: Sent) -> Sent:
    """The same, or `BadDocument` where its triggers could never be made."""
    if found := starting.problems(sent.triggers):
        raise BadDocument(found)
    return sent


def preview(sent: Sent, *, by: User, at_shell: bool = False) -> Preview:
    """What `by` would make of it, and what it names that is not here. Changes nothing."""
    needs = naming.of_document(sent.document, sent.triggers)
    missing = _missing(needs)
    lacking = {(found.sort, found.name) for found in missing}
    here = [(MEANS[s][0], name) for s, names in needs.items() for name in names if (MEANS[s][0], name) not in lacking]
    return Preview(
        sent,
        slug=beginnings.free_slug(sent.slug),
        taken=beginnings.is_taken(sent.slug),
        owner=_owner(sent, by),
        missing=missing,
        here=here,
        triggers=[_starts(one, None if at_shell else by, by) for one in sent.triggers],
        into=_into(sent, by),
    )


def _owner(sent: Sent, by: User) -> User:
    return User.objects.filter(username=sent.document["owner"], is_active=True).first() or by


def _starts(one: Described, asked: User | None, by: User) -> tuple[Described, User, str]:
    owner = starting.owner_of(one, by=asked)
    if owner is not None:
        return one, owner, ""
    return one, by, _("The file names %s. Whoever takes it over answers for its runs.") % one.owner


def _into(sent: Sent, by: User) -> Workflow | None:
    """The workflow of that slug, if `by` manages it and it has no draft."""
    found = Workflow.objects.filter(slug=sent.slug).first()
    if found is None or "manage" not in rights.afresh(by.pk, found.pk).may:
        return None
    return None if found.versions.filter(status=VersionStatus.DRAFT).exists() else found


def _missing(needs: dict[str, list[str]]) -> list[Missing]:
    """Whatever is named and is not here: a query for each sort."""
    found = _of_catalog(naming.MODELS, needs, _entries(Model, needs.get(naming.MODELS, [])))
    known = {name: row for name, row in _entries(Tool, needs.get(naming.TOOLS, [])).items() if name in tools.TOOLS}
    found += _of_catalog(naming.TOOLS, needs, known)
    logins = User.objects.filter(username__in=needs.get(naming.PEOPLE, []), is_active=True)
    groups = Group.objects.filter(name__in=needs.get(naming.GROUPS, []))
    others = Workflow.objects.filter(slug__in=needs.get(naming.WORKFLOWS, []))
    for sort, names in (
        (naming.GROUPS, groups.values_list("name", flat=True)),
        (naming.PEOPLE, logins.values_list("username", flat=True)),
        (naming.WORKFLOWS, others.values_list("slug", flat=True)),
    ):
        there = set(names)
        found += [_lacks(sort, name, _("not here")) for name in needs.get(sort, []) if name not in there]
    return found


def _entries(kind: type[Model] | type[Tool], names: list[str]) -> dict[str, Entry]:
    if kind is Tool:
        return {row.name: row for row in Tool.objects.filter(name__in=names).select_related("connection")}
    return {row.name: row for row in kind._base_manager.filter(name__in=names)}


def _of_catalog(sort: str, needs: dict[str, list[str]], rows: dict[str, Any]) -> list[Missing]:
    found, today = [], waived.today()
    for name in needs.get(sort, []):
        if name not in rows:
            found.append(_lacks(sort, name, _("not here")))
        elif why := rows[name].why_not(today):
            found.append(_lacks(sort, name, _("here, and %s") % WHY_NOT[why]))
    return found


def _lacks(sort: str, name: str, why: str) -> Missing:
    heading, means = MEANS[sort]
    return Missing(heading, name, why, means)


@transaction.atomic
def take(sent: Sent, *, by: User, slug: str = "", shell: Actor | None = None) -> Version:
    """Make a workflow of the file: its draft, and its triggers, paused. Raises `CannotBegin`, `BadDocument`.

    `slug` is what it is called here, where that is not what the file says. `shell` is who acts where no session does.
    """
    check(sent)
    slug = slug or sent.slug
    source = sent.source if slug == sent.slug else renamed(sent.source, slug)
    actor = shell or person(by)
    document = sent.document
    draft = begin_workflow(
        name=document["name"],
        slug=slug,
        purpose=document["purpose"],
        risk=document["risk"],
        owner=_owner(sent, by),
        by=by,
        source=source,
        actor=actor,
    )
    for one in sent.triggers:
        owner = starting.owner_of(one, by=None if shell else by) or by
        starting.make(draft.workflow, one, owner=owner, by=by, actor=actor)
    body = {"slug": slug, "was": sent.slug, "triggers": len(sent.triggers), "source": digest({"source": source})}
    record("workflow.imported", draft.workflow, actor=actor, body=body)
    return draft


@transaction.atomic
def take_as_draft(sent: Sent, *, by: User, shell: Actor | None = None) -> Version:
    """Make the file's definition the draft of the workflow that has its slug. The triggers there stay as they are.

    Raises `CannotTake` where there is none, `by` does not manage it, or it has a draft already.
    """
    found = Workflow.objects.select_for_update(of=("self",)).filter(slug=sent.slug).first()
    if found is None or _into(sent, by) is None:
        raise CannotTake(_("That workflow has a draft meanwhile, or you may not change it. Nothing was taken over."))
    draft = drafts.draft_of(found, by=by)
    saved = drafts.save(draft.pk, sent.source, revision=draft.revision, by=by).draft
    body = {"slug": sent.slug, "was": sent.slug, "draft": True, "source": digest({"source": sent.source})}
    record("workflow.imported", found, actor=shell or person(by), body=body)
    return saved
