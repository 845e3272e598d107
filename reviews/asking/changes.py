"""Who changed what: the parts of a content that somebody edited, down to the fields of nested objects and lists."""

from typing import Any

MOST = 200  # parts that are named; of more, what holds them
DEEPEST = 12

type Change = dict[str, Any]  # at (the way to it), before, after; one that came or went lacks the other side


def between(before: Any, after: Any) -> list[Change]:
    """Each part that differs. Lists are compared place by place."""
    found = list(_between(before, after, []))
    return found if len(found) <= MOST else [{"at": [], "before": before, "after": after}]


def paths(changes: list[Change]) -> list[str]:
    """Where they are, as text: recipients.2.name."""
    return [".".join(str(part) for part in one["at"]) for one in changes]


def _between(before: Any, after: Any, at: list[str | int]) -> list[Change]:
    if before == after and type(before) is type(after):
        return []
    if len(at) < DEEPEST and isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [one for name in names for one in _part(before, after, name, name in before, name in after, at)]
    if len(at) < DEEPEST and isinstance(before, list) and isinstance(after, list):
        places = range(max(len(before), len(after)))
        return [one for n in places for one in _part(before, after, n, n < len(before), n < len(after), at)]
    return [{"at": at, "before": before, "after": after}]


def _part(before: Any, after: Any, name: Any, was: bool, is_there: bool, at: list[str | int]) -> list[Change]:
    here = [*at, name]
    if was and is_there:
        return _between(before[name], after[name], here)
    return [{"at": here, "before": before[name]}] if was else [{"at": here, "after": after[name]}]
