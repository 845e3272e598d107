"""Answers: unpacked here, a piece at a time, so that no more is ever held than may be read."""

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx2
from django.utils.translation import gettext as _

from orchestration.tools.outgoing import network
from orchestration.tools.outgoing.refusing import Refused

STEP = 256 * 1024
GZIP = 31  # window bits: gzip alone
REDIRECTS = {301, 302, 303, 307, 308}
ONE_PIECE = {"content-encoding", "content-length", "transfer-encoding"}  # headers of how an answer travelled


class Unpacking:
    """What is read of one answer: at most `largest` bytes, as they come and unpacked."""

    def __init__(self, response: httpx2.Response, largest: int) -> None:
        self._largest, self._came, self._gave = largest, 0, 0
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in {"identity", "gzip", "x-gzip"}:
            raise Refused(_("The answer is packed in a way that was not asked for."), sent=True)
        self._unpacker = None if packed == "identity" else zlib.decompressobj(GZIP)

    def take(self, part: bytes) -> Iterator[bytes]:
        """The unpacked bytes of a part."""
        self._came += len(part)
        if self._came > self._largest:
            raise self.too_large()
        if self._unpacker is None:
            yield part
            return
        while part and not self._unpacker.eof:
            try:
                piece = self._unpacker.decompress(part, STEP)
            except zlib.error:
                raise Refused(_("The answer cannot be unpacked."), sent=True) from None
            part = self._unpacker.unconsumed_tail
            self._gave += len(piece)
            if self._gave > self._largest:
                raise self.too_large()
            yield piece

    def end(self) -> None:
        """Raise `Refused` where a packed answer ends before its end."""
        if self._came and self._unpacker is not None and not self._unpacker.eof:
            raise Refused(_("The answer cannot be unpacked."), sent=True)

    def too_large(self) -> Refused:
        """What is said of an answer that is longer than what is read."""
        return Refused(
            _("The answer is larger than the %(bytes)d bytes that are read.") % {"bytes": self._largest}, sent=True
        )


class Body(httpx2.SyncByteStream):
    """The answer of a session."""

    def __init__(self, inner: httpx2.SyncByteStream, unpacking: Unpacking, moment: float) -> None:
        self._inner, self._unpacking, self._moment = inner, unpacking, moment

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._inner)
        while True:
            with network.until(self._moment):
                part = next(parts, None)
            if part is None:
                break
            yield from self._unpacking.take(part)
        self._unpacking.end()

    def close(self) -> None:
        self._inner.close()


class AsyncBody(httpx2.AsyncByteStream):
    """The answer of a client."""

    def __init__(self, inner: httpx2.AsyncByteStream, unpacking: Unpacking, moment: float) -> None:
        self._inner, self._unpacking, self._moment = inner, unpacking, moment

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = aiter(self._inner)
        while True:
            with network.until(self._moment):
                part = await anext(parts, None)
            if part is None:
                break
            for piece in self._unpacking.take(part):
                yield piece
        self._unpacking.end()

    async def aclose(self) -> None:
        await self._inner.aclose()


def check(response: httpx2.Response) -> None:
    """Raise `Refused` where the answer sends elsewhere, or leaves HTTP."""
    if response.status_code in REDIRECTS and "location" in response.headers:
        raise Refused(_("It answers by sending elsewhere, which is not followed. Name the address itself."), sent=True)
    if response.status_code == 101:
        raise Refused(_("It answers with something that is no HTTP."), sent=True)


def outside(response: httpx2.Response) -> tuple[list[tuple[bytes, bytes]], dict[str, object]]:
    """The headers and extensions that are handed on: none of how the answer travelled, and no open connection."""
    dropped = {name.encode() for name in ONE_PIECE}
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in dropped]
    kept = {key: value for key, value in response.extensions.items() if key in {"http_version", "reason_phrase"}}
    return headers, kept
