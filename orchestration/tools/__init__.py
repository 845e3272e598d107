"""The tools that steps may call. To add one: a module here, and a line in `TOOLS`."""

from orchestration.tools.email import SEND
from orchestration.tools.tool import KEYED, SAFE, UNSAFE, Tool, ToolFailed

TOOLS: dict[str, Tool] = {tool.name: tool for tool in (SEND,)}

__all__ = ["KEYED", "SAFE", "TOOLS", "UNSAFE", "Tool", "ToolFailed", "get"]


def get(name: str) -> Tool:
    """The tool of that name, or `KeyError`."""
    return TOOLS[name]
