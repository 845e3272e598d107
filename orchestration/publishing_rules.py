"""What the rules say to a version that is to be published: about all models, tools and data that it names at once."""

from typing import Any

from django.utils.translation import gettext as _

from audit.models import User
from orchestration import rights, tools
from orchestration.documents.outline import walk
from orchestration.models import Model, Version
from orchestration.policies import asking
from orchestration.policies.asking import Asked
from orchestration.policies.facts import Facts
from orchestration.policies.verdicts import Verdict
from orchestration.routing import classes
from orchestration.routing.policy import named
from orchestration.states import Point


def ask(draft: Version, document: dict[str, Any], by: User) -> Asked:
    """What they say; to be kept with `keep`."""
    steps = [placed.spec for placed in walk(document)]
    called = [tools.get(name) for step in steps for name in _tools(step) if name in tools.TOOLS]
    models = {name for step in steps for name in named(step)}
    regions = set(Model.objects.filter(name__in=models).values_list("region", flat=True))
    publisher = rights.known(by.pk)
    facts = Facts(
        workflow=document["slug"],
        data_class=classes.highest([classes.LOWEST, *(step["data"] for step in steps if "data" in step)]),
        tool_effect=tuple(sorted({tool.effect for tool in called})),
        outside=any(tool.leaves_house for tool in called),
        risk=document["risk"],
        model=tuple(sorted(models)),
        region=tuple(sorted(regions)),
        tool=tuple(sorted({tool.name for tool in called})),
        groups=publisher.groups,
        starter=publisher.name,
        input=document,
        reviewed=True,  # whether each act is reviewed is asked step by step, when it is done
    )
    return Asked(Point.PUBLISH, facts, asking.ask(Point.PUBLISH, facts), draft.workflow_id)


def keep(asked: Asked) -> None:
    """Keep what was asked, where a rule is about publishing, in the caller's transaction."""
    if asked.verdict.matched or asking.says_anything(Point.PUBLISH):
        asking.record([asked])


def unmet(verdict: Verdict, signer: User) -> str:
    """Why one signature of this person is not what the rules ask for; "" where it is."""
    groups = rights.known(signer.pk).groups
    for ask in verdict.asks:
        if ask.group and ask.group not in groups:
            return _("Somebody of %(group)s has to sign this: %(why)s") % {"group": ask.group, "why": verdict.why}
    return too_many(verdict)


def too_many(verdict: Verdict) -> str:
    """Why no single signature is what the rules ask for; "" where one may be."""
    if any(ask.many > 1 for ask in verdict.asks) or len(verdict.asks) > 1:
        return _("A rule asks for more people than the one who signs a version: %s") % verdict.why
    return ""


def _tools(step: dict[str, Any]) -> list[str]:
    return [*([step["tool"]] if step.get("tool") else []), *step.get("tools", [])]
