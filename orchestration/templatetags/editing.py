"""Tags of the editor: what an expression came to in a past run, and what parts of a form are called."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.templatetags.visible import visible
from orchestration import callables
from orchestration.editing import scope
from orchestration.editing.scope import Name
from orchestration.editing.steps import Place
from orchestration.explain import lacks
from orchestration.readiness import Finding
from orchestration.templatetags.flow import spelled

register = template.Library()

PARTS: dict[str, str | Promise] = {
    "see": _("May see"),
    "run": _("May run"),
    "start": _("May start"),
    "decide": _("May decide"),
    "manage": _("May manage"),
    "seconds": _("s a try"),
    "total_seconds": _("s in all"),
    "tries": _("tries"),
    "turns": _("turns"),
    "calls": _("calls"),
    "fan_out": _("calls a turn"),
    "repeats": _("same calls"),
    "tokens": _("tokens"),
    "cost": _("USD"),
    "minutes": _("minutes"),
    "days": _("days"),
    "runs": _("runs"),
    "steps": _("steps"),
    "for_run": _("a run"),
    "for_month": _("a month"),
    "currency": _("currency"),
    "title": _("Title"),
    "summary": _("Summary"),
    "sentence": _("Sentence"),
    "confidence": _("Confidence"),
}


@register.filter
def part_label(name: str) -> str:
    """What a part of a field is called."""
    return str(PARTS.get(name, name))


@register.simple_tag(takes_context=True)
def came_to(context: Context, text: str) -> SafeString:
    """What an expression came to in the past run that is looked at; why it could not be worked out, in its title."""
    past = context.get("past")
    if past is None or not text:
        return SafeString("")
    tried = scope.attempt(text, past)
    if tried.ok:
        return format_html('<span class="pv">{}</span>', visible(tried.text))
    return format_html('<span class="pv no" title="{}">{}</span>', tried.text, _("no value in that run"))


@register.filter
def blocking(lines: Iterable[lacks.Line]) -> int:
    """How many things keep a draft from being published."""
    return sum(line.blocks for line in lines)


@register.filter
def as_options(names: Iterable[Name]) -> list[dict[str, str]]:
    """Names for the page's script."""
    return [{"text": name.text, "was": name.was} for name in names]


@register.filter
def field_of(one: Finding) -> str:
    """The field of the form that a finding is about; nothing where it is about none."""
    return lacks.field_of(one)


@register.filter
def waived_at(one: Finding) -> str:
    """The key under which the waiver is signed that a finding is about."""
    return callables.key_of(one.step, "calls") if lacks.field_of(one) == "call_review" else one.step


@register.simple_tag
def gutter(count: int) -> SafeString:
    """The numbers beside a text of so many lines, in one piece, since there are thousands of them."""
    return SafeString("".join([f'<i id="line-{number}">{number}</i>' for number in range(1, count + 1)]))


@register.simple_tag
def place_options(places: Iterable[Place], selected: str = "") -> SafeString:
    """The places where a step can stand, as options of a list; in one piece, since there are hundreds of them."""
    return _options(tuple(places), selected)


@lru_cache(maxsize=64)
def _options(places: tuple[Place, ...], selected: str) -> SafeString:
    options = ((one.key, SafeString(" selected" if one.key == selected else ""), spelled(one.said)) for one in places)
    return format_html_join("", '<option value="{}"{}>{}</option>', options)
