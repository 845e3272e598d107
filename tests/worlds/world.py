"""One world: a model that promises too much or too little, and reviewers who err as often as is written down.

The questions and their right categories are banking77's own. Everything is drawn from the world's number alone.
"""

import csv
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import deploy

BANKING = Path(deploy.__file__).parent / "sample/data"
SURE = (0.55, 0.65, 0.75, 0.85, 0.95)  # what the model says of itself
HOW_OFTEN = (1, 1, 2, 3, 3)
REVIEWERS = 12
TWICE = 0.3  # the share that a second person answers too
WRITTEN, EDITED, SENT_BACK, REJECTED = (
    ("approved", False),
    ("approved", True),
    ("sent_back", False),
    ("rejected", False),
)
CORRECTIONS = {EDITED: 0.4, SENT_BACK: 0.2, REJECTED: 0.4}

type Answer = tuple[str, bool]  # the verdict, and whether it was edited
type Chances = dict[Answer, float]


class Reviewer(NamedTuple):
    """Somebody who lets a wrong answer pass, and stops a right one, so often."""

    passes: float
    stops: float

    def chances(self, right: bool) -> Chances:
        """How likely each of their answers is."""
        stopped = self.stops if right else 1 - self.passes
        return {WRITTEN: 1 - stopped, **{answer: stopped * part for answer, part in CORRECTIONS.items()}}


@dataclass(frozen=True, slots=True)
class Judged:
    """One question: what the model was sure of, what came of it, and of the second person if there was one."""

    text: str
    sure: float
    answer: Answer
    second: Answer | None


class World:
    """A year that could have been."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.draw = random.Random(f"world {number}")
        boast = self.draw.uniform(-0.05, 0.2)
        self.right = {sure: min(0.99, max(0.05, sure - boast)) for sure in SURE}
        self.reviewers = [
            Reviewer(self.draw.uniform(0.02, 0.2), self.draw.uniform(0.01, 0.1)) for _ in range(REVIEWERS)
        ]

    def judged(self) -> Judged:
        """One more question, its model and its reviewers."""
        draw = self.draw
        text, category = draw.choice(questions())
        (sure,) = draw.choices(SURE, HOW_OFTEN)
        said = category if draw.random() < self.right[sure] else _other(category, draw)
        first, second = draw.sample(self.reviewers, 2)
        right = said == category
        return Judged(
            text, sure, _drawn(first, right, draw), _drawn(second, right, draw) if draw.random() < TWICE else None
        )

    @property
    def correct(self) -> float:
        """How often the model is right."""
        return sum(often * self.right[sure] for sure, often in zip(SURE, HOW_OFTEN, strict=True)) / sum(HOW_OFTEN)

    def left_alone(self, right: float) -> float:
        """The share that people leave unchanged of what is right so often."""
        kept = {it: sum(one.chances(it)[WRITTEN] for one in self.reviewers) / REVIEWERS for it in (True, False)}
        return right * kept[True] + (1 - right) * kept[False]

    def agreement(self) -> float:
        """Cohen's kappa of two of the reviewers, chosen by lot."""
        pairs: Counter[tuple[str, str]] = Counter()
        both = list(permutations(self.reviewers, 2))
        for right, weight in ((True, self.correct), (False, 1 - self.correct)):
            for first, second in both:
                for (one, _), chance in first.chances(right).items():
                    for (other, _), beside in second.chances(right).items():
                        pairs[one, other] += weight * chance * beside / len(both)  # type: ignore[assignment]
        alike = sum(part for (one, other), part in pairs.items() if one == other)
        verdicts = {one for one, _ in pairs}
        chance = sum(
            sum(part for (one, _), part in pairs.items() if one == verdict)
            * sum(part for (_, other), part in pairs.items() if other == verdict)
            for verdict in verdicts
        )
        return (alike - chance) / (1 - chance)


@cache
def questions() -> list[tuple[str, str]]:
    """Each question of the data with its right category."""
    with (BANKING / "train.csv").open(newline="") as rows:
        return [(row["text"], row["category"]) for row in csv.DictReader(rows)]


@cache
def categories() -> list[str]:
    return sorted({category for _text, category in questions()})


def _other(category: str, draw: random.Random) -> str:
    return draw.choice([one for one in categories() if one != category])


def _drawn(reviewer: Reviewer, right: bool, draw: random.Random) -> Answer:
    chances = reviewer.chances(right)
    return draw.choices(list(chances), list(chances.values()))[0]
