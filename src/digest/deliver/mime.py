"""A letter's two parts as multipart/alternative, with its blanks left open.

Quoted-printable is written so that a blank can be filled by joining bytes: a soft break stands on both
sides of it, so its value always begins in the first column and no line can grow too long. No line begins
with a dot, so the body needs no dot-stuffing on its way (RFC 5321 §4.5.2), and none with "From ".
Headers and readers are not known here.
"""

from __future__ import annotations

import hashlib
import re

from digest.model import Blank, Letter

__all__ = ["Pieces", "boundary_of", "encode_body", "quote_value"]

Pieces = tuple[bytes | Blank, ...]
"""A body's bytes in order, with a blank wherever a reader's own value belongs."""

_LINE = 76  # RFC 2045 §6.7 (5)
_SOFT_BREAK = b"=\r\n"
_BREAKS = re.compile("\r\n|\r|\n")
# Printable ASCII but "=", which stands for itself (RFC 2045 §6.7).
_QUOTED = [chr(byte) if 32 <= byte <= 126 and byte != ord("=") else f"={byte:02X}" for byte in range(256)]
# One column is kept free, since a soft break may follow. A dot or "From " in front is never bare.
_BARE_LINE = re.compile(r"(?!\.|From )[ -<>-~]{0,74}[!-<>-~]|")


def boundary_of(letter: Letter) -> str:
    """Return the boundary of `letter`, the same each time.

    "=_" can't occur in quoted-printable, so the boundary can't occur in a part (RFC 2045 §6.7).
    """
    told = "\0".join((letter.edition_id, letter.segment, letter.mark))
    return f"=_{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"


def encode_body(letter: Letter) -> Pieces:
    """Return the body of `letter`, from the first boundary to the last, ending with CRLF."""
    boundary = boundary_of(letter)
    pieces: list[bytes | Blank] = []
    for kind, content in (("plain", letter.text), ("html", letter.html)):
        pieces.append(
            f"--{boundary}\r\n"
            f"Content-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode("ascii")
        )
        pieces.extend(_quote_with_blanks(content, letter))
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    return _joined(pieces)


def quote_value(value: str) -> bytes:
    """Return the ASCII value of a blank as quoted-printable that begins in the first column."""
    if _BARE_LINE.fullmatch(value):
        return value.encode("ascii")
    width = _LINE - 1  # one column is kept for the soft break
    rows = [value[start : start + width] for start in range(0, len(value), width)]
    if all(map(_BARE_LINE.fullmatch, rows)):
        return _SOFT_BREAK.join(row.encode("ascii") for row in rows)
    return _wrapped(value.encode("ascii"))


def _quote_with_blanks(content: str, letter: Letter) -> list[bytes | Blank]:
    blanks = {letter.token(blank): blank for blank in Blank}
    parts = re.split(f"({'|'.join(map(re.escape, blanks))})", content)
    pieces: list[bytes | Blank] = []
    for number, part in enumerate(parts):
        if number % 2:
            pieces.append(blanks[part])
            continue
        quoted = _quote(part)
        is_after, is_before = number > 0, number < len(parts) - 1
        if is_before and quoted and not quoted.endswith(b"\r\n"):
            quoted += _SOFT_BREAK
        if is_after and not quoted.startswith(b"\r\n") and (quoted or is_before):
            quoted = _SOFT_BREAK + quoted
        pieces.append(quoted)
    return pieces


def _quote(text: str) -> bytes:
    """Return `text` as quoted-printable lines; a lone surrogate becomes a question mark."""
    return b"\r\n".join(_quote_line(line) for line in _BREAKS.split(text))


def _quote_line(line: str) -> bytes:
    if _BARE_LINE.fullmatch(line):
        return line.encode("ascii")
    return _wrapped(line.encode("utf-8", "replace"))


def _wrapped(line: bytes) -> bytes:
    """Break one line into quoted-printable lines of at most 76 characters, never inside a token."""
    rows = []
    row: list[str] = []
    width = 0
    for place, byte in enumerate(line):
        is_last_space = byte == ord(" ") and place == len(line) - 1  # it could get lost (RFC 2045 §6.7 (3))
        token = "=20" if is_last_space else _QUOTED[byte]
        if width + len(token) >= _LINE:  # one column is kept for the soft break
            rows.append("".join(row))
            row, width = [], 0
        if not width and (byte == ord(".") or line.startswith(b"From ", place)):
            token = f"={byte:02X}"
        row.append(token)
        width += len(token)
    rows.append("".join(row))
    return _SOFT_BREAK.join(finished.encode("ascii") for finished in rows)


def _joined(pieces: list[bytes | Blank]) -> Pieces:
    """Merge neighbouring bytes, so that filling the blanks joins as few pieces as can be."""
    merged: list[bytes | Blank] = []
    for piece in pieces:
        if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += piece
        else:
            merged.append(piece)
    return tuple(merged)
