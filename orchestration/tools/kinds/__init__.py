"""How tools of other systems are called, by their kind. To add one: a module with `call`, and its line in `MODULES`.

`call(declared, arguments, key)` gets a `declared.Declared`, arguments that fit its schema, and a key that stays the
same over retries; it gives back an object, or raises `ToolFailed`. It runs in a thread and asks no database.
"""

from importlib import import_module
from typing import Any

from orchestration.states import ToolKind

MODULES = {
    ToolKind.MCP: "orchestration.tools.kinds.mcp",
    ToolKind.HTTP: "orchestration.tools.kinds.http",
    ToolKind.SQL: "orchestration.tools.kinds.sql",
    ToolKind.FILES: "orchestration.tools.kinds.files",
    ToolKind.CALLBACK: "orchestration.tools.kinds.callback",
}


def warm() -> None:
    """Load what calls of every kind need, for a parent that is about to fork: a second of work for MCP alone."""
    for kind in MODULES:
        module_of(kind)


def module_of(kind: str) -> Any:
    """The module of a kind, imported when it is first needed."""
    return import_module(MODULES[ToolKind(kind)])
