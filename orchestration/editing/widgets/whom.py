"""Who fills the places of a review: people of several kinds, in order or side by side, how many, and who is named."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text, texts
from orchestration.explain.whom import KINDS

PARTS = ("kind", "name", "if", "skill")
CALLED = {
    "group": gettext_lazy("a group"),
    "person": gettext_lazy("a person, by login"),
    "holds": gettext_lazy("whoever holds a permission here"),
    "manager": gettext_lazy("the owner’s manager"),
    "expr": gettext_lazy("whom an expression names"),
}
HELD = ("decide", "manage", "start")
ASSIGNS = ("least_loaded", "in_turn")
EMPTY = {"kind": "", "name": "", "if": "", "skill": ""}


def show(review: dict[str, Any], choices: Choices) -> dict[str, Any]:
    """What the template needs of a review section, whatever shape it has."""
    listed = review.get("then")
    later = [_row(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    who = review.get("who")
    return {
        "first": _row(who) if isinstance(who, dict) else EMPTY,
        "then": [*later, EMPTY],
        "kinds": list(CALLED.items()),
        "names": sorted({*choices.groups, *(login for login, _name in choices.people), *HELD}),
        "of": review.get("of", ""),
        "side_by_side": bool(review.get("side_by_side")),
        "assign": review.get("assign", ""),
    }


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, with what was sent in the place of what the document says."""
    if f"{name}.then.kind" not in sent:
        return shown
    first, then = (_sent(f"{name}.{place}", sent) for place in ("who", "then"))
    chosen = {key: text(sent, f"{name}.{key}") for key in ("of", "assign")}
    return (
        shown | chosen | {"first": first[0] if first else EMPTY, "then": then, "side_by_side": f"{name}.side" in sent}
    )


def read(name: str, sent: QueryDict, made: dict[str, Any]) -> None:
    """Put what was sent into the section; a form that has no places leaves them as they are."""
    if f"{name}.then.kind" not in sent:
        return
    first = _read(f"{name}.who", sent)
    if len(first) == 1 and made.get("group"):
        raise Wrong(_("Choose a group, or say below who fills the first place: not both."))
    then = _read(f"{name}.then", sent)
    enough = number(text(sent, f"{name}.of"), whole=True)
    given = {
        "who": first[0] if first else MISSING,
        "then": then or MISSING,
        "of": enough,
        "side_by_side": True if text(sent, f"{name}.side") == "on" else MISSING,
        "assign": assign if (assign := text(sent, f"{name}.assign")) in ASSIGNS else MISSING,
    }
    for key, value in given.items():
        if value is MISSING:
            made.pop(key, None)
        else:
            made[key] = value


def _row(entry: dict[str, Any]) -> dict[str, str]:
    kind = next((kind for kind in KINDS if entry.get(kind)), "")
    named = "" if kind in ("", "manager") else str(entry[kind])
    return {"kind": kind, "name": named, "if": str(entry.get("if", "")), "skill": str(entry.get("skill", ""))}


def _sent(name: str, sent: QueryDict) -> list[dict[str, str]]:
    columns = (texts(sent, f"{name}.{part}") for part in PARTS)
    return [dict(zip(PARTS, row, strict=True)) for row in zip(*columns, strict=False)]


def _read(name: str, sent: QueryDict) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for row in _sent(name, sent):
        kind, named, condition, skill = row.values()
        if not kind and not (named or condition or skill):
            continue
        if kind not in CALLED:
            raise Wrong(_("Say which kind of people fill the place of %s.") % (named or condition or skill)[:60])
        if kind != "manager" and not named:
            raise Wrong(_("Say whom you mean by: %s.") % CALLED[kind])
        if kind == "holds" and named not in HELD:
            raise Wrong(_("A permission is one of decide, manage and start: %s is none.") % named[:60])
        one: dict[str, Any] = {kind: True if kind == "manager" else named}
        made.append(one | ({"if": condition} if condition else {}) | ({"skill": skill} if skill else {}))
    return made
