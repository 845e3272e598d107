"""The body of a request, bounded before Django writes it to disk: a door around the pages."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.template.loader import render_to_string

LARGEST = 64 * 1024 * 1024  # bytes: the files of one form, and what is typed
READ_PAST = 1024 * 1024 * 1024  # bytes: whoever sends more than this is not even heard to the end

type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class _TooLarge(Exception):
    """The body went past the limit."""


def bounded(app: App) -> App:
    """`app`, with bodies past the limit answered 413. They are read past, so that the sender hears the answer."""

    async def door(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        taken = 0

        async def count() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST:
                raise _TooLarge
            return message

        if _announced(scope) > LARGEST:
            return await _refuse(receive, send)
        try:
            return await app(scope, count, send)
        except _TooLarge:
            return await _refuse(receive, send)

    return door


def _announced(scope: dict[str, Any]) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() and len(lengths[0]) < 20 else 0


async def _refuse(receive: Receive, send: Send) -> None:
    read = 0
    while read < READ_PAST:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            break
    page = (await sync_to_async(render_to_string)("413.html")).encode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(page)),
        "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'",
        "x-content-type-options": "nosniff",
        "connection": "close",
    }
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 413, "headers": pairs})
    await send({"type": "http.response.body", "body": page})
