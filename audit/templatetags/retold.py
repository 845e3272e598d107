"""Sentences that were kept, in the reader's language."""

from django import template

from audit import retelling

register = template.Library()


@register.filter
def retold(text: object) -> str:
    """A sentence of our own as the reader's language says it: `{{ held.error|retold|visible }}`."""
    return retelling.retold(str(text or ""))
