"""Giving a definition another slug in its own text: one line changes, and nothing else."""

import re

import yaml
from django.utils.translation import gettext as _

from orchestration.documents import BadDocument, Problem
from orchestration.documents.composing import Loader
from orchestration.documents.loading import Unreadable, load

BREAKS = re.compile("(\r\n|[\r\n\x85\u2028\u2029])")


def renamed(source: str, slug: str) -> str:
    """The same text with that slug, or `BadDocument` where it cannot be told where the slug stands."""
    changed = _replaced(source, slug)
    if changed is None or not _is_same_but_for_slug(source, changed, slug):
        told = _("The slug cannot be changed in this text by itself. Change it in the file, then import that.")
        raise BadDocument([Problem(told, ("slug",), line=load(source).lines.of(("slug",)))])
    return changed


def _replaced(source: str, slug: str) -> str | None:
    node = Loader(source).get_single_node()
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    value = next((value for key, value in pairs if key.value == "slug"), None)
    if value is None or value.start_mark.line != value.end_mark.line:
        return None
    parts = BREAKS.split(source)  # lines, and between them what ends them
    at = 2 * value.start_mark.line
    line = parts[at]
    parts[at] = line[: value.start_mark.column] + slug + line[value.end_mark.column :]
    return "".join(parts)


def _is_same_but_for_slug(source: str, changed: str, slug: str) -> bool:
    try:
        was, now = load(source).value, load(changed).value
    except Unreadable:
        return False
    return isinstance(now, dict) and now == {**was, "slug": slug}
