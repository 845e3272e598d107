"""The tools that steps may call. To add one of ours: a module here, and its tool in `TOOLS`.

A house adds its own without touching this: `HANDRAIL_TOOLS` names Python modules, and each gives a list `TOOLS`.
"""

from orchestration.tools import registry
from orchestration.tools.email import SEND
from orchestration.tools.pdf import TEXT
from orchestration.tools.record import FILE
from orchestration.tools.tool import KEYED, SAFE, UNSAFE, Tool, ToolFailed

TOOLS = registry.Registry(SEND, TEXT, FILE)
registry.connect(TOOLS)

__all__ = ["KEYED", "SAFE", "TOOLS", "UNSAFE", "Tool", "ToolFailed", "get"]


def get(name: str) -> Tool:
    """The tool of that name, or `KeyError`."""
    return TOOLS[name]
