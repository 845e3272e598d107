"""Whom a place of a review asks, in words: a group, a person, who holds a permission, a manager, an expression."""

from typing import Any

from django.utils.translation import gettext as _

from orchestration.documents import naming
from orchestration.explain.groups import called

KINDS = ("group", "person", "holds", "manager", "expr")


def names(entry: dict[str, Any]) -> bool:
    """Whether a place names anybody."""
    return any(entry.get(kind) for kind in KINDS)


def said(entry: dict[str, Any]) -> str:
    """Whom a place of a document asks, in the plural or by name."""
    kind = next((kind for kind in KINDS if entry.get(kind)), "")
    return of(kind, str(entry.get(kind, "")), str(entry.get("skill", "")))


def of(kind: str, name: str, skill: str = "") -> str:
    """The same, of a kind and what it names."""
    match kind:
        case "group" if name:
            told = called(name)
        case "person" if name:
            told = name
        case "holds":
            told = {
                "decide": _("Everybody who may decide here"),
                "manage": _("Everybody who manages the workflow"),
                "start": _("Everybody who may start it"),
            }.get(name, name)
        case "manager":
            told = _("The manager of the workflow’s owner")
        case "expr":
            told = _("Whoever %s comes to") % name
        case _:
            told = _("People to be named")
    return _("%(who)s with the skill “%(skill)s”") % {"who": told, "skill": skill} if skill else told


def first(review: dict[str, Any]) -> str:
    """Who decides first at a review point, as far as a draft says it."""
    found = next((entry for _path, entry in naming.entries(review) if names(entry)), None)
    return said(found) if found is not None else _("People to be named")


def sentences(review: dict[str, Any]) -> list[str]:
    """Who else approves, in which order, how many are enough, and who is named."""
    places = [entry for _path, entry in naming.entries(review)]
    told = []
    if (condition := places[0].get("if")) if places else "":
        told.append(_("They are asked only if %s.") % condition)
    for entry in places[1:]:
        told.append(_later(entry, beside=bool(review.get("side_by_side"))))
    enough, count = review.get("of"), len(places)
    if isinstance(enough, int) and count > 1 and enough < count:
        words = {"enough": enough, "count": count}
        told.append(_("%(enough)d of these %(count)d are enough.") % words)
    if review.get("assign") == "least_loaded":
        told.append(_("It is given to the one who has the fewest."))
    elif review.get("assign") == "in_turn":
        told.append(_("They are given it in turn."))
    return told


def _later(entry: dict[str, Any], *, beside: bool) -> str:
    words = {"group": said(entry), "condition": entry.get("if", "")}
    if beside and words["condition"]:
        return _("Beside them %(group)s approve, if %(condition)s: another person, on the same text.") % words
    if beside:
        return _("Beside them %(group)s approve: another person, on the same text.") % words
    if words["condition"]:
        return _("Then %(group)s approve as well, if %(condition)s: another person, on the same text.") % words
    return _("Then %(group)s approve as well: another person, on the same text.") % words
