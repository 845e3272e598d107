"""How one document differs from another: which steps came, went or changed, and in which fields."""

from dataclasses import dataclass, field
from typing import Any

from audit import differences
from audit.differences import Piece
from orchestration.documents.dumping import dump
from orchestration.documents.outline import Spec, alone, walk
from orchestration.editing import told
from orchestration.editing.fields import WHOLE

NEW, GONE, CHANGED, SAME = "new", "gone", "changed", "same"
MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs, as pieces of text."""

    name: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step of either document, or the workflow itself, and how it differs."""

    key: str
    name: str
    kind: str
    how: str
    moved: bool = False
    names: tuple[str, ...] = ()
    fields: list[FieldChange] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # of an agent: what that means

    @property
    def count(self) -> int:
        """How many changes it stands for."""
        return len(self.names) + self.moved if self.how == CHANGED else 1


def changes(before: Spec, after: Spec, *, words: bool = False) -> list[StepChange]:
    """What differs, in the order of the newer document, then what is gone. `words`: with the texts themselves."""
    old, new = _steps(before), _steps(after)
    found = [_compared(WHOLE, "", "", _top(before), _top(after), words=words)]
    order = {key: place for place, key in enumerate(key for key in old if key in new)}
    kept = [key for key in new if key in old]
    for key, (spec, around) in new.items():
        if key not in old:
            found.append(_compared(key, str(spec["name"]), str(spec["kind"]), {}, spec, words=words, how=NEW))
            continue
        moved = old[key][1] != around or _out_of_order(key, kept, order)
        found.append(_compared(key, str(spec["name"]), str(spec["kind"]), old[key][0], spec, words=words, moved=moved))
    for key, (spec, _) in old.items():
        if key not in new:
            found.append(_compared(key, str(spec["name"]), str(spec["kind"]), spec, {}, words=words, how=GONE))
    return [one for one in found if one.how != SAME]


def _compared(
    key: str, name: str, kind: str, before: Spec, after: Spec, *, words: bool, how: str = "", moved: bool = False
) -> StepChange:
    names = tuple(
        one for one in dict.fromkeys([*after, *before]) if before.get(one, MISSING) != after.get(one, MISSING)
    )
    how = how or (CHANGED if names or moved else SAME)
    shown = [FieldChange(one, _pieces(before, after, one)) for one in names] if words else []
    both = words and how == CHANGED and before.get("kind") == after.get("kind") == "agent"
    return StepChange(key, name, kind, how, moved, names, shown, list(told.sentences(before, after)) if both else [])


def _pieces(before: Spec, after: Spec, name: str) -> list[Piece]:
    return differences.pieces(_text(before.get(name, MISSING)), _text(after.get(name, MISSING)))


def _text(value: Any) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else dump(value).rstrip("\n")


def _steps(document: Spec) -> dict[str, tuple[Spec, tuple[str | None, int, str]]]:
    """Each step by itself, and what it stands in."""
    return {
        placed.key: (alone(placed.spec), (placed.parent_key, placed.branch, str(placed.role)))
        for placed in walk(document)
    }


def _top(document: Spec) -> Spec:
    return {name: value for name, value in document.items() if name != "steps"}


def _out_of_order(key: str, kept: list[str], order: dict[str, int]) -> bool:
    """Whether a step stands before one that it used to follow directly, or the other way round."""
    place = kept.index(key)
    return place > 0 and order[kept[place - 1]] > order[key]
