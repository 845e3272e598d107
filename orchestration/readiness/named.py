"""Rules on the agents that a definition names, by how they stand now."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.callables import AGENT, AT, named
from orchestration.documents.outline import Placed, Spec, walk
from orchestration.models import Agent
from orchestration.readiness.findings import BLOCKS, WARNS
from orchestration.readiness.rules import Definition, Facts, Lack, rule
from orchestration.states import AgentStatus

type Told = Iterator[Lack | None]


def rows(document: Spec) -> Mapping[str, Agent]:
    """The agents that a document names, by name; one query where it names any."""
    names = {name for step in walk(document) if (name := named(step.spec))}
    if not names:
        return {}
    return {row.name: row for row in Agent.objects.filter(name__in=names).select_related("current")}


def _known(definition: Definition, facts: Facts) -> Iterator[tuple[Placed, Agent]]:
    """The steps that a named agent does. That there is none of a name is told by the document."""
    for step in definition.placed:
        if row := facts.agents.get(named(step.spec)):
            yield step, row


@rule("agent", BLOCKS, gettext_lazy("Every agent may work"))
def agent(definition: Definition, facts: Facts) -> Told:
    """It was signed, and is not off."""
    for step, row in _known(definition, facts):
        if row.status == AgentStatus.APPROVED:
            yield None
        elif row.status == AgentStatus.OFF:
            what = _("The agent “%(name)s” is switched off.") % {"name": row.name}
            yield Lack(what, _("Choose another, or have it switched on again."), step, (AGENT,))


@rule("newest_agent", WARNS, gettext_lazy("Every agent is the newest of its name"))
def newest_agent(definition: Definition, facts: Facts) -> Told:
    """Where a version is named, none was signed since."""
    for step, row in _known(definition, facts):
        number = str(step.spec[AGENT]).partition(AT)[2]
        newest = row.current.number if row.current is not None else 0
        if not number.isdecimal() or int(number) >= newest:
            yield None
        else:
            told = {"name": row.name, "number": number, "newest": newest}
            what = _("The agent “%(name)s” is used in version %(number)s; version %(newest)d is signed.") % told
            mend = _("Look at what changed on its page, then name the newer one, or leave the number away.")
            yield Lack(what, mend, step, (AGENT,))
