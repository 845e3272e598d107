"""What a review asks besides approving and rejecting, in the editor: fields of a form, own outcomes, ways back."""

from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from orchestration.documents.reviews import MEANT
from orchestration.documents.writing import MISSING
from orchestration.editing.widgets.simple import number
from orchestration.editing.widgets.widget import Choices, Wrong, text, texts

FIELDS = ("name", "label", "type", "required", "choices", "columns", "shown_when", "prefill", "help")
LIMITS = ("min", "max")
MORE = ("unit", "currency", "accept", "max_size")
MEGABYTE = 1_000_000  # bytes
TYPES = ("text", "number", "money", "date", "choice", "several", "file", "table")
OUTCOMES = ("name", "title", "counts_as", "to", "needs_reason", "shortcut")


def show(review: dict[str, Any], choices: Choices) -> dict[str, Any]:
    """What the template needs, of a section that may have any shape."""
    back = review.get("back") if isinstance(review.get("back"), dict) else {}
    form = [one for one in _listed(review.get("form")) if isinstance(one, dict)]
    outcomes = [one for one in _listed(review.get("outcomes")) if isinstance(one, dict)]
    assert isinstance(back, dict)
    return {
        "types": TYPES,
        "form": [*(_field(one) for one in form), {"type": "text"}],
        "outcomes": [*({**one, "reason": _reason(one)} for one in outcomes), {"counts_as": "approved"}],
        "model": bool(back.get("model")),
        "to": ", ".join(str(one) for one in _listed(back.get("to"))),
        "most": back.get("most", ""),
        "used": bool(form or outcomes or back),
        "steps": choices.steps,
    }


def read(name: str, sent: QueryDict, made: dict[str, Any]) -> dict[str, Any]:
    """A section with what was sent; one whose form has none of it stays as it is."""
    if f"{name}.asks" not in sent:
        return made
    found = {"form": _form(name, sent, made), "outcomes": _outcomes(name, sent), "back": _back(name, sent)}
    rest = {key: value for key, value in made.items() if key not in found}
    return rest | {key: value for key, value in found.items() if value}


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, with what was sent in the place of what the document says."""
    if f"{name}.asks" not in sent:
        return shown
    outcomes = _rows(f"{name}.outcome", sent, OUTCOMES)
    return shown | {
        "form": _rows(f"{name}.field", sent, (*FIELDS, *LIMITS, *MORE)),
        "outcomes": [{**one, "reason": one["needs_reason"]} for one in outcomes],
        "model": f"{name}.back.model" in sent,
        **{key: text(sent, f"{name}.back.{key}") for key in ("to", "most")},
    }


def _field(one: dict[str, Any]) -> dict[str, Any]:
    spelled = [f"{c['value']}={c['label']}" if isinstance(c, dict) else str(c) for c in _listed(one.get("choices"))]
    columns = [f"{c.get('name')}:{c.get('type')}={c.get('label')}" for c in _listed(one.get("columns"))]
    accept = ", ".join(str(ending) for ending in _listed(one.get("accept")))
    return {**one, "choices": ", ".join(spelled), "columns": ", ".join(columns), "accept": accept, **_size(one)}


def _size(one: dict[str, Any]) -> dict[str, str]:
    size = one.get("max_size")
    if not isinstance(size, int) or isinstance(size, bool):
        return {}
    return {"max_size": f"{Decimal(size) / MEGABYTE:f}"}


def _reason(one: dict[str, Any]) -> str:
    return ("yes" if one["needs_reason"] else "no") if "needs_reason" in one else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _rows(name: str, sent: QueryDict, parts: tuple[str, ...]) -> list[dict[str, str]]:
    columns = [texts(sent, f"{name}.{part}") for part in parts]
    return [dict(zip(parts, row, strict=True)) for row in zip(*columns, strict=False)]


def _form(name: str, sent: QueryDict, made: dict[str, Any]) -> list[dict[str, Any]]:
    before = {one["name"]: one for one in _listed(made.get("form")) if isinstance(one, dict) and "name" in one}
    found = []
    for row in _rows(f"{name}.field", sent, (*FIELDS, *LIMITS, *MORE)):
        if not (row["name"] or row["label"]):
            continue
        if not row["label"]:
            raise Wrong(_("Say what the field “%s” is called for people.") % row["name"])
        key = row["name"] or _as_name(row["label"])
        one: dict[str, Any] = {"name": key, "label": row["label"], "type": row["type"] or "text"}
        one |= {"required": True} if row["required"] == "yes" else {}
        one |= {part: row[part] for part in ("help", "shown_when", "prefill") if row[part]}
        for part in LIMITS:
            limit = number(row[part], whole=False)
            one |= {} if limit is MISSING else {part: limit}
        if one["type"] in {"choice", "several"}:
            one |= {"choices": [_choice(part) for part in _split(row["choices"])]}
        if one["type"] == "table":
            one |= {"columns": _columns(row["columns"], before.get(key, {}))}
        found.append(one | _more(row, one["type"], before.get(key, {})))
    return found


def _more(row: dict[str, str], kind: str, before: dict[str, Any]) -> dict[str, Any]:
    """What fields of one type alone say; of another type what stood there of the same, so that a draft may be wrong."""
    found: dict[str, Any] = {}
    for part in MORE:
        if kind in MEANT[part]:
            found |= _said(part, row[part])
        elif before.get("type") == kind and part in before:
            found[part] = before[part]
    return found


def _said(part: str, said: str) -> dict[str, Any]:
    if not said:
        return {}
    match part:
        case "currency":
            return {part: said.upper()}
        case "accept":
            return {part: [one if one.startswith(".") else f".{one}" for one in _split(said)]}
        case "max_size":
            return {part: round(number(said, whole=False) * MEGABYTE)}
    return {part: said}


def _columns(said: str, before: dict[str, Any]) -> list[dict[str, Any]]:
    """Columns as name:type=Label; what else was said of one of that name stays."""
    known = {one.get("name"): one for one in _listed(before.get("columns")) if isinstance(one, dict)}
    made = []
    for part in _split(said):
        head, _sign, label = part.partition("=")
        key, _colon, kind = head.partition(":")
        own = {"name": key.strip(), "label": label.strip() or key.strip(), "type": kind.strip() or "text"}
        made.append({**known.get(own["name"], {}), **own})
    return made


def _choice(said: str) -> str | dict[str, str]:
    value, sign, label = said.partition("=")
    return {"value": value.strip(), "label": label.strip()} if sign else said


def _outcomes(name: str, sent: QueryDict) -> list[dict[str, Any]]:
    found = []
    for row in _rows(f"{name}.outcome", sent, OUTCOMES):
        if not (row["name"] or row["title"]):
            continue
        if not row["title"]:
            raise Wrong(_("Say what the button of the outcome “%s” says.") % row["name"])
        one: dict[str, Any] = {"name": row["name"] or _as_name(row["title"]), "title": row["title"]}
        one["counts_as"] = "rejected" if row["counts_as"] == "rejected" else "approved"
        one |= {part: row[part] for part in ("to", "shortcut") if row[part]}
        one |= {"needs_reason": row["needs_reason"] == "yes"} if row["needs_reason"] in {"yes", "no"} else {}
        found.append(one)
    return found


def _back(name: str, sent: QueryDict) -> dict[str, Any]:
    to, most = _split(text(sent, f"{name}.back.to")), number(text(sent, f"{name}.back.most"), whole=True)
    found: dict[str, Any] = {"model": True} if sent.get(f"{name}.back.model") else {}
    found |= {"to": to} if to else {}
    return found | {"most": most} if found and most is not MISSING else found


def _split(said: str) -> list[str]:
    return [part.strip() for part in said.split(",") if part.strip()]


def _as_name(label: str) -> str:
    """A name out of a label: letters and figures of the first words."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in label.lower()).strip("_")[:40]
    return plain if plain[:1].isalpha() else f"field_{plain}"[:40]
