"""Templates: complete workflows to begin with. Each is a document beside this file; it is read, and never changed.

`templates` lists them, and `begin` makes a workflow with a draft from one. Nothing of it runs before it is published.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from audit.models import User
from orchestration import documents
from orchestration.beginnings import begin_workflow, free_slug
from orchestration.documents import naming
from orchestration.documents.outline import walk
from orchestration.models import Version

FOLDER = Path(__file__).parent
PLUG = "handrail/unplugged"  # the model of steps for which a house chooses one
WHAT: dict[str, str | Promise] = {  # in the order in which they are offered
    "answer-a-customer": _("A question is sorted, an answer is drafted, and a person approves the e-mail."),
    "approve-an-invoice": _("A PDF is read, its fields are found, and it is booked; over a limit two people approve."),
    "review-a-clause": _("A clause of a contract is assessed; a high risk is seen by two lawyers."),
    "publish-an-article": _("An article is written from a brief, edited, and published by the chief editor."),
    "onboard-a-supplier": _("A supplier's papers and account are checked side by side; two people enter it."),
    "screen-an-application": _("High risk: two people decide on each application, and never a machine."),
}
PATTERNS: dict[str, str | Promise] = {  # ways in which models and people work together, each in its plainest form
    "chain-with-gate": _("A model writes, a person sees exactly what would be done, a tool does that."),
    "router": _("A model sorts what came in, and it goes the way of its kind."),
    "parallel-vote": _("Three models vote at the same time; where they differ, a person decides."),
    "orchestrator-and-workers": _("An agent parts the work, and puts together what its workers found."),
    "evaluator-and-optimizer": _("One model writes and another judges, until it is good enough."),
    "handoff": _("An agent answers what it can, and hands the rest over to another."),
    "debate": _("Two models argue round after round, and a third weighs what they said."),
}

TITLES = frozenset(  # what the documents call themselves, for who chooses one
    {
        gettext_noop("Answer a customer"),
        gettext_noop("Approve an invoice"),
        gettext_noop("Chain with a gate"),
        gettext_noop("Debate"),
        gettext_noop("Evaluator and optimizer"),
        gettext_noop("Handoff"),
        gettext_noop("Onboard a supplier"),
        gettext_noop("Orchestrator and workers"),
        gettext_noop("Parallel vote"),
        gettext_noop("Publish an article"),
        gettext_noop("Review a contract clause"),
        gettext_noop("Router"),
        gettext_noop("Screen an application"),
    }
)


class NoSuchTemplate(LookupError):
    """There is no template of that key."""


class Template(NamedTuple):
    """A workflow to begin with. `what` says in a sentence what it does; `plugs` are the steps that want a model."""

    key: str
    title: str
    what: str
    source: str
    risk: str
    groups: tuple[str, ...]
    plugs: tuple[str, ...]

    @property
    def called(self) -> str:
        """Its title in the reader's language."""
        return gettext(self.title)


def templates() -> list[Template]:
    """All templates, in the order in which they are offered."""
    return [*complete(), *(get(key) for key in PATTERNS)]


def complete() -> list[Template]:
    """Those for a whole piece of work, without the plain patterns: what the sample workspace holds."""
    return [get(key) for key in WHAT]


def get(key: str) -> Template:
    """The template of that key, or `NoSuchTemplate`."""
    if key not in WHAT and key not in PATTERNS:
        raise NoSuchTemplate(key)
    source = _source(key)
    document = _document(key)
    groups = {named.name for named in naming.groups(document)}
    plugs = [step.spec["name"] for step in walk(document) if step.spec.get("model") == PLUG]
    return Template(
        key,
        document["name"],
        str({**WHAT, **PATTERNS}[key]),
        source,
        document["risk"],
        tuple(sorted(groups)),
        tuple(plugs),
    )


@lru_cache
def _source(key: str) -> str:
    return (FOLDER / f"{key.replace('-', '_')}.yaml").read_text("utf-8")


@lru_cache
def _document(key: str) -> dict[str, Any]:
    return documents.read(_source(key))


def fitted(template: Template, *, slug: str = "", name: str = "", owner: str = "") -> str:
    """The template's text with another slug, name and owner; every other character stays as it is."""
    was = _document(template.key)
    source = template.source
    for field, value in (("slug", slug), ("name", name), ("owner", owner)):
        if value and value != was[field]:
            said = f"{field}: {_plain(value)}"
            source = re.sub(rf"(?m)^{field}: .*$", said.replace("\\", r"\\"), source, count=1)
    if owner and owner != was["owner"]:
        source = source.replace(f"owner: {{user: {was['owner']}}}", f"owner: {{user: {_plain(owner)}}}")
    return source


def _plain(value: str) -> str:
    """A text as it stands in YAML on one line, quoted where it must be."""
    return yaml.safe_dump(value, allow_unicode=True, width=10_000, default_style=None).removesuffix("...\n").strip()


def begin(template: Template, *, by: User, slug: str = "", name: str = "") -> Version:
    """A workflow of `by` with a draft made from the template. Without a slug it gets one that is free.

    Raises `beginnings.CannotBegin` for what does not fit, or for somebody who may not.
    """
    slug = slug or free_slug(template.key)
    name = name or template.title
    return begin_workflow(
        name=name,
        slug=slug,
        purpose=str(_document(template.key)["purpose"]),
        risk=template.risk,
        owner=by,
        by=by,
        source=fitted(template, slug=slug, name=name, owner=by.get_username()),
    )
