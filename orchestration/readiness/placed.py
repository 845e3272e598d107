"""Rules on the places of reviews that ask others than groups: whether anybody could fill them."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents import naming
from orchestration.documents.outline import Placed
from orchestration.explain import whom
from orchestration.readiness.findings import BLOCKS, WARNS
from orchestration.readiness.people import differ
from orchestration.readiness.rules import Definition, Facts, Lack, rule

type Told = Iterator[Lack | None]
type Who = frozenset[str] | None  # logins; None where only a run tells


def who(entry: dict[str, Any], definition: Definition, facts: Facts) -> Who:
    """Who could fill a place, of those who may decide here; None where an expression says it, or it is told already."""
    groups = definition.document["groups"]
    able = frozenset[str]().union(*(facts.groups.get(name, ()) for name in groups.get("decide", ())))
    asked: Who = None
    if isinstance(name := entry.get("group"), str):
        asked = facts.groups.get(name)
    elif isinstance(name := entry.get("person"), str):
        asked = frozenset({name}) if name in facts.people else None
    elif entry.get("holds"):
        asked = frozenset[str]().union(*(facts.groups.get(one, ()) for one in groups.get(str(entry["holds"]), ())))
    elif entry.get("manager"):
        asked = frozenset({facts.manager} - {""})
    if asked is None:
        return None
    skill = str(entry.get("skill", "")).lower()
    return asked & able & facts.skilled.get(skill, frozenset()) if skill else asked & able


@rule("places", BLOCKS, gettext_lazy("Somebody can fill each place"))
def places(definition: Definition, facts: Facts) -> Told:
    """A place that asks people otherwise than by a group alone: somebody who is asked may decide here."""
    for step in definition.placed:
        for path, entry in _entries(step):
            if entry.get("group") and not entry.get("skill"):
                continue  # another rule looks at it
            able = who(entry, definition, facts)
            if able is None:
                continue
            told = {"who": whom.said(entry), "step": step.spec["name"]}
            what = _("Nobody can fill the place of “%(who)s” at “%(step)s”: none of them may decide here.") % told
            mend = _("Put them into a group that may decide, under Groups, or name others.")
            yield None if able else Lack(what, mend, step, path)
        yield from _apart(step, definition, facts)


def _apart(step: Placed, definition: Definition, facts: Facts) -> Iterator[Lack]:
    """Where others than groups fill places, each is another person, as far as it can be told."""
    for section in naming.SECTIONS:
        review = step.spec.get(section, {})
        entries = [entry for _path, entry in naming.entries(review)]
        plain = all(entry.get("group") and not entry.get("skill") for entry in entries)
        if len(entries) < 2 or (plain and "of" not in review):
            continue  # another rule looks at it
        able = [found for entry in entries if (found := who(entry, definition, facts))]
        enough = review.get("of", len(entries))
        if len(able) == len(entries) and isinstance(enough, int) and not _enough_apart(able, enough):
            what = _("Each of the %(count)d places needs another person, and there are not so many who are asked.")
            mend = _("Ask others, or more of them.")
            yield Lack(what % {"count": enough}, mend, step, (section, "then"))


def _enough_apart(able: list[frozenset[str]], enough: int) -> bool:
    """Whether so many of the places can be filled by different people: those with the fewest to choose from last."""
    few = sorted(able, key=len, reverse=True)
    return any(differ(few[start : start + enough]) for start in range(len(few) - enough + 1))


@rule("owner_place", WARNS, gettext_lazy("No place is the owner's alone"))
def owner_place(definition: Definition, facts: Facts) -> Told:
    """A place that only the workflow's owner could fill: whoever publishes it last cannot review it."""
    owner = definition.document["owner"]
    for step in definition.placed:
        for path, entry in _entries(step):
            if entry.get("group") and not entry.get("skill"):
                continue
            able = who(entry, definition, facts)
            if not able:
                continue
            what = _("Only “%(login)s”, who owns the workflow, could fill the place of “%(who)s”.")
            told = {"login": owner, "who": whom.said(entry)}
            mend = _("Ask somebody else as well: who edits or starts it does not decide on it.")
            yield Lack(what % told, mend, step, path) if able == {owner} else None


def _entries(step: Placed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    for section in naming.SECTIONS:
        for path, entry in naming.entries(step.spec.get(section, {})):
            if whom.names(entry):
                yield (section, *path), entry
