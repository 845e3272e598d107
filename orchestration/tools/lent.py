"""Which tools an agent may use by itself: those that change nothing, and may be called again freely."""

from collections.abc import Mapping
from typing import Any

from orchestration.tools.tool import SAFE, Tool


def refusal(tool: Tool) -> str:
    """Why an agent may not call it by itself, as the end of a sentence; or ""."""
    if tool.effect != "read":
        return f"changes something ({tool.effect}); calls of an agent that need an approval come later"
    if tool.takes_files:
        return "reads files, which calls of an agent do not hand over"
    if tool.repeatability != SAFE:
        return "cannot be called again freely; calls of an agent that need an approval come later"
    return ""


def only_reads(tool: Tool) -> bool:
    """Whether a call changes nothing, and may be made again freely."""
    return tool.effect == "read" and tool.repeatability == SAFE


def problems(spec: dict[str, Any], known: Mapping[str, Tool]) -> list[str]:
    """What is wrong with the tools of an agent's step, as it stands in a document, among those `known`."""
    found = []
    for name in spec.get("tools", []):
        if name not in known:
            found.append(f"may call {name!r}, which is no tool here.")
        elif why := refusal(known[name]):
            found.append(f"may call {name!r}, which {why}.")
    return found
