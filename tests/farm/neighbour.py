"""A model of its own: the nearest of the questions that it knows says what a question is about.

It is small, quick and often wrong, and it stands behind an address like any other model.
"""

import csv
import json
import math
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from tests.routing.farm import CHARACTERS_A_TOKEN, completion, given

WORD = re.compile(r"[a-z']+")


class Neighbour:
    """Compares words, each as heavy as it is rare (TF-IDF, cosine), and answers the label of the nearest question."""

    def __init__(self, known: list[tuple[str, str]], name: str = "neighbour") -> None:
        self.name = name
        self.labels = [label for _, label in known]
        texts = [Counter(WORD.findall(text.lower())) for text, _ in known]
        found = Counter(word for words in texts for word in words)
        self.rare = {word: math.log(len(known) / count) for word, count in found.items()}
        self.places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, words in enumerate(texts):
            for word, weight in self._weighed(words).items():
                self.places[word].append((place, weight))

    def _weighed(self, words: Counter[str]) -> dict[str, float]:
        weights = {word: count * self.rare.get(word, 0.0) for word, count in words.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}

    def label(self, question: str) -> str:
        """What a question is about."""
        near: dict[int, float] = defaultdict(float)
        for word, weight in self._weighed(Counter(WORD.findall(question.lower()))).items():
            for place, other in self.places.get(word, ()):
                near[place] += weight * other
        best = max(near, key=lambda place: (near[place], -place), default=0)
        return self.labels[best]

    def __call__(self, asked: dict[str, Any]) -> bytes:
        """Its answer to a call."""
        text = json.dumps({"label": self.label(str(given(asked).get("question", "")))})
        read = sum(len(str(message["content"])) for message in asked["messages"]) // CHARACTERS_A_TOKEN
        return completion(self.name, text, read=read, out=len(text) // CHARACTERS_A_TOKEN)


def rows(path: Path) -> list[tuple[str, str]]:
    """The questions of a file with the columns text and category, each with its label."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]
