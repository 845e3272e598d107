"""Choose the rows of PolyAI's banking data that the sample carries.

`python -m deploy.sample.choose train.csv` makes both files, by a deterministic rule told in `data/README.md`.
Nothing needs this at run time: it is kept so that anybody can make the files again and compare.
"""

import csv
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from deploy.sample.features import extractor

DATA = Path(__file__).parent / "data"
QUESTIONS = 400
TRAIN_A_LABEL = 20

type Row = tuple[str, str]


def sameness(text: str) -> str:
    """What two texts share when they differ only in case, blanks and punctuation."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def lot(text: str) -> str:
    """A place in an order that no one chose: the SHA-256 of the text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(source: Path) -> dict[str, list[str]]:
    """The usable texts of `source` by label, in the order of their lots; of equals the first."""
    seen: set[str] = set()
    labels: dict[str, list[str]] = defaultdict(list)
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text, key = row["text"], sameness(row["text"])
            if text != " ".join(text.split()) or not key or key in seen:
                continue
            seen.add(key)
            labels[row["category"]].append(text)
    return {label: sorted(labels[label], key=lot) for label in sorted(labels)}


def shares(labels: Iterable[str]) -> dict[str, int]:
    """How many questions each label gives: equally many, and the first labels by name one more."""
    names = sorted(labels)
    each, more = divmod(QUESTIONS, len(names))
    return {name: each + (place < more) for place, name in enumerate(names)}


def spread(similar: list[list[float]], count: int) -> list[int]:
    """The `count` places that together stand nearest to all others (greedy facility location)."""
    places = range(len(similar))
    nearest = [0.0] * len(similar)
    chosen: list[int] = []
    for _ in range(count):
        gains = {p: sum(max(s, n) for s, n in zip(similar[p], nearest, strict=True)) for p in places}
        best = max((p for p in places if p not in chosen), key=lambda p: (gains[p], -p))
        chosen.append(best)
        nearest = [max(s, n) for s, n in zip(similar[best], nearest, strict=True)]
    return chosen


def choose(source: Path) -> tuple[list[Row], list[Row]]:
    """The rows to train on and the questions. Questions are drawn first: nothing is fitted to them."""
    labels = read(source)
    share = shares(labels)
    questions = [(text, label) for label, texts in labels.items() for text in texts[: share[label]]]
    pool = {label: texts[share[label] :] for label, texts in labels.items()}
    space = extractor().fit([text for texts in pool.values() for text in texts])
    train: list[Row] = []
    for label, texts in pool.items():
        rows = space.transform(texts)
        places = spread((rows @ rows.T).toarray().tolist(), TRAIN_A_LABEL)
        train += [(texts[place], label) for place in sorted(places)]
    return train, sorted(questions, key=lambda row: lot(f"arrives {row[0]}"))


def write(rows: list[Row], target: Path) -> None:
    """Write `rows` under the source's own column names."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "category"])
        writer.writerows(rows)


def main() -> None:
    """Make both files again from the source named on the command line."""
    train, questions = choose(Path(sys.argv[1]))
    write(train, DATA / "train.csv")
    write(questions, DATA / "questions.csv")


if __name__ == "__main__":
    main()
