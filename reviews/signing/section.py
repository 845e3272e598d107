"""What the review section of a step may say of signatures."""

from typing import Any

KEYS: dict[str, Any] = {
    "sign": {
        "description": "Whoever decides signs it: they show again who they are. `meaning` says what a signature means.",
        "type": "object",
        "required": ["meaning"],
        "additionalProperties": False,
        "properties": {"meaning": {"type": "string", "minLength": 3, "maxLength": 300, "pattern": r"\S"}},
    }
}


def expressions(review: dict[str, Any]) -> list[str]:
    """None: a meaning is the same for everybody who signs."""
    return []


def problems(review: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """A file cannot be signed: the page that asks for the signature would lose it."""
    if "sign" in review and any(field.get("type") == "file" for field in review.get("form", [])):
        return ["a signed decision cannot take a file: ask for it at a step before."]
    return []


def meaning(review: dict[str, Any]) -> str:
    """What a signature means at this point; "" where none is asked for."""
    return str(review.get("sign", {}).get("meaning", "")).strip()
