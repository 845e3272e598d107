"""The tools of the measurements, brought as a house brings its own: `HANDRAIL_TOOLS=tests.bench.tools`."""

import time
from pathlib import Path
from typing import Any

from orchestration.tools import SAFE, Tool


def noop(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Do nothing."""
    return {"done": True}


def mark(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Write the time, in nanoseconds since 1970, into the file that `path` names."""
    moment = time.time_ns()
    path = Path(arguments["path"])
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(str(moment))
    unfinished.replace(path)
    return {"at": str(moment)}


NOOP = Tool(
    name="bench.noop",
    version=1,
    title="Do nothing",
    effect="read",
    leaves_house=False,
    schema={"type": "object", "additionalProperties": False},
    call=noop,
    effects=lambda arguments: ["Nothing happens."],
    repeats=lambda: SAFE,
)
MARK = Tool(
    name="bench.mark",
    version=1,
    title="Leave a time mark",
    effect="write",
    leaves_house=False,
    schema={
        "type": "object",
        "required": ["path"],
        "additionalProperties": False,
        "properties": {"path": {"type": "string", "minLength": 1}},
    },
    call=mark,
    effects=lambda arguments: [f"The time is written into {arguments.get('path', '')}."],
    repeats=lambda: SAFE,
)
TOOLS = [NOOP, MARK]
