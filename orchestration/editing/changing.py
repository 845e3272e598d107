"""What a form sends, put into the text of a draft field by field: two people at two fields both keep theirs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration import documents
from orchestration.documents import BadDocument, writing
from orchestration.documents.loading import loaded
from orchestration.documents.outline import Placed, Spec, alone, walk
from orchestration.documents.problems import Path
from orchestration.documents.writing import MISSING, CannotWrite
from orchestration.editing.fields import OF_WORKFLOW as WORKFLOW_FIELDS
from orchestration.editing.fields import WHOLE, Field, named, of_step
from orchestration.editing.orders import ORDER, ORDER_OF_WORKFLOW
from orchestration.editing.widgets import Wrong

ASKING = {"review", "call_review", "asks"}  # parts of a step that name a group which is asked
STEP_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass
class Changed:
    """The text with what could be put into it. `problems` says by field what could not, and why.

    `clashed` names fields that somebody else changed meanwhile; `theirs` is then the text with them as they were sent.
    """

    source: str
    key: str
    problems: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)  # in which folded part of a field its problem stands
    clashed: list[Field] = field(default_factory=list)
    ours: str = ""


class NoSuchStep(LookupError):
    """The draft has no such step any more."""


@dataclass(frozen=True, slots=True)
class Part:
    """A step of a draft, or the workflow itself, with its fields."""

    path: Path
    spec: Spec
    fields: dict[str, Field]
    order: tuple[str, ...]
    keys: frozenset[str]


def part(source: str, key: str) -> Part:
    """What a form is about; `NoSuchStep`, or `BadDocument` where the text cannot be looked through."""
    sketch = documents.sketch(source)
    raw, placed = loaded(source).value, list(walk(sketch.document))
    keys = frozenset(one.key for one in placed)
    if key == WHOLE:
        return Part((), raw, named(WORKFLOW_FIELDS), ORDER_OF_WORKFLOW, keys)
    found: Placed | None = next((one for one in placed if one.key == key), None)
    if found is None:
        raise NoSuchStep(key)
    return Part(found.path, writing.value_at(raw, found.path), named(of_step(found.spec["kind"])), ORDER, keys)


def shown(about: Part) -> Spec:
    """What the form shows of it: without the steps that stand inside."""
    spec = {name: value for name, value in about.spec.items() if name in about.fields}
    return _alone(spec)


def _alone(spec: Spec) -> Spec:
    return {**alone(spec), **{name: spec[name] for name in ("fallback",) if isinstance(spec.get(name), str)}}


def change(source: str, key: str, sent: QueryDict) -> Changed:
    """Put the fields that were sent into the text. `was.FIELD` is what the form showed when it was opened."""
    about = part(source, key)
    made = Changed(source, key, ours=source)
    for name in dict.fromkeys(sent.getlist("field")):
        if name in about.fields:
            _field(made, about, about.fields[name], sent, _was(sent, name))
    return made


def _was(sent: QueryDict, name: str) -> Any:
    try:
        return json.loads(str(sent[f"was.{name}"]))
    except (KeyError, ValueError, RecursionError):
        return MISSING


def _field(made: Changed, about: Part, one: Field, sent: QueryDict, was: Any) -> None:
    now = about.spec.get(one.name, MISSING)
    stands = shown(about).get(one.name, MISSING)
    untouched = stands == was
    try:
        value = _read(one, about, sent, now if untouched else was)
        if value == now or _same(value, now, one) or _untouched_here(value, was, one):
            return
        if not untouched:
            made.clashed.append(one)
            made.ours = _written(made.ours, about, one, value)
            return
        written = _written(made.source, about, one, value)
        made.ours = written if made.ours == made.source else _written(made.ours, about, one, value)
        made.source = written
        if one.name == "key" and about.path:
            made.key = str(value)
    except (Wrong, CannotWrite) as error:
        made.problems[one.name] = str(error)
        made.parts[one.name] = error.part if isinstance(error, Wrong) else ""
    except BadDocument as error:
        made.problems[one.name] = " ".join(str(told.told) for told in error.problems[:3])


def _untouched_here(value: Any, was: Any, one: Field) -> bool:
    """Whether the form sends what it showed: whatever others made of it since stays."""
    return bool(_alone({one.name: value}).get(one.name, MISSING) == was) or _same(value, was, one)


def _same(value: Any, now: Any, one: Field) -> bool:
    """Whether nothing stands there in both: an empty list or mapping, or nothing at all."""
    return value == one.empty and now is MISSING


def _read(one: Field, about: Part, sent: QueryDict, before: Any) -> Any:
    value = one.widget.read(one.name, sent, None if before is MISSING else before)
    if one.name == "fallback" and value is MISSING and isinstance(before, dict):
        return before  # a step stands there: it is removed as steps are
    if value is MISSING:
        if one.needed and before is not MISSING:  # an agent that has a name says it
            raise Wrong(_("This cannot be empty."))
        return one.empty
    if one.name == "key" and about.path:
        _check_key(str(value), about)
    return value


def _check_key(key: str, about: Part) -> None:
    if not STEP_KEY.fullmatch(key):
        raise Wrong(_("Use small letters, digits and underscores, beginning with a letter."))
    if key in about.keys and key != about.spec.get("key"):
        raise Wrong(_("Another step has the key %s.") % key)


def _written(source: str, about: Part, one: Field, value: Any) -> str:
    made = writing.update(source, (*about.path, one.name), value, order=about.order)
    if one.name == "key" and about.path:
        made = _renamed(made, str(about.spec.get("key", "")), str(value))
    if one.name in ASKING and isinstance(value, dict) and value.get("group"):
        made = _admitted(made, str(value["group"]))
    documents.sketch(made)
    return made


def _admitted(source: str, group: str) -> str:
    """Who is asked may decide on the workflow, and see what it is about: else the question would wait for nobody."""
    for may in ("decide", "see"):
        listed = loaded(source).value["groups"][may]
        if group not in listed:
            source = writing.update(source, ("groups", may), [*listed, group])
    return source


def _renamed(source: str, old: str, new: str) -> str:
    """Every expression that read the step reads it under its new key; so do gates and test cases that name it."""
    made = re.sub(rf"\bsteps\.{re.escape(old)}\b(?!-)", f"steps.{new}", source)
    made = re.sub(rf"\bsteps\[(['\"]){re.escape(old)}\1\]", f"steps.{new}", made)
    made = re.sub(rf"(?<![.\w])last\.{re.escape(old)}\b(?!-)", f"last.{new}", made)
    made = re.sub(rf"(\bsteps\.\w+\.outputs)\.{re.escape(old)}\b(?!-)", rf"\1.{new}", made)
    for path, value in _named(loaded(made).value, old):
        made = _moved(made, path, value, old, new)
    return made


def _named(document: Spec, old: str) -> Iterator[tuple[Path, Any]]:
    """Where a step is named by its key alone: what gates release, agents hand over to, and test cases say."""
    try:
        placed = list(walk(document))
    except (KeyError, TypeError):
        return
    for one in placed:
        if old in one.spec.get("releases", []):
            yield (*one.path, "releases"), one.spec["releases"]
        for place, way in enumerate(one.spec.get("hands_over", [])):
            if way.get("to") == old:
                yield (*one.path, "hands_over", place, "to"), old
        yield from _led(one.spec, one.path, old)
    for number, case in enumerate(document.get("tests", [])):
        for name in ("stops_at", "recorded"):
            if old in case.get(name, ()):
                yield ("tests", number, name), case[name]


def _led(spec: Spec, path: Path, old: str) -> Iterator[tuple[Path, Any]]:
    """Where own outcomes of a review lead to it, or what may be sent back goes."""
    review = spec.get("review")
    outcomes = review.get("outcomes") if isinstance(review, dict) else None
    for place, one in enumerate(outcomes if isinstance(outcomes, list) else []):
        if isinstance(one, dict) and one.get("to") == old:
            yield (*path, "review", "outcomes", place, "to"), old
    back = review.get("back") if isinstance(review, dict) else None
    to = back.get("to") if isinstance(back, dict) else None
    if isinstance(to, list) and old in to:
        yield (*path, "review", "back", "to"), to


def _moved(source: str, path: Path, value: Any, old: str, new: str) -> str:
    if isinstance(value, str):
        return writing.put(source, path, new)
    if isinstance(value, dict):
        return writing.put(source, path, {new if name == old else name: one for name, one in value.items()})
    return writing.put(source, path, [new if name == old else name for name in value])
