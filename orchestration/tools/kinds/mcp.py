"""Tools of MCP servers."""

from typing import Any

from orchestration.tools.asking import NOTHING, Told
from orchestration.tools.declared import Declared
from orchestration.tools.mcp import calling


def call(declared: Declared, arguments: dict[str, Any], key: str, told: Told = NOTHING) -> dict[str, Any]:
    """Call it; `told` is what people have said to its questions. Raises `ToolFailed`, `Paused`."""
    return calling.called(declared, arguments, key, told)
