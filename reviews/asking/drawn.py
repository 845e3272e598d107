"""A form, own outcomes and the ways back as the item's page shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import User
from orchestration.ways import FORM, MODEL, OUTCOME, outcomes
from reviews.asking import answering, forms, reading, sent
from reviews.asking.reading import Read, Typed
from reviews.asking.section import Spec
from reviews.models import Draft, Review

LONG = 200  # characters from which a text gets several lines


@dataclass(frozen=True, slots=True)
class Cell:
    """One input of a row: its name in the form, what stands in it, and what is wrong with that."""

    column: Spec
    name: str
    text: str
    problem: str = ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What is chosen from."""
        return labels(self.column)


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: how it is asked, what stands in it, and what is wrong with that."""

    spec: Spec
    value: Any
    problem: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in the form."""
        return reading.PREFIX + str(self.spec["name"])

    @property
    def text(self) -> str:
        """What stands in it, where it is one text."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def is_long(self) -> bool:
        """Whether it takes several lines."""
        return self.spec["type"] == "text" and ("\n" in self.text or self.spec.get("max", LONG + 1) > LONG)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """What is chosen from, and whether it is."""
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [(value, label, value in chosen) for value, label in labels(self.spec)]

    @property
    def unit(self) -> str:
        """What stands behind a number."""
        return str(self.spec.get("unit") or self.spec.get("currency") or "")

    @property
    def hint(self) -> str:
        """What helps to fill it in."""
        told = [str(self.spec.get("help", ""))]
        if self.spec["type"] == "file":
            told += [_("At most %s.") % reading.size_of(self.spec), ", ".join(self.spec.get("accept", []))]
        return " ".join(filter(None, told))

    @property
    def rows(self) -> list[tuple[int, list[Cell]]]:
        """The rows of a table by their number, with one empty where there is none."""
        rows = self.value if isinstance(self.value, list) and self.value else [{}]
        return [
            (place, [self._cell(place, one, row) for one in self.spec["columns"]]) for place, row in enumerate(rows)
        ]

    def _cell(self, place: int, column: Spec, row: Mapping[str, Any]) -> Cell:
        at = f"{self.spec['name']}.{place}.{column['name']}"
        return Cell(column, reading.PREFIX + at, str(row.get(column["name"], "")), self.problems.get(at, ""))

    @property
    def said(self) -> str:
        """The answer in words, for one who only reads."""
        if self.value in (None, "", []):
            return "—"
        if self.spec["type"] in {"choice", "several"}:
            return ", ".join(label for _value, label, chosen in self.choices if chosen)
        if self.spec["type"] == "file":
            return str(self.value.get("name", ""))
        return f"{self.value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Way:
    """Where it may be sent back to: what the form sends, and what it is called."""

    value: str
    title: str


@dataclass
class Asking:
    """All that a review asks besides approving and rejecting, for one reader."""

    review: Review
    reader: User
    draft: Draft | None = None
    words: Typed | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, Any] | None = None  # the content of the decision that stands

    @cached_property
    def section(self) -> Mapping[str, Any]:
        """What its review point says of it."""
        return answering.section_of(self.review)

    @cached_property
    def typed(self) -> Typed:
        """What stands in the form now."""
        if self.answered is not None:
            return reading.as_typed(self.answered.get(FORM) or {}, self.section.get(FORM, []))
        return self.words if self.words is not None else sent.standing(self.review, self.section, self.draft)

    @cached_property
    def _read(self) -> Read:
        return sent.read(self.review, self.section, self.typed, self.reader)

    @cached_property
    def fields(self) -> list[Asked]:
        """The fields that are asked with what stands in them; of one that is decided, those that were answered."""
        every: list[Spec] = self.section.get(FORM, [])
        if not every:
            return []
        if self.answered is not None:
            said = self.answered.get(FORM) or {}
            return [Asked(one, self.typed.get(one["name"])) for one in every if one["name"] in said]
        shown = forms.shown(every, self._read.values, forms.scope_for(self.review, self.section))
        return [Asked(one, self.typed.get(one["name"]), self._problem(one), self.told) for one in shown]

    def _problem(self, one: Spec) -> str:
        """What is to be said of a field; of what is wrong below the page, in its own words."""
        inner = next((told for at, told in self.told.items() if at.startswith(f"{one['name']}.")), "")
        return self.told.get(one["name"], "") or (inner if one["type"] != "table" else "")

    @property
    def changes_as_filled_in(self) -> bool:
        """Whether what is asked depends on what is answered."""
        return any("shown_when" in one for one in self.section.get(FORM, []))

    @property
    def has_files(self) -> bool:
        """Whether a file may come with it."""
        return any(one["type"] == "file" for one in self.section.get(FORM, []))

    @cached_property
    def outcomes(self) -> list[Spec]:
        """Its own outcomes, each with the value of its button."""
        return [{**one, "value": sent.MARK + name} for name, one in outcomes(self.section).items()]

    @cached_property
    def ways(self) -> list[Way]:
        """Where it may be sent back to; none where it was sent back as often as it may be."""
        if not self.section.get("back") or self.left < 1:
            return []
        found = answering.targets(self.review, self.section).items()
        return [Way(value, _way(value, step.name)) for value, step in found]

    @cached_property
    def left(self) -> int:
        """How often it may still be sent back."""
        return answering.left(self.review, self.section)

    @property
    def times_left(self) -> str:
        """The same in words."""
        return ngettext("%d time left", "%d times left", self.left) % self.left

    @property
    def outcome(self) -> str:
        """The title of the own outcome that was chosen."""
        chosen = str((self.answered or {}).get(OUTCOME, ""))
        return str(outcomes(self.section).get(chosen, {}).get("title", ""))


def labels(spec: Spec) -> list[tuple[str, str]]:
    """The choices of a field with their labels."""
    pairs: Iterable[Any] = spec.get("choices", [])
    return [(one, one) if isinstance(one, str) else (str(one["value"]), str(one["label"])) for one in pairs]


def _way(value: str, name: str) -> str:
    return _("to %s, with your note") % name if value == MODEL else _("to the step %s") % name
