"""What a review section may say of notices."""

from typing import Any

KEYS: dict[str, Any] = {
    "notices": {
        "description": "What messages about it may hold: without content they say only that something waits.",
        "type": "object",
        "additionalProperties": False,
        "properties": {"content": {"type": "boolean"}},
    }
}
