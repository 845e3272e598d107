"""What is checked about an item before somebody decides: each a line with its result, none of them a decision."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.templatetags.figures import score
from audit.templatetags.visible import is_plain
from orchestration import tools
from reviews import decisions, points
from reviews.desk import fields
from reviews.models import UNSURE, Review


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is about, whether it is in order, and what was found where it is not."""

    name: str
    ok: bool
    found: str = ""


def of(review: Review) -> list[Check]:
    """Every check that applies to an item. No query."""
    checks = [_fits(review), _plain(review)]
    return [*checks, _sure(review)] if "confidence" in points.section(review.step_run) else checks


def all_green(review: Review) -> bool:
    """Whether nothing stands out."""
    return all(check.ok for check in of(review))


def _fits(review: Review) -> Check:
    name = _("Every field holds what it is for")
    if (tool := _tool(review)) and tool not in tools.TOOLS:
        return Check(name, ok=False, found=_("The tool is not installed."))
    found = decisions.misfits(review)
    return Check(name, ok=not found, found=", ".join(dict.fromkeys(field for field, _told in found if field)))


def _plain(review: Review) -> Check:
    name = _("No hidden characters")
    hidden = [key for key, value in review.arguments.items() if not is_plain(fields.as_text(value))]
    return Check(name, ok=not hidden, found=", ".join(hidden))


def _sure(review: Review) -> Check:
    name = _("The stated confidence is not low")
    if review.confidence is None:
        return Check(name, ok=False, found=_("None was stated."))
    return Check(name, ok=review.confidence >= UNSURE, found=score(review.confidence))


def _tool(review: Review) -> str:
    content: dict[str, Any] = review.content
    return str(content.get("tool", "")).partition("@")[0]
