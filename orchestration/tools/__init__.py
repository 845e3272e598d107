"""The tools that steps may call. To add one of ours: a module here, and its tool in `TOOLS`.

A house adds its own without touching this: `HANDRAIL_TOOLS` names Python modules, and each gives a list `TOOLS`. Tools
of other systems are declared there, and stand in the catalog (`declared`); how they are called is a kind (`kinds`).
"""

from orchestration.tools import declared, registry
from orchestration.tools.asking import Paused
from orchestration.tools.email import SEND
from orchestration.tools.pdf import TEXT
from orchestration.tools.record import FILE
from orchestration.tools.tool import KEYED, SAFE, UNSAFE, AnsweredLater, Tool, ToolFailed

TOOLS = registry.Registry(SEND, TEXT, FILE, declared=declared.current)
registry.connect(TOOLS)

__all__ = ["KEYED", "SAFE", "TOOLS", "UNSAFE", "AnsweredLater", "Paused", "Tool", "ToolFailed", "get", "known"]


def get(name: str) -> Tool:
    """The tool of that name, or `KeyError`."""
    return TOOLS[name]


def known(name: str) -> Tool:
    """The tool of that name as of the last look, or `KeyError`: for threads, which ask no database."""
    found = TOOLS.load().get(name)
    return found if found is not None else declared.known()[name]
