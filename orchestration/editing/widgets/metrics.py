"""How it shows that a step did well: a row a metric."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, texts

CEL = "cel"
KINDS: dict[str, tuple[str | Promise, str]] = {  # what it is called, and the key that says what is asked
    "cel": (gettext_lazy("Holds (expression)"), "expression"),
    "schema": (gettext_lazy("Fits the output's contract"), ""),
    "contains": (gettext_lazy("Text is there"), "text"),
    "matches": (gettext_lazy("Pattern is there"), "pattern"),
    "cost": (gettext_lazy("Costs at most, USD"), "most"),
    "latency": (gettext_lazy("Takes at most, seconds"), "seconds"),
    "tool_used": (gettext_lazy("Tool is used"), "tool"),
    "verdict": (gettext_lazy("Reviewer says"), "is"),
    "edit_distance": (gettext_lazy("Share changed at most"), "most_share"),
    "judge": (gettext_lazy("A model says yes to"), "question"),
    "callback": (gettext_lazy("Somebody outside says so"), ""),
}
BESIDE = {"contains": "of", "matches": "of", "judge": "model"}
NUMBERS = {"seconds", "most_share"}


@dataclass(frozen=True)
class Metrics:
    """A list of metrics."""

    template: ClassVar[str] = "metrics"

    def show(self, value: Any, choices: Choices) -> dict[str, Any]:
        held = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        empty = {"name": "", "kind": CEL, "what": "", "beside": "", "target": "", "blocking": False}
        kinds = [(key, label) for key, (label, _) in KINDS.items()]
        return {"rows": [*map(_row, held), empty], "kinds": kinds}

    def read(self, name: str, sent: QueryDict, before: Any) -> Any:
        held = before if isinstance(before, list) else []
        parts = ("name", "kind", "what", "beside", "target", "blocking")
        columns = [texts(sent, f"{name}.{part}") for part in parts]
        made = []
        for place, (called, kind, what, beside, target, blocking) in enumerate(zip(*columns, strict=False)):
            if not called and not what:
                continue
            if not called:
                raise Wrong(_("Say in a few words what is hoped for: %s") % what[:60])
            old = held[place] if place < len(held) and isinstance(held[place], dict) else {}
            kept = old if old.get("kind", CEL) == kind else {}
            metric = dict(kept) | {"name": called}
            if kind != CEL or "kind" in kept or not kept:
                metric["kind"] = kind
            _put(metric, KINDS.get(kind, ("", ""))[1], what)
            _put(metric, BESIDE.get(kind, ""), beside)
            _put(metric, "target", target.rstrip(" %"), target=True)
            if blocking == "yes":
                metric["blocking"] = True
            else:
                metric.pop("blocking", None)
            made.append(metric)
        return made or MISSING


def _row(metric: dict[str, Any]) -> dict[str, Any]:
    kind = str(metric.get("kind", CEL))
    target = metric.get("target")
    return {
        "name": str(metric.get("name", "")),
        "kind": kind,
        "what": str(metric.get(KINDS.get(kind, ("", ""))[1], "")),
        "beside": str(metric.get(BESIDE.get(kind, ""), "")),
        "target": "" if not isinstance(target, int | float) else f"{target * 100:g}",
        "blocking": metric.get("blocking") is True,
    }


def _put(metric: dict[str, Any], key: str, said: str, *, target: bool = False) -> None:
    if not key:
        return
    if not said:
        metric.pop(key, None)
    elif target:
        share = number(said, whole=False) / 100
        metric[key] = int(share) if share == int(share) else round(share, 6)
    else:
        metric[key] = number(said, whole=False) if key in NUMBERS else said
