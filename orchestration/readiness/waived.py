"""The rule on waivers: a reason, an end that has not passed, and the signature of a second person."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import waived
from orchestration.readiness.drawn import WITHOUT_REVIEW
from orchestration.readiness.findings import BLOCKS
from orchestration.readiness.rules import Definition, Facts, Lack, rule


@rule("waiver", BLOCKS, gettext_lazy("Waivers have an end, signed"))
def waiver(definition: Definition, facts: Facts) -> Iterator[Lack | None]:
    """Only where somebody would have to decide."""
    for step in definition.placed:
        if step.spec["kind"] in WITHOUT_REVIEW:
            continue
        for key, review in waived.places(step.spec).items():
            if "waiver" not in review:
                continue
            section = "review" if key == step.key else "call_review"
            told = _wrong(definition.document["slug"], key, review["waiver"], facts)
            yield Lack(*told, step, (section, "waiver")) if told else None


def _wrong(slug: str, key: str, said: Any, facts: Facts) -> tuple[str, str] | None:
    """What is wrong with a waiver, and how it is mended. Its shape is looked at by another rule."""
    if isinstance(said, str):
        return _("The waiver has no end."), _("Say waiver: {reason: …, until: a date}.")
    if not isinstance(said, dict) or not isinstance(said.get("reason"), str):
        return None
    if (stands := waived.read({"waiver": said})) is None:
        return None
    if stands.is_over(facts.today):
        return _("The waiver ended on %s.") % stands.until, _("Let somebody decide here, or have a new waiver signed.")
    signed = facts.signed(slug, key, stands.content_hash)
    if signed is None:
        return _("No second person has signed the waiver."), _("Ask somebody to sign it.")
    if signed < facts.today:
        return _("The signature under the waiver held until %s.") % signed, _("Ask somebody to sign it again.")
    return None
