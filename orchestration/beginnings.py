"""A workflow that nobody has published yet: its row, its first draft, and the rights of whoever makes it."""

import re
from itertools import count

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actors import Actor, person
from audit.canonical import clean
from audit.clock_time import now
from audit.grants import grant
from audit.models import User
from audit.moves import begin
from orchestration.documents import LARGEST
from orchestration.models import Version, Workflow
from orchestration.states import VersionStatus

MAKE = "orchestration.make_workflow"
RESERVED = frozenset({"import", "new"})  # addresses under /workflows/ that are no workflow's; the schema has them too
RISKS = ("minimal", "limited", "high")
LONGEST_SLUG, LONGEST_NAME = 80, 120
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
GIVEN = ("view_workflow", "start_workflow", "manage_workflow")


class CannotBegin(Exception):
    """No workflow was made. `problems` names each field (or "") with a sentence."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(" ".join(told for _, told in problems))
        self.problems = problems


def may_make(user: User) -> bool:
    """Whether a person may make new workflows: by a group that holds `make_workflow`, as admins and owners do."""
    return bool(user.has_perm(MAKE))


def begin_workflow(
    *,
    name: str,
    slug: str,
    purpose: str,
    owner: User,
    by: User,
    source: str,
    risk: str = "limited",
    actor: Actor | None = None,
) -> Version:
    """Make a workflow that has a draft and nothing else, and let `by` see, start and manage it. Returns the draft.

    `source` is kept as it is, broken or not; what the workflow is called follows the draft once that is published.
    Raises `CannotBegin` for what does not fit, a slug that is taken, or somebody who may not.
    """
    if found := _problems(name, slug, purpose, risk, source, by):
        raise CannotBegin(found)
    try:
        with transaction.atomic():
            return _begun(Workflow(name=name, slug=slug, purpose=purpose, owner=owner, risk=risk), by, source, actor)
    except IntegrityError as error:
        if is_taken(slug):
            raise CannotBegin([("slug", _taken())]) from error
        raise


def _begun(workflow: Workflow, by: User, source: str, actor: Actor | None) -> Version:
    actor = actor or person(by)
    begin(workflow, actor=actor)
    for permission in GIVEN:
        grant(permission, by, workflow, actor=actor)
    draft = Version(workflow=workflow, source=source, status=VersionStatus.DRAFT)
    draft.created_by = draft.edited_by = by
    draft.edited_at = now()
    begin(draft, actor=actor, body={"from": 0})
    return draft


def _problems(name: str, slug: str, purpose: str, risk: str, source: str, by: User) -> list[tuple[str, str]]:
    if not may_make(by):
        return [("", _("You may not make new workflows. Admins and owners of workflows may."))]
    found = []
    if not name.strip() or len(name) > LONGEST_NAME or clean(name)[1]:
        found.append(("name", _("Give it a name of at most %d characters.") % LONGEST_NAME))
    if told := of_slug(slug):
        found.append(("slug", told))
    if not purpose.strip() or clean(purpose)[1]:
        found.append(("purpose", _("Say in a sentence what it is for.")))
    if risk not in RISKS:
        found.append(("risk", _("Choose how much harm a wrong run can do.")))
    if len(source.encode("utf-8", "replace")) > LARGEST or clean(source)[1]:
        told = _("The document is larger than %d kB, or holds characters that cannot be kept.") % (LARGEST // 1024)
        found.append(("source", told))
    return found


def of_slug(slug: str) -> str:
    """Why no new workflow can have this slug; "" where one can."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        return _("Use small letters, digits and hyphens, %d characters at the most.") % LONGEST_SLUG
    if slug in RESERVED:
        return _("%s stands for a page here. Choose another name.") % slug
    return _taken() if is_taken(slug) else ""


def is_taken(slug: str) -> bool:
    """Whether there is a workflow of that slug already, seen or unseen."""
    return Workflow.objects.filter(slug=slug).exists()


def _taken() -> str:
    return _("There is a workflow of that name in addresses already. Choose another.")


def free_slug(wanted: str) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3` and so on that no workflow has."""
    stem = wanted[: LONGEST_SLUG - 6].rstrip("-") if len(wanted) > LONGEST_SLUG - 6 else wanted
    if wanted not in RESERVED and not is_taken(wanted):
        return wanted
    taken = set(Workflow.objects.filter(slug__startswith=f"{stem}-").values_list("slug", flat=True))
    return next(slug for number in count(2) if (slug := f"{stem}-{number}") not in taken)
