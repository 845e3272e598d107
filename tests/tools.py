"""The tools of the tests, brought as a house brings its own: `HANDRAIL_TOOLS=tests.tools`."""

import threading
import time
from collections import Counter
from typing import Any

from orchestration.tools import KEYED, SAFE, UNSAFE, Tool, ToolFailed

calls: list[tuple[str, dict[str, Any], str]] = []  # of this process: name, arguments, key
failures: Counter[str] = Counter()  # how often `test.say` of a word still has to fail
gone_on = threading.Event()  # what `test.hold` waits for


def say(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Hand the arguments back, or fail as often as the test wants."""
    calls.append(("say", arguments, key))
    word = str(arguments.get("word", ""))
    if failures[word] > 0:
        failures[word] -= 1
        raise ToolFailed(f"{word} failed.", retry=arguments.get("retry", False))
    time.sleep(float(arguments.get("seconds", 0)))
    return arguments


def hold(arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Wait until the test lets it go on."""
    calls.append(("hold", arguments, key))
    gone_on.wait(30)
    return arguments


def forget() -> None:
    """Begin anew."""
    calls.clear()
    failures.clear()
    gone_on.clear()


def _tool(name: str, call: Any, repeats: str, undo: str = "") -> Tool:
    return Tool(
        name=name,
        version=1,
        title=name,
        effect="read" if repeats == SAFE else "write",
        leaves_house=False,
        schema={"type": "object"},
        call=call,
        effects=lambda arguments: [f"{name} is called."],
        repeats=lambda: repeats,
        undo=undo,
    )


TOOLS = [
    _tool("test.say", say, SAFE),
    _tool("test.hold", hold, SAFE),
    _tool("test.keyed", say, KEYED),
    _tool("test.unsafe", say, UNSAFE),
    _tool("test.booked", say, KEYED, undo="test.keyed"),
]
