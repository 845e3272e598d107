"""Show what would hide: control, zero-width and direction-changing characters, as their codes."""

import unicodedata

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

register = template.Library()

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_PLAIN = frozenset("\n\t")
_BLANK = frozenset(map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)))
_SELECTORS = range(0xE0100, 0xE01F0)
_FIRST_SELECTOR = chr(_SELECTORS.start)


def hides(char: str) -> bool:
    """Whether a character leaves no mark of its own on the page, or changes how others are read."""
    if char in _PLAIN:
        return False
    return unicodedata.category(char) in _HIDDEN or char in _BLANK or ord(char) in _SELECTORS


@register.filter
def visible(text: object) -> SafeString:
    """Escaped text in which every hidden character stands as its code, such as U+202E."""
    plain = str(text or "").replace("\r\n", "\n")
    if is_plain(plain):
        return escape(plain)
    return SafeString("".join(_shown(char) if hides(char) else str(escape(char)) for char in plain))


def is_plain(text: str) -> bool:
    """The quick answer for nearly every text: nothing in it hides. What it doubts is looked at one by one."""
    return text.replace("\n", "").isprintable() and _BLANK.isdisjoint(text) and max(text, default="") < _FIRST_SELECTOR


def _shown(char: str) -> str:
    name = escape(unicodedata.name(char, "control character").lower())
    return f'<span class="code-point" title="{name}">U+{ord(char):04X}</span>'
