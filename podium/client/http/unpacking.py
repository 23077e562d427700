"""Reads the body of an answer, unpacked, and never more of it than a limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

from podium.engine.service_ports import HttpRefused

#: What `unpack` understands, as a request's ``Accept-Encoding`` says it.
ACCEPTED = "gzip, deflate"

_GZIP = 16 + zlib.MAX_WBITS


class AnswerTooLarge(HttpRefused):
    """An answer is larger than the limit."""


async def read_body(chunks: AsyncIterable[bytes], encodings: str, limit: int) -> bytes:
    """
    Return a whole body.

    Args:
        chunks: As they come from the network.
        encodings: The answer's ``Content-Encoding``; empty for none.
        limit: Most bytes, of the body and of each form in which it is packed.

    Raises:
        AnswerTooLarge: It is larger.
        OSError: It is packed in a way that was not asked for, or is damaged.
    """
    layers = [_unpacker(name) for name in reversed(_names(encodings))]
    parts: list[bytes] = []
    total = 0
    try:
        async for chunk in chunks:
            for layer in layers:
                # At most one byte too many is unpacked, so that too much is seen and never built.
                chunk = layer.decompress(chunk, limit + 1 - total)  # noqa: PLW2901  # it is the next layer's chunk
            parts.append(chunk)
            total += len(chunk)
            if total > limit or any(layer.unconsumed_tail for layer in layers):
                raise AnswerTooLarge(f"the answer is larger than {limit:,} bytes, the most that an HTTP task takes")
    except zlib.error as error:
        raise OSError(f"the answer says Content-Encoding: {encodings}, and cannot be unpacked: {error}") from error
    return b"".join(parts)


def _names(encodings: str) -> list[str]:
    names = [name for part in encodings.lower().split(",") if (name := part.strip()) and name != "identity"]
    unknown = [name for name in names if name not in {"gzip", "x-gzip", "deflate"}]
    if unknown or len(names) > 2:
        raise OSError(f"the answer says Content-Encoding: {encodings}; only {ACCEPTED} can be unpacked")
    return names


class _Deflated:
    """Deflate with zlib's header, as the standard says, or without, as some servers send it."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj()
        self._is_first = True

    @property
    def unconsumed_tail(self) -> bytes:
        return self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except zlib.error:
            if not self._is_first:
                raise
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inner.decompress(data, max_length)
        finally:
            self._is_first = False


def _unpacker(name: str) -> _Deflated | zlib._Decompress:
    return _Deflated() if name == "deflate" else zlib.decompressobj(_GZIP)
