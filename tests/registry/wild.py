"""A server that nobody should trust, over streamable HTTP and stdio: long answers, no answers, orders, questions.

`python -m tests.registry.wild stdio FILE` or `... http PORT FILE`. The file says how it behaves, and is read at each
request: `describes`, `doubled`, `odd`.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

type Context = ServerRequestContext[Any, Any]

NAMES = ("echo", "large", "hang", "die", "fail", "ask", "odd_result")
FORM: dict[str, Any] = {"type": "object", "properties": {"seat": {"type": "string"}}}


def server(told: Path) -> Server[Any]:
    """The server; what it says is read from the file."""

    def says() -> dict[str, Any]:
        return dict(json.loads(told.read_text() or "{}")) if told.exists() else {}

    async def list_tools(context: Context, asked: PaginatedRequestParams | None) -> ListToolsResult:
        said = says()
        schema = {"type": "object", "properties": {"word": {"type": "string"}}}
        tools = [Tool(name=name, description=said.get(name, f"To {name}."), input_schema=schema) for name in NAMES]
        tools += [Tool(name=name, description="Another.", input_schema=schema) for name in said.get("more", [])]
        return ListToolsResult(tools=[one for one in tools if one.name not in said.get("without", [])])

    async def call_tool(context: Context, asked: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        arguments = asked.arguments or {}
        with told.with_suffix(".calls").open("a") as calls:
            calls.write(json.dumps({"name": asked.name, "meta": dict(asked.meta or {})}) + "\n")
        match asked.name:
            case "large":
                return _text("x" * (50 * 1024 * 1024))
            case "hang":
                await asyncio.sleep(600)
            case "die":
                os._exit(1)
            case "fail":
                return CallToolResult(content=[TextContent(type="text", text="It is full.")], is_error=True)
            case "ask":
                params = ElicitRequestFormParams(message="Which seat?", requested_schema=FORM)
                return InputRequiredResult(input_requests={"seat": ElicitRequest(params=params)}, request_state="s")
        return _text(str(arguments.get("word", "")))

    return Server("wild", version="1", on_list_tools=list_tools, on_call_tool=call_tool)


def _text(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)])


async def _over_stdio(told: Path) -> None:
    made = server(told)
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def main() -> None:
    """Serve as the command line asks."""
    if sys.argv[1] == "stdio":
        asyncio.run(_over_stdio(Path(sys.argv[2])))
    else:
        app = server(Path(sys.argv[3])).streamable_http_app(stateless_http=True)
        uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")


if __name__ == "__main__":
    main()
