"""An answer that is heard while it is written: its pieces put together, and how much of it may be shown already."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from orchestration.failures import ANSWER, CallFailed, TooLong
from orchestration.replies import LONGEST

ENDED = re.compile(rb'^data:\s*\[DONE\]|"finish_reason"\s*:\s*"', re.MULTILINE)  # what a whole answer says somewhere
DONE, ESCAPED = b"[DONE]", rb"\u005bDONE]"  # litellm drops a piece that says the former anywhere

_ends: ContextVar[list[bool]] = ContextVar("whether the answers that this task hears came to their ends")


class Hearing:
    """One answer as it comes: `heard` is told its text so far. `key`: what must not be seen, not even a part of it."""

    def __init__(self, key: str | None, heard: Callable[[str], None]) -> None:
        self.key = key or ""
        self.heard = heard
        self.text = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear one answer: if its connection ends before it does, that is a failure and no answer."""
        ends: list[bool] = []
        before = _ends.set(ends)
        try:
            yield
        finally:
            _ends.reset(before)
        if False in ends:
            raise ConnectionResetError("The answer ended in its middle.")

    async def whole(self, stream: AsyncIterator[Any]) -> list[Any]:
        """Every piece, once all have come."""
        pieces = []
        async for piece in stream:
            pieces.append(piece)
            said = piece.choices[0].delta.content if getattr(piece, "choices", None) else None
            if said:
                self.text += said
                self._tell()
        check_calls(pieces)
        return pieces

    def _tell(self) -> None:
        if len(self.text) > LONGEST:
            raise TooLong
        if self.key and self.key in self.text:
            raise CallFailed("The answer repeats the key, so nothing of it is kept.", code=ANSWER)
        self.heard(self.text[: len(self.text) - self._of_key()])

    def _of_key(self) -> int:
        """How many of the last characters may be the beginning of the key."""
        most = min(len(self.key), len(self.text))
        return next((n for n in range(most, 0, -1) if self.text.endswith(self.key[:n])), 0)


def check_calls(pieces: Iterable[Any]) -> None:
    """Whether each call that the pieces ask for is one call, with an id and a name: else it would be put together
    from two, or be left out without a word. Or `CallFailed`.
    """
    ids, names = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    for piece in pieces:
        for choice in getattr(piece, "choices", None) or ():
            for asked in choice.delta.tool_calls or ():
                ids[asked.index] |= {asked.id} if asked.id else set()
                names[asked.index] |= {asked.function.name} if asked.function.name else set()
    if any(len(ids[at]) != 1 or len(names[at]) != 1 for at in {*ids, *names}):
        raise CallFailed("The calls that the answer asks for cannot be told apart.", code=ANSWER)


def bounded(response: Any, most: int) -> Any:
    """The same HTTP response, of whose body so many bytes are read and no more; whoever hears it learns of its end."""
    parts, ends = response.aiter_bytes, _ends.get([])
    ends.append(False)

    async def read(chunk_size: int | None = None) -> AsyncIterator[bytes]:
        length, rest = 0, bytearray()
        try:
            async for part in parts(chunk_size):
                length += len(part)
                if length > most:
                    raise TooLong
                rest += part
                if b"\n" in part:
                    whole, rest = rest[: rest.rindex(b"\n") + 1], rest[rest.rindex(b"\n") + 1 :]
                    yield _lines(bytes(whole), ends)
            yield _lines(bytes(rest), ends)
        finally:
            await response.aclose()

    response.aiter_bytes = read
    return response


def _lines(whole: bytes, ends: list[bool]) -> bytes:
    """Whole lines as litellm may read them. Whether the answer comes to its end in them is kept."""
    if ENDED.search(whole):
        ends[:] = [True]
    if DONE not in whole:
        return whole
    lines = whole.splitlines(keepends=True)
    return b"".join(one.replace(DONE, ESCAPED) if b"{" in one else one for one in lines)
