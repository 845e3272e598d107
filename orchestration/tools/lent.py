"""Which tools an agent may be given."""

from collections.abc import Mapping
from typing import Any

from orchestration.tools.tool import SAFE, Tool


def refusal(tool: Tool) -> str:
    """Why an agent may not be given it, as the end of a sentence; or ""."""
    return "reads files, which calls of an agent do not hand over" if tool.takes_files else ""


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
