"""MCP over the standard streams of a process. The command comes from the settings of the host, never from a page."""

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import anyio
from anyio.abc import Process
from django.conf import settings
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

LARGEST = 8 * 1024 * 1024  # bytes of one message
PATIENCE = 2.0  # seconds that a process has to end by itself
SECRET = "@secret"  # noqa: S105  (what stands for the connection's secret in a command's environment)


class Command(NamedTuple):
    """What is run, and what its environment has besides the usual."""

    words: list[str]
    environment: dict[str, str]


class NoSuchCommand(LookupError):
    """The settings of this host name no such command."""


def named(name: str, secret: str) -> Command:
    """The command of that name: `NAME=VALUE` in front of it goes into its environment. Raises `NoSuchCommand`."""
    line = dict(settings.HANDRAIL_MCP_COMMANDS).get(name)
    if line is None:
        raise NoSuchCommand(f"HANDRAIL_MCP_COMMANDS on this host names no command {name!r}.")
    words, environment = shlex.split(line), dict[str, str]()
    while words and "=" in words[0]:
        variable, _, value = words.pop(0).partition("=")
        environment[variable] = secret if value == SECRET else value
    if not words:
        raise NoSuchCommand(f"HANDRAIL_MCP_COMMANDS on this host says no program for {name!r}.")
    return Command(words, environment)


@asynccontextmanager
async def transport(command: Command, told: dict[str, str]) -> AsyncIterator[Any]:
    """The two streams of a session with a process that lives as long as the block; `told` says what was wrong."""
    started = await anyio.open_process(
        command.words,
        env=_environment(command.environment),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    to_session, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read, started, to_session, told)
        tasks.start_soon(_write, started, from_session, to_session)
        try:
            yield from_server, to_server
        finally:
            with anyio.CancelScope(shield=True):
                await _end(started)
                for stream in (to_session, from_server, to_server, from_session):
                    await stream.aclose()
            tasks.cancel_scope.cancel()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Little: whatever opens this installation stays here."""
    return {**get_default_environment(), **more}


async def _read(started: Process, to_session: Any, told: dict[str, str]) -> None:
    """One message a line; a line that is too long ends the process. `told` says when there is nothing more to read."""
    assert started.stdout is not None
    line = bytearray()
    with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError):
        async with to_session:
            async for part in started.stdout:
                *whole, rest = part.split(b"\n")
                for one in whole:
                    await _send(to_session, bytes(line) + one)
                    line.clear()
                line += rest
                if len(line) > LARGEST:
                    told["why"] = f"It sent a message of more than {LARGEST // 1024 // 1024} MB."
                    _kill(started)
                    break
    told["ended"] = "yes"


async def _send(to_session: Any, line: bytes) -> None:
    if not line.strip():
        return
    try:
        message: SessionMessage | Exception = SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        message = error
    await to_session.send(message)


async def _write(started: Process, from_session: Any, to_session: Any) -> None:
    assert started.stdin is not None
    try:
        async with from_session:
            async for one in from_session:
                await started.stdin.send(
                    one.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
                )
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        await to_session.aclose()  # so that nobody waits for an answer


async def _end(started: Process) -> None:
    """Close what it reads, wait a little, then kill it with all that it has begun."""
    assert started.stdin is not None
    with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        await started.stdin.aclose()
    until = asyncio.get_running_loop().time() + PATIENCE
    while started.returncode is None and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.01)
    _kill(started)
    with anyio.move_on_after(PATIENCE):
        while started.returncode is None:
            await asyncio.sleep(0.01)
    if started.stdout is not None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            await started.stdout.aclose()


def _kill(started: Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, signal.SIGKILL)
