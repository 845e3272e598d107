"""A field of a form as somebody filled it in, where it could not be taken: nothing that was written is lost."""

from typing import Any

from django.http import QueryDict

ALIASES = {"condition": "if", "due_minutes": "due"}  # keys of a row that are called otherwise in the form


def typed(shown: dict[str, Any], name: str, sent: QueryDict) -> dict[str, Any]:
    """What the template needs, with what was sent in the place of what the document says."""
    made = dict(shown)
    if "value" in made:
        made["value"] = sent.get(name, sent.get(f"{name}.yaml", made["value"]))
    for rows in ("rows", "why"):
        if isinstance(made.get(rows), list) and made[rows] and isinstance(made[rows][-1], dict):
            made[rows] = _rows(made[rows], name, sent)
    if "parts" in made:
        made["parts"] = [(part, sent.get(f"{name}.{part}", value)) for part, value in made["parts"]]
    if "mode" in made:
        made |= {key: sent.get(f"{name}.{key}", made[key]) for key in ("mode", "group", "reason", "until", "undo")}
        made["lines"] = [(key, sent.get(f"{name}.{key}", value)) for key, value in made["lines"]]
    return made


def _rows(shown: list[dict[str, Any]], name: str, sent: QueryDict) -> list[dict[str, Any]]:
    columns = {key: sent.getlist(f"{name}.{ALIASES.get(key, key)}") for key in shown[-1]}
    count = max((len(column) for column in columns.values()), default=0)
    made = []
    for place in range(count):
        row = dict(shown[place]) if place < len(shown) else dict(shown[-1])
        row |= {key: column[place] for key, column in columns.items() if place < len(column)}
        made.append(row)
    return made or shown
