"""A field of a form as somebody filled it in, where it could not be taken: nothing that was written is lost."""

from typing import Any

from django.http import QueryDict

from orchestration.editing.widgets import answers, timing, whom, workers

ALIASES = {"condition": "if", "due_minutes": "due"}  # keys of a row that are called otherwise in the form


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, with what was sent in the place of what the document says."""
    if "workers" in shown:
        return workers.typed(shown, name, sent)
    made = dict(shown)
    if "value" in made:
        made["value"] = sent.get(name, sent.get(f"{name}.yaml", made["value"]))
    if "conditions" in made:
        return made | {"rows": _branches(made["rows"], name, sent)}
    for rows in ("rows", "why"):
        if isinstance(made.get(rows), list) and made[rows] and isinstance(made[rows][-1], dict):
            made[rows] = _rows(made[rows], name, sent)
    if "parts" in made:
        made["parts"] = [(part, sent.get(f"{name}.{part}", value)) for part, value in made["parts"]]
    if "mode" in made:
        made |= {key: sent.get(f"{name}.{key}", made[key]) for key in ("mode", "group", "reason", "until", "undo")}
        made |= _review(made, name, sent)
        made["lines"] = [(key, sent.get(f"{name}.{key}", value)) for key, value in made["lines"]]
    return made


def _review(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """The parts of a review that are folded away."""
    made = {
        "whom": whom.typed(shown["whom"], name, sent),
        "timing": timing.typed(shown["timing"], name, sent),
        "asks": shown["asks"] and answers.typed(shown["asks"], name, sent),
        "sign": sent.get(f"{name}.sign", shown["sign"]),
        "content": f"{name}.content" in sent,
    }
    if f"{name}.evidence.name" in sent:
        made["evidence"] = {"rows": _rows(shown["evidence"]["rows"], f"{name}.evidence", sent)}
    return made


def _rows(shown: list[dict[str, Any]], name: str, sent: QueryDict) -> list[dict[str, Any]]:
    columns = {key: sent.getlist(f"{name}.{ALIASES.get(key, key)}") for key in shown[-1]}
    count = max((len(column) for column in columns.values()), default=0)
    made = []
    for place in range(count):
        row = dict(shown[place]) if place < len(shown) else dict(shown[-1])
        row |= {key: column[place] for key, column in columns.items() if place < len(column)}
        made.append(row | ({"offered": row["name"] in columns["offered"]} if "offered" in row else {}))
    return made or shown


def _branches(shown: list[dict[str, Any]], name: str, sent: QueryDict) -> list[dict[str, Any]]:
    """The branches as they were sent; the empty row for one more stands before the last by itself."""
    steps = {str(row["was"]): row["steps"] for row in shown}
    columns = [sent.getlist(f"{name}.{part}") for part in ("was", "name", "if")]
    sent_rows = [row for row in zip(*columns, strict=False) if any(row)]
    last = len(sent_rows) - 1 if any(row["last"] for row in shown) else -1
    return [
        {"was": was, "name": called, "condition": condition, "steps": steps.get(was, 0), "last": place == last}
        for place, (was, called, condition) in enumerate(sent_rows)
    ]
