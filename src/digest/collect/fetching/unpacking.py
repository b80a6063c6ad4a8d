"""Unpacking a body chunk by chunk, never to more than there is room for.

httpx unpacks whatever comes: a body that was packed twice reaches gigabytes before its first chunk is seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from digest.errors import SourceError

__all__ = ["unpacker"]


def unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function that unpacks a chunk to at most so many bytes.

    Raises:
        SourceError: an encoding that was not asked for, or several on top of each other.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
    if not names:
        return lambda chunk, room: chunk
    if names not in (["gzip"], ["x-gzip"], ["deflate"]):
        raise SourceError(
            f"is sent as {encoding[:200]!r}, which was not asked for.", "Only gzip or deflate is unpacked."
        )
    if names == ["deflate"]:
        return _inflater()
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    return lambda chunk, room: unzip.decompress(chunk, max(room, 1))


def _inflater() -> Callable[[bytes, int], bytes]:
    """Return an unpacker for "deflate": zlib's format by RFC 9110 §8.4.1.2, but some servers send it bare."""
    inflate = None

    def unpack(chunk: bytes, room: int) -> bytes:
        nonlocal inflate
        if inflate is None:
            is_zlib = (
                len(chunk) > 0 and chunk[0] & 0x0F == 8 and (len(chunk) == 1 or (chunk[0] << 8 | chunk[1]) % 31 == 0)
            )
            inflate = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        return inflate.decompress(chunk, max(room, 1))

    return unpack
