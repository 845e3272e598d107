"""The rule on waivers: a reason, an end that has not passed, and the signature of a second person."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.canonical import digest
from orchestration.readiness.drawn import WITHOUT_REVIEW
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import Definition, Facts, Lack, rule


def waiver_hash(workflow: str, step: str, waiver: dict[str, Any]) -> str:
    """What is signed: this reason, until that day, at this step of this workflow (its slug), and nothing else."""
    said = {"reason": waiver["reason"], "until": waiver["until"]}
    return digest({"workflow": workflow, "step": step, "waiver": said})


@rule("waiver", BLOCKS, gettext_lazy("Waivers have an end, signed"))
def waiver(definition: Definition, facts: Facts) -> Iterator[Lack | None]:
    """Only where somebody would have to decide."""
    for step in definition.placed:
        said = step.spec.get("review", {}).get("waiver")
        if said is None or step.spec["kind"] in WITHOUT_REVIEW:
            continue
        told = _wrong(definition.document["slug"], step.key, said, facts)
        yield Lack(*told, step, ("review", "waiver")) if told else None


def _wrong(slug: str, key: str, said: Any, facts: Facts) -> tuple[str, str] | None:
    """What is wrong with a waiver, and how it is mended. Its shape is looked at by another rule."""
    if isinstance(said, str):
        return _("The waiver has no end."), _("Say waiver: {reason: …, until: a date}.")
    if not isinstance(said, dict) or not isinstance(said.get("reason"), str):
        return None
    if (until := _day(said.get("until"))) is None:
        return None
    if until < facts.today:
        return _("The waiver ended on %s.") % until, _("Let somebody decide here, or have a new waiver signed.")
    signed = facts.signed(slug, key, waiver_hash(slug, key, said))
    if signed is None:
        return _("No second person has signed the waiver."), _("Ask somebody to sign it.")
    if signed < facts.today:
        return _("The signature under the waiver held until %s.") % signed, _("Ask somebody to sign it again.")
    return None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
