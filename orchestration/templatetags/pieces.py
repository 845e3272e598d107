"""Pieces of pages that read nothing but what they are given: each is drawn once for what it shows, and remembered."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def piece(name: str, **given: Any) -> SafeString:
    """`{% piece "orchestration/_sentence.html" sentence=one %}`: it knows nothing else of the page, nor who reads it.

    What is given is plain, frozen values: a row of the database is equal to what it was before it changed.
    """
    if any(isinstance(one, Model) for one in given.values()):
        raise TypeError(f"{name} is given a row: rows change, and stay equal.")
    return _drawn(name, get_language(), timezone.get_current_timezone_name(), **given)


@register.simple_tag
def pieces(name: str, each: str, of: Iterable[Any], **given: Any) -> SafeString:
    """`{% pieces "orchestration/_sentence.html" "sentence" path %}`: one piece for each."""
    return SafeString("".join([piece(name, **{each: one}, **given) for one in of]))


@lru_cache(maxsize=4096, typed=True)
def _drawn(name: str, language: str, zone: str, /, **given: Any) -> SafeString:
    return SafeString(get_template(name).render(given).strip())
