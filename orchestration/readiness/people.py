"""Rules on whom a definition names."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents import naming
from orchestration.documents.outline import Placed
from orchestration.documents.problems import Path
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import Definition, Facts, Lack, rule

type Told = Iterator[Lack | None]


@rule("named", BLOCKS, gettext_lazy("People and groups are here"))
def named(definition: Definition, facts: Facts) -> Told:
    """Logins and groups."""
    steps = {step.key: step for step in definition.placed}
    asked = [(name, name.name in facts.people, False) for name in naming.people(definition.document)]
    asked += [(name, name.name in facts.groups, True) for name in naming.groups(definition.document)]
    for name, is_here, is_group in asked:
        step = steps.get(name.step)
        part = name.path[len(step.path) :] if step else name.path
        told = {"name": name.name}
        if is_here:
            yield None
        elif is_group:
            yield Lack(_("There is no group “%(name)s” here.") % told, _("Name one that there is."), step, part)
        else:
            mend = _("Name somebody who can sign in.")
            yield Lack(_("Nobody who can sign in has the login “%(name)s”.") % told, mend, step, part)


def asked(step: Placed) -> Iterator[tuple[Path, str]]:
    """The groups that are asked at a step, each with its place: at its review, at its calls, and with questions."""
    for section in naming.SECTIONS:
        yield from (((section, *path), group) for path, group in naming.letting(step.spec.get(section, {})))
    if group := step.spec.get("asks", {}).get("group"):
        yield ("asks", "group"), group


def deciding(step: Placed) -> str:
    """The group that decides first at a step, or "". Whether it can be read at all is looked at by another rule."""
    group = step.spec.get("review", {}).get("group")
    return group if isinstance(group, str) else ""


@rule("reviewers", BLOCKS, gettext_lazy("Reviewers for each point"))
def reviewers(definition: Definition, facts: Facts) -> Told:
    """Somebody who can sign in."""
    for step in definition.placed:
        for path, group in asked(step):
            if group not in facts.groups:
                continue  # it is told already that there is none
            if facts.groups[group]:
                yield None
            else:
                what = _("Nobody is in the group “%(group)s”, which decides here.") % {"group": group}
                if path[0] == "asks":
                    what = _("Nobody is in the group “%(group)s”, which the agent asks.") % {"group": group}
                yield Lack(what, _("Put somebody into it, or name another group."), step, path)
        yield from _places(step, facts)


def _places(step: Placed, facts: Facts) -> Iterator[Lack]:
    """Where several decide one after the other, each is another person."""
    for section in naming.SECTIONS:
        named = [name for _path, name in naming.deciding(step.spec.get(section, {}))]
        groups = [facts.groups[name] for name in named if name in facts.groups]
        if "of" not in step.spec.get(section, {}) and all(groups) and not differ(groups):
            what = _("Each of the %(count)d places needs another person, and there are not so many in these groups.")
            mend = _("Put more people into them.")
            yield Lack(what % {"count": len(groups)}, mend, step, (section, "then"))


def differ(groups: Sequence[frozenset[str]], taken: frozenset[str] = frozenset()) -> bool:
    """Whether each group can send somebody else."""
    if not groups:
        return True
    most, *others = sorted(groups, key=len)
    return any(differ(others, taken | {login}) for login in sorted(most - taken)[: len(groups) + len(taken)])


@rule("decide", BLOCKS, gettext_lazy("Reviewers may decide here"))
def decide(definition: Definition, facts: Facts) -> Told:
    """Of each group that is asked, somebody is in a group that may decide on the workflow: else it waits for nobody."""
    allowed = frozenset[str]().union(*(facts.groups.get(name, ()) for name in definition.document["groups"]["decide"]))
    for step in definition.placed:
        for _path, group in asked(step):
            members = facts.groups.get(group)
            if not members:
                continue
            if members & allowed:
                yield None
            else:
                told = {"group": group, "step": step.spec["name"]}
                what = _("“%(group)s” is asked at “%(step)s”, and may not decide on this workflow.") % told
                yield Lack(what, _("Let the group decide, under Groups."), part=("groups", "decide"))
