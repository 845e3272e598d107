"""The airline's MCP server over streamable HTTP, as a process of its own on loopback.

`python -m tests.airline.server` prints its address; MCP is at `/mcp`. A call's `_meta` tells which copy of the bookings
it plays on (`handrail/run`), and its idempotency key (`handrail/key`). `/told` has what was done.
"""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.airline import desk, serving
from tests.airline.bookings import Effect
from tests.airline.recordings import EXCERPT, Call, declared
from tests.airline.runs import Runs

RUN, KEY = "handrail/run", "handrail/key"
NAME = "airline"

type Context = ServerRequestContext[Any, Any]


def tools() -> list[Tool]:
    """The 14 tools as they are declared; their hints say truly what they do."""
    return [
        Tool(
            name=tool["name"],
            description=tool["description"],
            input_schema=tool["parameters"],
            annotations=ToolAnnotations(
                read_only_hint=tool["name"] in desk.READS,
                destructive_hint=tool["name"] in desk.WRITES and tool["name"] != "send_certificate",
                idempotent_hint=tool["name"] in desk.READS,
                open_world_hint=False,
            ),
        )
        for tool in declared()
    ]


def server(runs: Runs, pause: float = 0.0) -> Server[Any]:
    """The MCP server; it answers so many seconds after a change is made, when whoever asked for it may be gone."""

    async def list_tools(context: Context, asked: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools())

    async def call_tool(context: Context, asked: CallToolRequestParams) -> CallToolResult:
        if asked.name not in desk.TOOLS:
            raise MCPError(INVALID_PARAMS, f"There is no tool {asked.name}.")
        run = runs.of(_meta(asked, RUN))
        made = len(run.made)
        answer = run.ask(_meta(asked, KEY), Call(asked.name, asked.arguments or {}))
        if len(run.made) > made:
            await asyncio.sleep(pause)
        return CallToolResult(content=[TextContent(type="text", text=answer.text)], is_error=answer.refused)

    return Server(NAME, version="1", on_list_tools=list_tools, on_call_tool=call_tool)


def _meta(asked: CallToolRequestParams, name: str) -> str:
    value = dict(asked.meta or {}).get(name, "")
    if not isinstance(value, str):
        raise MCPError(INVALID_PARAMS, f"{name} in _meta is no text.")
    return value


def app(folder: Path = EXCERPT, pause: float = 0.0) -> Starlette:
    """MCP at `/mcp`, and what was done at `/told`."""
    runs = Runs(folder)

    async def told(request: Request) -> JSONResponse:
        name = request.query_params.get("run")
        return JSONResponse(runs.counted() if name is None else runs.of(name).told())

    routes = [Route("/told", told)]
    return server(runs, pause).streamable_http_app(stateless_http=True, custom_starlette_routes=routes)


@dataclass(frozen=True)
class Airline:
    """A server that stands: where it is, and its process."""

    address: str
    pid: int

    @property
    def mcp(self) -> str:
        """Where it speaks MCP."""
        return f"{self.address}/mcp"

    def counted(self) -> dict[str, dict[str, int]]:
        """Of each run: `calls`, `effects`, `repeats`, `misused`, and how many `keys` it gave."""
        return dict(serving.told(self.address, "/told"))

    def told(self, run: str = "") -> dict[str, Any]:
        """The same of one run, with the writes that were `made`, in order, and each key's repeats (`keyed`)."""
        return dict(serving.told(self.address, "/told", run=run))

    def changed(self, run: str = "") -> Effect:
        """The records of a run that are other than they were at the beginning."""
        return {(table, name): record for table, name, record in self.told(run)["changed"]}


@contextmanager
def standing(folder: Path = EXCERPT, pause: float = 0.0) -> Iterator[Airline]:
    """A server over the bookings of a folder, as long as the block."""
    given = ["--data", str(folder), "--pause", str(pause)]
    with serving.process("tests.airline.server", *given) as (address, pid):
        yield Airline(address, pid)


def main() -> None:
    """Serve as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.airline.server")
    parser.add_argument("--data", type=Path, default=EXCERPT, help="the folder of the bookings")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between a change and its answer")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 chooses one")
    asked = parser.parse_args()
    serving.serve(app(asked.data, asked.pause), asked.port)


if __name__ == "__main__":
    main()
