"""What stands behind the fences of messages, for models that tests stand in for."""

import json
from typing import Any

from orchestration import fences


def given(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The input of a step, as its model reads it; {} where there is none."""
    for message in messages:
        if message["role"] == "user":
            behind = fences.within("input", str(message["content"]))
            value = json.loads(behind) if behind is not None else {}
            return value if isinstance(value, dict) else {}
    return {}


def plain(content: str) -> str:
    """What a message about a call holds, behind its fence or without one."""
    behind = fences.within("result", content)
    return content if behind is None else behind
