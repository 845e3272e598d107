"""When and whether people are asked at a review point: hours, reminders, others, the end, conditions, samples."""

import re
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text, texts, within

type Review = dict[str, Any]

EFFECTS = (
    ("read", gettext_lazy("reads")),
    ("write", gettext_lazy("changes")),
    ("destructive", gettext_lazy("destroys")),
)
OUTCOMES = (
    ("", gettext_lazy("it waits")),
    ("reject", gettext_lazy("it is rejected by the clock")),
    ("stay", gettext_lazy("it waits, and the record says so")),
    ("go_on", gettext_lazy("it goes on as written")),
)
TYPED = {
    "hours": "hours",
    "reminders": "reminders",
    "outcome": "default.outcome",
    "after": "default.after",
    "if": "only.if",
    "below": "only.below",
    "sample": "only.sample",
    "second": "second",
}
SENT = "timing"  # a field that says that the form had these at all


def show(held: Review, choices: Choices) -> dict[str, Any]:
    """What the template needs of a review section, of whatever shape."""
    default, only = _dict(held.get("default")), _dict(held.get("only"))
    outcome, effects = str(default.get("outcome", "")), only.get("effects")
    known = [value for value, _said in OUTCOMES]
    listed = held.get("escalate") if isinstance(held.get("escalate"), list) else []
    later = [one for one in listed or [] if isinstance(one, dict)]
    reminders = held.get("reminders")
    return {
        **_hours(str(held.get("hours", "")), choices.calendars),
        "reminders": ", ".join(map(str, reminders)) if isinstance(reminders, list) else "",
        "escalate": [*later, {"after": "", "group": ""}],
        "outcomes": [*OUTCOMES, *([] if outcome in known else [(outcome, outcome)])],
        "outcome": outcome,
        "after": default.get("after", ""),
        "if": str(only.get("if", "")),
        "below": _percent(only.get("below")),
        "sample": _percent(only.get("sample")),
        "effects": [(key, said, isinstance(effects, list) and key in effects) for key, said in EFFECTS],
        "second": _percent(held.get("second")),
        "groups": choices.groups,
    }


def put(made: Review, name: str, sent: QueryDict) -> None:
    """Put what a form sent into a review section; a form without these fields leaves them as they were."""
    if f"{name}.{SENT}" not in sent:
        return
    with within("when"):
        said = _when(name, sent)
    with within("only"):
        said |= _whether(name, sent)
    for key, value in said.items():
        if value in ("", None, [], {}):
            made.pop(key, None)
        else:
            made[key] = value


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, with what was sent in the place of what the document says."""
    if f"{name}.{SENT}" not in sent:
        return shown
    fields = {key: f"{name}.{called}" for key, called in TYPED.items()}
    made = {**shown, **{key: sent.get(field, shown[key]) for key, field in fields.items()}}
    later = zip(sent.getlist(f"{name}.later.after"), sent.getlist(f"{name}.later.group"), strict=False)
    chosen = sent.getlist(f"{name}.only.effects")
    made["escalate"] = [{"after": after, "group": group} for after, group in later]
    made["effects"] = [(key, said, key in chosen) for key, said, _was in shown["effects"]]
    return made | _hours(made["hours"], shown["calendars"])


def _hours(slug: str, calendars: list[tuple[str, str]]) -> dict[str, Any]:
    """The calendar that is named among those there are; `strange` is one that is not among them."""
    known = slug in {one for one, _said in calendars}
    return {"hours": slug, "calendars": calendars, "strange": slug if slug and not known else ""}


def _when(name: str, sent: QueryDict) -> Review:
    return {
        "hours": text(sent, f"{name}.hours"),
        "reminders": _minutes(text(sent, f"{name}.reminders")),
        "escalate": _later(name, sent),
        "default": _default(name, sent),
    }


def _whether(name: str, sent: QueryDict) -> Review:
    only = {
        "if": text(sent, f"{name}.only.if"),
        "below": _share(text(sent, f"{name}.only.below")),
        "effects": [key for key, _said in EFFECTS if key in sent.getlist(f"{name}.only.effects")],
        "sample": _share(text(sent, f"{name}.only.sample")),
    }
    return {
        "only": {key: value for key, value in only.items() if value not in ("", None, [])},
        "second": _share(text(sent, f"{name}.second")),
    }


def _later(name: str, sent: QueryDict) -> list[Review]:
    made: list[Review] = []
    for after, group in zip(texts(sent, f"{name}.later.after"), texts(sent, f"{name}.later.group"), strict=False):
        if not (after or group):
            continue
        minutes = number(after or "0", whole=True)
        if not group:
            raise Wrong(_("Say who may decide too when it is late, or clear the minutes."))
        made.append({"after": minutes, "group": group})
    return made


def _default(name: str, sent: QueryDict) -> Review | None:
    outcome, after = text(sent, f"{name}.default.outcome"), number(text(sent, f"{name}.default.after"), whole=True)
    if not outcome:
        return None
    if after is MISSING:
        raise Wrong(_("Say how many minutes after it was due the clock ends it."))
    return {"after": after, "outcome": outcome}


def _minutes(typed: str) -> list[int]:
    found = [number(part, whole=True) for part in re.split(r"[,;\s]+", typed) if part]
    return [int(one) for one in found if one is not MISSING]


def _share(typed: str) -> float | None:
    """A number of 100 as a share of 1."""
    found = number(typed.rstrip("% "), whole=False)
    return None if found is MISSING else round(float(found) / 100, 6)


def _percent(share: Any) -> str:
    known = isinstance(share, int | float) and not isinstance(share, bool)
    return f"{share * 100:g}" if known else ""


def _dict(held: Any) -> Review:
    return held if isinstance(held, dict) else {}
