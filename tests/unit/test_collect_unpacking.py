"""Packed bodies: whole, in several members, cut, damaged, too large."""

from __future__ import annotations

import gzip
import zlib

import pytest

from digest.collect.unpacking import OversizedError, unpacked
from digest.errors import SourceError

TEXT = b"".join(b"<item>%d</item>" % number for number in range(3_000))
MOST = 1_000_000


def _bare(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:9_000]) + gzip.compress(TEXT[9_000:])),
        ("gzip", gzip.compress(TEXT) + bytes(512)),
        ("gzip", gzip.compress(TEXT) + b"<!-- served by a cache -->"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _bare(TEXT)),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 4_096, 1_000_000])
def test_what_was_packed_comes_out_whatever_the_chunks(encoding: str, packed: bytes, size: int) -> None:
    chunks = (packed[start : start + size] for start in range(0, len(packed), size))
    assert unpacked(chunks, encoding, most=MOST) == TEXT


@pytest.mark.parametrize("missing", [1, 8, 200])
def test_a_gzip_body_that_was_cut_off_is_no_shorter_body(missing: int) -> None:
    with pytest.raises(zlib.error):
        unpacked([gzip.compress(TEXT)[:-missing]], "gzip", most=MOST)
    with pytest.raises(zlib.error):
        unpacked([gzip.compress(TEXT) + gzip.compress(TEXT)[:-missing]], "gzip", most=MOST)


def test_a_damaged_body_is_told() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    with pytest.raises(zlib.error):
        unpacked([bytes(packed)], "gzip", most=MOST)


def test_an_empty_body_is_empty_however_it_is_said_to_be_packed() -> None:
    assert unpacked([], "gzip", most=MOST) == unpacked([b""], "deflate", most=MOST) == b""


@pytest.mark.parametrize(
    "packed", [gzip.compress(bytes(3 * MOST), mtime=0), gzip.compress(bytes(MOST // 2), mtime=0) * 3]
)
def test_a_bomb_is_stopped_at_the_cap(packed: bytes) -> None:
    with pytest.raises(OversizedError):
        unpacked([packed], "gzip", most=MOST)


def test_a_body_of_endless_members_ends() -> None:
    with pytest.raises(zlib.error):
        unpacked([gzip.compress(b"") * 20_000], "gzip", most=MOST)


def test_a_body_that_was_packed_twice_is_refused() -> None:
    with pytest.raises(SourceError, match="gzip, gzip"):
        unpacked([gzip.compress(gzip.compress(TEXT))], "gzip, gzip", most=MOST)
