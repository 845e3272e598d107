"""The provider `intent`: says what a question is about, and how sure it is, by a classifier trained here."""

import hashlib
import importlib
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from orchestration.providers import step_input
from orchestration.providers.kinds import Answer, Messages, Price, ProviderError

RUNNERS_UP = 2


class NotTrained(ProviderError):
    """The classifier has not been trained in this installation."""


class Damaged(ProviderError):
    """The classifier's file is not the one that was trained."""


class ExtraMissing(ProviderError):
    """The optional packages of the sample are not installed."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained classifier: features of a text, one line of weights a label, and a temperature."""

    features: Any
    weights: Any
    offsets: Any
    sharpness: float
    labels: list[str]
    facts: dict[str, Any]

    def shares(self, question: str) -> list[tuple[float, str]]:
        """Every label with the calibrated chance that it is right, likeliest first."""
        scores = (self.features.transform([question]) @ self.weights.T + self.offsets)[0] * self.sharpness
        highest = float(scores.max())
        powers = [math.exp(float(score) - highest) for score in scores]
        whole = sum(powers)
        ranked = zip((power / whole for power in powers), self.labels, strict=True)
        return sorted(ranked, key=lambda pair: (-pair[0], pair[1]))


class Intent:
    """Answers `{"label", "confidence", "runners_up"}` as JSON to an input with a `question`."""

    name = "intent"
    price = Price(input=0.000002, output=0.000004)

    def about(self) -> str:
        """What it reads and answers, and whether it was trained here."""
        told = _("Reads question; answers label, confidence and runners_up.")
        if all(path.exists() for path in paths()):
            return told
        return f"{told} {_('It is not trained here: the sample workspace trains it.')}"

    def __init__(self) -> None:
        self._lock = Lock()
        self._stamp: tuple[int, ...] = ()
        self._classifier: Classifier | None = None

    def answer(self, messages: Messages) -> Answer:
        """Name the likeliest label, the chance that it is right, and the two that follow."""
        question = step_input.text(step_input.read(messages), "question")
        first, *others = [
            {"label": label, "confidence": round(share, 4)} for share, label in self.load().shares(question)
        ]
        return Answer.to(messages, json.dumps({**first, "runners_up": others[:RUNNERS_UP]}))

    def load(self) -> Classifier:
        """The trained classifier, read again when its files changed; raises ProviderError."""
        artifact, sidecar = paths()
        with self._lock:
            stamp = _stamp(artifact, sidecar)
            if self._classifier is None or stamp != self._stamp:
                self._classifier, self._stamp = _read(artifact, sidecar), stamp
            return self._classifier


def paths() -> tuple[Path, Path]:
    """Where the trained classifier lies, and the file beside it that says what it is."""
    folder = Path(settings.HANDRAIL_HOME) / "models"
    return folder / "intent.joblib", folder / "intent.json"


def _stamp(*files: Path) -> tuple[int, ...]:
    try:
        found = [file.stat() for file in files]
    except OSError as error:
        raise NotTrained(_("The classifier is not trained yet. Load the sample workspace first.")) from error
    return tuple(number for stat in found for number in (stat.st_mtime_ns, stat.st_size, stat.st_ino))


def _read(artifact: Path, sidecar: Path) -> Classifier:
    """Check the bytes against their hash before anything in them is trusted: unpickling runs code."""
    damaged = _("The classifier's file is not the one that was trained. Load the sample workspace again.")
    try:
        content = artifact.read_bytes()
        facts = json.loads(sidecar.read_bytes())
        if hashlib.sha256(content).hexdigest() != facts["sha256"]:
            raise Damaged(damaged)
        parts = _joblib().load(io.BytesIO(content))
        return Classifier(**parts, facts=facts)
    except ImportError as error:
        raise ExtraMissing(_missing()) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Damaged(damaged) from error


def _joblib() -> Any:
    return importlib.import_module("joblib")


def _missing() -> str:
    return _("scikit-learn is not installed. Install Handrail with the extra “sample” to use handrail/intent.")
