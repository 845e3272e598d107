"""Train the classifier behind `handrail/intent`, calibrate it, and measure both on unseen questions."""

import csv
import hashlib
import importlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

from deploy.sample.calibration import Bin, bins, expected_error, sharpness, softmax
from deploy.sample.features import extractor
from orchestration.providers.intent import ExtraMissing, paths

DATA = Path(__file__).parent / "data"
TRAIN, QUESTIONS = DATA / "train.csv", DATA / "questions.csv"
FOLDS = 5
SEED = 77


@dataclass(frozen=True, slots=True)
class Report:
    """What training came to. Its figures are over questions that training never saw."""

    accuracy: float
    calibration_error: float
    bins: list[Bin]
    sharpness: float
    labels: list[str]
    trained_on: int
    measured_on: int
    seconds: float
    size: int
    sha256: str

    def lines(self) -> list[str]:
        """The report as lines to print, ending with stated confidence beside the share that was right."""
        head = [
            f"Trained on {self.trained_on} questions with {len(self.labels)} labels in {self.seconds:.1f} s.",
            f"On {self.measured_on} questions it never saw: right in {self.accuracy:.1%}; "
            f"expected calibration error {self.calibration_error:.3f}.",
            "  stated      questions  mean stated  right",
        ]
        return head + [
            f"  {b.low:.1f} to {b.high:.1f}  {b.count:9d}  {b.stated:11.2f}  {b.right:5.2f}"
            for b in self.bins
            if b.count
        ]


def train() -> Report:
    """Train, calibrate, measure and save; raises ExtraMissing. The same rows give the same classifier."""
    began = perf_counter()
    try:
        parts = fit(rows(TRAIN))
    except ImportError as error:
        raise ExtraMissing("Install Handrail with the extra “sample” to train its classifier.") from error
    seconds = perf_counter() - began
    questions = rows(QUESTIONS)
    table, accuracy = measure(parts, questions)
    content = dump(parts)
    report = Report(
        accuracy=accuracy,
        calibration_error=expected_error(table),
        bins=table,
        sharpness=parts["sharpness"],
        labels=parts["labels"],
        trained_on=len(rows(TRAIN)),
        measured_on=len(questions),
        seconds=seconds,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    save(content, report)
    return report


def is_current() -> bool:
    """Whether a classifier made from the same rows and the same scikit-learn is there already."""
    artifact, sidecar = paths()
    try:
        facts = json.loads(sidecar.read_bytes())
        return bool(artifact.stat().st_size == facts["size"] and facts["made_from"] == made_from())
    except (OSError, ValueError, KeyError, TypeError, metadata.PackageNotFoundError):
        return False


def rows(path: Path) -> list[tuple[str, str]]:
    """The texts of a carried file, each with its label."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def made_from() -> dict[str, str]:
    """What a classifier depends on: the carried rows, and the scikit-learn that can read it again."""
    carried = hashlib.sha256(TRAIN.read_bytes() + QUESTIONS.read_bytes()).hexdigest()
    return {"rows_sha256": carried, "scikit_learn": metadata.version("scikit-learn")}


def fit(known: list[tuple[str, str]]) -> dict[str, Any]:
    """The parts of a classifier, its sharpness chosen on scores that each row got while it was left out."""
    selection = importlib.import_module("sklearn.model_selection")
    texts, labels = [text for text, _ in known], [label for _, label in known]
    features = extractor()
    space = features.fit_transform(texts)
    machine = _machine().fit(space, labels)
    folds = selection.StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    unseen = selection.cross_val_predict(_machine(), space, labels, cv=folds, method="decision_function")
    names = [str(name) for name in machine.classes_]
    return {
        "features": features,
        "weights": machine.coef_.astype("float32"),
        "offsets": machine.intercept_.astype("float32"),
        "sharpness": sharpness(unseen, [names.index(label) for label in labels]),
        "labels": names,
    }


def measure(parts: dict[str, Any], questions: list[tuple[str, str]]) -> tuple[list[Bin], float]:
    """Stated confidence against what was right, in ten bins, and the share that was right."""
    space = parts["features"].transform([text for text, _ in questions])
    chances = softmax((space @ parts["weights"].T + parts["offsets"]) * parts["sharpness"])
    names = parts["labels"]
    right = [names[int(best)] == label for best, (_, label) in zip(chances.argmax(1), questions, strict=True)]
    return bins([float(chance) for chance in chances.max(1)], right), sum(right) / len(right)


def dump(parts: dict[str, Any]) -> bytes:
    """The parts as the bytes that the provider loads."""
    buffer = BytesIO()
    importlib.import_module("joblib").dump(parts, buffer, compress=("zlib", 1))
    return buffer.getvalue()


def save(content: bytes, report: Report) -> None:
    """Put the classifier and what is known of it in place, each in one move."""
    artifact, sidecar = paths()
    artifact.parent.mkdir(parents=True, exist_ok=True)
    facts = asdict(report)
    facts["calibration"] = {name: facts.pop(name) for name in ("calibration_error", "bins", "sharpness")}
    facts |= {"trained_at": datetime.now(UTC).isoformat(timespec="seconds"), "made_from": made_from()}
    for path, data in ((artifact, content), (sidecar, json.dumps(facts, indent=1).encode())):
        half = path.with_name(f".{path.name}.{os.getpid()}")
        half.write_bytes(data)
        half.replace(path)


def _machine() -> Any:
    return importlib.import_module("sklearn.svm").LinearSVC(C=0.5, random_state=SEED)
