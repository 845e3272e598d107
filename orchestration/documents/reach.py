"""What the expressions of a document may read: only what is there when they are worked out."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestration.documents import naming
from orchestration.documents.outline import DECISION, MANY_TIMES, MAP, REPEAT, Placed, Spec, inside, walk
from orchestration.documents.problems import Path, Problem
from orchestration.expressions import BadExpression
from orchestration.models.definitions import StepRole
from orchestration.references import answers_read, names_read, steps_read

type Keys = frozenset[str]

ALWAYS = frozenset({"input", "steps", "run"})
IN_MAP = frozenset({"item", "index"})
IN_REPEAT = frozenset({"last", "round"})
NOTHING: Keys = frozenset()
UNTIL = ("until",)
LONGEST = 500  # characters of a problem
QUOTE = "Name what there is, as in input.name. A fixed text stands in quotes: 'like this'."


class Text(NamedTuple):
    """An expression: where it stands in its step or document, and which names it may read beside the usual ones."""

    path: Path
    text: str
    names: Keys = NOTHING

    @property
    def where(self) -> str:
        """The place in words."""
        return " ".join(str(part) for part in self.path if not isinstance(part, int))


def check(document: Spec) -> tuple[dict[str, Keys], list[Problem]]:
    """The keys that each step can read when it begins, and what is wrong with expressions."""
    reach = _Reach(document)
    reach.read(Text(("title",), document["title"]), frozenset({"input"}), None)
    if "key" in document.get("limits", {}):
        reach.read(Text(("limits", "key"), document["limits"]["key"]), frozenset({"input"}), None)
    end = reach.sequence(document["steps"], NOTHING, ALWAYS)
    for name, text in document.get("result", {}).items():
        reach.read(Text(("result", name), text), ALWAYS, end)
    for number, case in enumerate(document.get("tests", [])):
        for place, text in enumerate(case["expect"].get("output", [])):
            path = ("tests", number, "expect", "output", place)
            reach.read(Text(path, text, frozenset({"output"})), ALWAYS, end)
    return reach.known, reach.problems


def texts(spec: Spec) -> Iterator[Text]:
    """Every expression of a step itself, without the steps inside it."""
    for name, text in spec.get("input", {}).items():
        yield Text(("input", name), text)
    for name in ("label", "success", "over", "until", "for_seconds"):
        if isinstance(spec.get(name), str):
            yield Text((name,), spec[name])
    for place, branch in enumerate(spec.get("branches", [])):
        if "if" in branch:
            yield Text(("branches", place, "if"), branch["if"])
    for place, way in enumerate(spec.get("hands_over", [])):
        for name, text in way.get("keeps", {}).items():
            yield Text(("hands_over", place, "keeps", name), text, frozenset({"why", "calls"}))
    if "match" in spec:
        yield Text(("match",), spec["match"], frozenset({"event"}))
    if "confidence" in spec:
        yield Text(("confidence",), spec["confidence"], frozenset({"output"}))
    yield from _metrics(spec.get("metrics", []))
    yield from _review(spec.get("review", {}))


def _metrics(metrics: list[Spec]) -> Iterator[Text]:
    for place, metric in enumerate(metrics):
        for name in ("expression", "of"):
            if name in metric:
                yield Text(("metrics", place, name), metric[name], frozenset({"output"}))


def _review(review: Spec) -> Iterator[Text]:
    """Its expressions, as far as its shape can be told; `reviews.points` checks the shape."""
    found: list[tuple[Path, Any]] = [((name,), review.get(name)) for name in ("title", "summary", "confidence")]
    if isinstance(evidence := review.get("evidence"), dict):
        found += [(("evidence", name), text) for name, text in evidence.items()]
    if isinstance(listed := review.get("why"), list):
        found += [(("why", place, "if"), one.get("if")) for place, one in enumerate(listed) if isinstance(one, dict)]
    found += [((*path, name), one.get(name)) for path, one in naming.entries(review) for name in ("if", "expr")]
    if isinstance(only := review.get("only"), dict):
        found.append((("only", "if"), only.get("if")))
    for path, text in found:
        if isinstance(text, str):
            yield Text(("review", *path), text, frozenset({"act", "output"}))
    for place, field in enumerate(form if isinstance(form := review.get("form"), list) else []):
        for name, more in (("shown_when", {"form"}), ("prefill", set[str]())):
            if isinstance(field, dict) and isinstance(text := field.get(name), str):
                yield Text(("review", "form", place, name), text, frozenset({"act", "output"} | more))


class _Reach:
    """Goes through the document as a run would, and keeps what can be read at each place."""

    def __init__(self, document: Spec) -> None:
        self.placed = {placed.key: placed for placed in walk(document)}
        self.order = {key: place for place, key in enumerate(self.placed)}
        self.known: dict[str, Keys] = {}
        self.problems: list[Problem] = []

    def sequence(self, steps: list[Spec], known: Keys, names: Keys) -> Keys:
        """Read the steps one after the other; what can be read after them."""
        for spec in steps:
            known = self.step(spec, known, names)
        return known

    def step(self, spec: Spec, known: Keys, names: Keys) -> Keys:
        """Read a step and what belongs to it; what can be read after it."""
        self._own(spec, known, names)
        after = self._inside(spec, known, names) | {spec["key"]}
        if "compensate" in spec:
            self._own(spec["compensate"], after, names)
        if isinstance(spec.get("fallback"), dict):
            self._own(spec["fallback"], known, names)
            after |= {spec["fallback"]["key"]}
        return after

    def _own(self, spec: Spec, known: Keys, names: Keys) -> None:
        self.known[spec["key"]] = known
        for found in texts(spec):
            if spec["kind"] == REPEAT and found.path == UNTIL:
                continue  # it reads what a round came to
            self.read(found, names, known, spec["key"])

    def _inside(self, spec: Spec, known: Keys, names: Keys) -> Keys:
        """A decision's branches know that it is decided; the steps of a map or a repeat are seen by nobody outside."""
        around = known | {spec["key"]} if spec["kind"] == DECISION else known
        if spec["kind"] == MAP:
            self.sequence(spec["steps"], around, names | IN_MAP)
            return known
        if spec["kind"] == REPEAT:
            end = self.sequence(spec["steps"], around, names | IN_REPEAT)
            self.read(Text(UNTIL, spec["until"]), names | IN_REPEAT, end, spec["key"])
            return known
        return known.union(*(self.sequence(steps, around, names) for _, steps in inside(spec)))

    def read(self, found: Text, names: Keys, known: Keys | None, reader: str = "") -> None:
        """Note what is wrong with one expression; `known` is None where it may read no steps at all."""
        try:
            strange = sorted(names_read(found.text) - names - found.names)
            keys = sorted(steps_read(found.text)) if known is not None else []
            answers = sorted(answers_read(found.text)) if known is not None else []
        except BadExpression as error:
            self._note(found, str(error), reader)
            return
        for name in strange:
            self._note(found, f"reads {name!r}, which is not there.", reader, reads=True, mend=QUOTE)
        for key in keys:
            if key not in (known or NOTHING):
                self._note(found, f"reads steps.{key}, which {self._why(key, reader)}.", reader, reads=True)
        for key, name in answers:
            if key in (known or NOTHING) and not self._asks(key, name):
                self._note(found, f"reads steps.{key}.form.{name}, which nobody is asked there.", reader, reads=True)

    def _asks(self, key: str, name: str) -> bool:
        """Whether the form of a step has a field; a step that gives something called form itself is not looked into."""
        spec = self.placed[key].spec
        if "form" in (spec.get("output") or {}).get("properties", {}) or "form" in spec.get("input", {}):
            return True
        form = spec.get("review", {}).get("form")
        fields = form if isinstance(form, list) else []
        stood_in = spec.get("fallback") if isinstance(spec.get("fallback"), dict) else {}
        fields = [*fields, *((stood_in or {}).get("review", {}).get("form") or [])]
        return any(isinstance(one, dict) and one.get("name") == name for one in fields)

    def _note(self, found: Text, told: str, reader: str, *, reads: bool = False, mend: str = "") -> None:
        path = (*self.placed[reader].path, *found.path) if reader else found.path
        self.problems.append(Problem(told[:LONGEST], path, reader, found.where, mend=mend, reads=reads))

    def _why(self, key: str, reader: str) -> str:
        """Why a step's output cannot be read."""
        if key not in self.placed:
            return "is no step here"
        if key == reader:
            return "is the step itself"
        if (around := self._many_between(key, reader)) is not None:
            return f"stands inside {around!r} and cannot be seen from outside"
        if self.placed[key].role == StepRole.COMPENSATION:
            return "only undoes another step"
        if key in self._around(reader):
            return "is not done before what is inside it"
        if reader and self.order[key] > self.order[reader]:
            return "comes later"
        return "stands in another branch, or need not have been done"

    def _around(self, key: str) -> Iterator[str]:
        placed: Placed | None = self.placed.get(key)
        while placed is not None and placed.parent_key is not None:
            if placed.role == StepRole.STEP:
                yield placed.parent_key
            placed = self.placed[placed.parent_key]

    def _many_between(self, key: str, reader: str) -> str | None:
        """The map or repeat that `key` stands inside of and `reader` does not."""
        inner = set(self._around(reader))
        many = (other for other in self._around(key) if self.placed[other].spec["kind"] in MANY_TIMES)
        return next((other for other in many if other not in inner and other != reader), None)
