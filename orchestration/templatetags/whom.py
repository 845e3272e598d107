"""Filters of a review section: who decides first, and who else."""

from typing import Any

from django import template

from orchestration.explain import whom

register = template.Library()


@register.filter
def decides(review: Any) -> str:
    """Who decides first at a review point."""
    return whom.first(review) if isinstance(review, dict) else ""


@register.filter
def decides_too(review: Any) -> str:
    """Who else does, how many are enough, and who is named."""
    return " ".join(whom.sentences(review)) if isinstance(review, dict) else ""
