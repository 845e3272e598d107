"""`{% load told %}{% told event as said %}`: an event as a sentence, with its icon and tone."""

from django import template

from audit.models import Event
from audit.reading.told import Told, tell

register = template.Library()


@register.simple_tag
def told(event: Event) -> Told:
    """`said.drawn`, `said.tone` and `said.text`. Load `personal` with the event: it is read here."""
    return tell(event)
