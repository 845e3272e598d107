"""Tags for what machines do: names of groups, JSON as people read it, and lines of a document."""

import json
import re
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.templatetags.visible import hides, is_plain, visible
from orchestration.explain import groups

register = template.Library()

_JSON_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(: )(.*)$')
_YAML_KEY = re.compile(r"^(\s*(?:- )?)([\w-]+)(:)( .*|)$")


@register.filter
def called(name: str) -> str:
    """A group's name in the plural: "reviewer" -> "Reviewers"."""
    return groups.called(name)


@register.filter
def spelled(text: object) -> str:
    """As `visible`, for attributes, titles and SVG, which hold no markup: hidden characters as [U+202E]."""
    plain = str(text or "")
    return plain if is_plain(plain) else "".join(f"[U+{ord(char):04X}]" if hides(char) else char for char in plain)


@register.filter
def wide(share: float | None) -> str:
    """A share from 0 to 1 as a length in SVG, whatever the reader's language: 0.125 -> "12.50%"."""
    return f"{min(max(float(share or 0), 0.0), 1.0) * 100:.2f}%"


@register.filter
def pretty(value: Any) -> SafeString:
    """JSON, indented, its keys marked; hidden characters show as codes."""
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return format_html_join("\n", "{}", ((_line(_JSON_KEY.match(line), line),) for line in lines))


@register.filter
def yaml_line(line: str) -> SafeString:
    """One line of a document, its key marked."""
    return _line(_YAML_KEY.match(line), line)


def _line(found: re.Match[str] | None, line: str) -> SafeString:
    if found is None:
        return visible(line)
    indent, key, colon, rest = found.groups()
    return format_html("{}<b>{}</b>{}{}", indent, visible(key), colon, visible(rest))
