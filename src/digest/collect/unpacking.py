"""Unpacks a body chunk by chunk, never to more than there is room for, and never half of it.

httpx unpacks whatever comes: a body that was packed twice reaches gigabytes before its first chunk is seen,
and one that was cut off passes for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from digest.errors import SourceError

__all__ = ["OversizedError", "unpacked"]

_MOST_MEMBERS = 10_000  # of one gzip body; block-wise packers make one per 64 kB
_SLICE = 64 * 1024


class OversizedError(Exception):
    """A body is larger than allowed, as sent or as unpacked."""


def unpacked(chunks: Iterable[bytes], encoding: str, *, most: int) -> bytes:
    """Join and unpack a body, holding at most twice `most` bytes in memory.

    Args:
        chunks: As sent.
        encoding: The Content-Encoding header: nothing, gzip or deflate.
        most: Bytes of the body as sent, and again as unpacked.

    Raises:
        OversizedError: it has more.
        SourceError: an encoding that was not asked for, or several on top of each other.
        zlib.error: the packed body is damaged or, of gzip, cut off.
    """
    unpacker = _unpacker(encoding)
    body, sent = bytearray(), 0
    for chunk in chunks:
        sent += len(chunk)
        for part in _slices(chunk):
            body += unpacker.unpack(part, most + 1 - len(body))
            if sent > most or len(body) > most:
                raise OversizedError
    unpacker.finish()
    return bytes(body)


def _slices(chunk: bytes) -> Iterator[bytes]:
    return (chunk[start : start + _SLICE] for start in range(0, len(chunk), _SLICE))


def _unpacker(encoding: str) -> _Plain:
    names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
    if not names:
        return _Plain()
    if names in (["gzip"], ["x-gzip"]):
        return _Gzip()
    if names == ["deflate"]:
        return _Deflate()
    raise SourceError(f"is sent as {encoding[:200]!r}, which was not asked for.", "Only gzip or deflate is unpacked.")


class _Plain:
    def unpack(self, chunk: bytes, room: int) -> bytes:
        return chunk

    def finish(self) -> None:
        """Raise `zlib.error` where the end is missing."""


class _Gzip(_Plain):
    """One member or several, one after the other (RFC 1952 §2.2); what is not gzip after them is padding."""

    def __init__(self) -> None:
        self._member, self._members, self._is_padding = zlib.decompressobj(zlib.MAX_WBITS | 16), 0, False

    def unpack(self, chunk: bytes, room: int) -> bytes:
        plain = bytearray()
        while chunk and room > len(plain) and not self._is_padding:
            if self._member.eof and not chunk.startswith(b"\x1f"):
                self._is_padding = True
                break
            if self._member.eof or not self._members:
                self._member, self._members = zlib.decompressobj(zlib.MAX_WBITS | 16), self._members + 1
            if self._members > _MOST_MEMBERS:
                raise zlib.error("too many members")
            plain += self._member.decompress(chunk, room - len(plain))
            chunk = self._member.unused_data
        return bytes(plain)

    def finish(self) -> None:
        if self._members and not self._member.eof:
            raise zlib.error("cut off")


class _Deflate(_Plain):
    """zlib's format by RFC 9110 §8.4.1.2, but some servers send it bare, and some without its end."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None

    def unpack(self, chunk: bytes, room: int) -> bytes:
        if self._inflate is None:
            is_zlib = chunk[0] & 0x0F == 8 and (len(chunk) == 1 or (chunk[0] << 8 | chunk[1]) % 31 == 0)
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        return self._inflate.decompress(chunk, max(room, 1))
