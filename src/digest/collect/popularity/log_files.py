"""The files of one access log, and their lines from an offset on.

A log is rotated by renaming it, by copying it and emptying the first, and then often packed. None of that changes how
it begins, so a file is known again by its first bytes, not by its name or inode. Offsets count unpacked bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from digest.errors import SourceError

__all__ = ["LogFile", "ReadMark", "lines_after", "log_files", "mark_of", "offset_in"]

_HEAD_BYTES = 1024
_LONGEST_LINE = 16_384  # a longer one is read in pieces, none of which is a line of a log
_MAX_BYTES = 1024 * 1024 * 1024  # of the newest end; a day of more is not a log to be read at breakfast
_CHECK = "Check popularity.inputs."


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was found: its first bytes, unpacked, and for a file that isn't packed its length."""

    path: Path
    head: bytes
    is_packed: bool
    size: int


@dataclass(frozen=True, slots=True)
class ReadMark:
    """How far a file was read: `offset` bytes of the one whose first `head_bytes` have this SHA-256."""

    head_bytes: int
    head_sha256: str
    offset: int


def log_files(path: Path, since: float) -> tuple[LogFile, ...]:
    """Return the files of the log at `path`, the one written first before the others.

    These are the file itself and its rotated parts beside it (access.log.1, access.log-20261124.gz), or whatever a
    name with * matches. A part that was last written before `since` (seconds since 1970) is left out.

    Raises:
        SourceError: there is none, or one can't be read.
    """
    try:
        found = list(path.parent.glob(path.name)) if "*" in path.name else [path, *_rotated(path)]
        written = {file: file.stat().st_mtime for file in found}
        wanted = [file for file in found if file == path or len(found) == 1 or written[file] >= since]
        wanted.sort(key=lambda file: (written[file], file.name))
        if not wanted:
            raise SourceError(f"{path} is the name of no file of these days.", _CHECK)
        return tuple(_opened(file) for file in wanted)
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def offset_in(file: LogFile, marks: Iterable[ReadMark]) -> int:
    """Return how many bytes of `file` were read already, whatever it was called then."""
    for mark in marks:
        if mark.offset and len(file.head) >= mark.head_bytes and _digest(file, mark.head_bytes) == mark.head_sha256:
            return mark.offset
    return 0


def mark_of(file: LogFile, offset: int) -> ReadMark:
    """Return the mark by which `file` is known again once `offset` bytes of it were read."""
    head_bytes = min(len(file.head), offset)  # what isn't read yet may be a line that is still being written
    return ReadMark(head_bytes, _digest(file, head_bytes), offset)


def lines_after(file: LogFile, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield each line after `offset` with the offset at which it ends.

    What stands behind the last line's end is not finished, and left for the next time.

    Raises:
        SourceError: the file can't be read, or its packing is damaged.
    """
    if not file.is_packed and file.size > offset + _MAX_BYTES:
        offset = file.size - _MAX_BYTES
    try:
        with file.path.open("rb") as raw:
            stream = _unpacked(raw) if file.is_packed else raw
            stream.seek(offset)
            end = offset + _MAX_BYTES
            while offset < end and (line := stream.readline(_LONGEST_LINE)):
                if line[-1:] != b"\n" and len(line) < _LONGEST_LINE:
                    return
                offset += len(line)
                yield offset, line
    except (OSError, EOFError) as error:
        raise _unreadable(file.path, error) from error


def _rotated(path: Path) -> list[Path]:
    """Return the files beside `path` that logrotate, Apache's rotatelogs or Caddy made of it."""
    stem, dot, suffix = path.name.rpartition(".")
    numbered = re.escape(path.name) + r"[.-]\d[\d-]*(?:\.gz)?"
    dated = (re.escape(stem) + r"-\d{4}-?\d\d-?\d\d[\dT.-]*" + re.escape(dot + suffix) + r"(?:\.gz)?") if stem else ""
    pattern = re.compile(f"{numbered}|{dated}" if dated else numbered)
    return [file for file in path.parent.iterdir() if pattern.fullmatch(file.name) and file.is_file()]


def _opened(path: Path) -> LogFile:
    with path.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        head = (_unpacked(raw) if is_packed else raw).read(_HEAD_BYTES)
        return LogFile(path, head, is_packed, path.stat().st_size)


def _unpacked(raw: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=raw), 1 << 20))


def _digest(file: LogFile, head_bytes: int) -> str:
    return hashlib.sha256(file.head[:head_bytes]).hexdigest()


def _unreadable(path: Path, error: OSError | EOFError) -> SourceError:
    return SourceError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}.", _CHECK)
