"""Words that several sentences share."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from orchestration import tools


def listed(names: Iterable[str]) -> str:
    """Names as a list in words: "a, b and c"."""
    *first, last = [*names] or [""]
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def leaves(name: str) -> bool:
    """Whether others see what a tool does; of one that is not there any more, nobody knows."""
    tool = tools.TOOLS.get(name)
    return tool is None or tool.leaves_house
