"""What a server declares, as it is kept: every part of it, in one shape, with a fingerprint over all of it."""

from collections.abc import Mapping
from typing import Any

from audit.canonical import NotCanonical, clean, digest

MOST = 1000  # tools of one server
LARGEST = 256 * 1024  # bytes of one declaration


def declaration(tool: Any) -> dict[str, Any]:
    """A tool as the server lists it."""
    said = clean(tool.model_dump(by_alias=True, exclude_none=True, mode="json"))[0]
    own = {name: value for name, value in said.items() if name not in ("name", "description", "inputSchema")}
    return {
        "name": said["name"],
        "title": str(said.get("title") or (said.get("annotations") or {}).get("title") or ""),
        "description": str(said.get("description") or ""),
        "arguments": said.get("inputSchema") or {"type": "object"},
        "result": own.pop("outputSchema", None),
        "own": own,
    }


def fingerprint(said: Mapping[str, Any]) -> str:
    """The same for the same declaration, in whatever order it comes; "" for one that cannot be hashed."""
    try:
        return digest(said)
    except NotCanonical:
        return ""
