"""A server's words, read as they come: bytes in any portions become whole replies (RFC 5321 §4.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Replies", "Reply", "first_words"]

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
# RFC 5321 §4.5.3.1.5 allows a line 512 bytes. What is longer than these is no reply but an attempt to fill memory.
_LINE_BYTES = 4_096
_REPLY_BYTES = 65_536
_WORDS_CHARACTERS = 300


class Reply(NamedTuple):
    """A whole reply, its lines joined; the code is 0 for what is none."""

    code: int
    text: bytes

    @property
    def words(self) -> str:
        return first_words(self.text)

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_refusal(self) -> bool:
        return 400 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


class Replies:
    """Collects what one server says."""

    def __init__(self) -> None:
        self._rest = b""  # a line that has not ended
        self._code = 0  # of the reply whose last line has not come
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that `data` completes. After one with code 0 the dialogue makes no sense any more."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        replies = []
        for line in lines:
            found = _LINE.fullmatch(line.rstrip(b"\r")) if len(line) <= _LINE_BYTES else None
            if found is None or (self._lines and int(found[1]) != self._code):
                replies.append(Reply(0, line[:_WORDS_CHARACTERS]))
                continue
            code, more, text = int(found[1]), found[2] == b"-", found[3] or b""
            if more or self._lines:
                self._code = code
                self._lines.append(text)
                if more:
                    continue
                text = b" ".join(self._lines)
                self._lines = []
            replies.append(Reply(code, text))
        if len(self._rest) > _LINE_BYTES or sum(map(len, self._lines)) + len(self._lines) > _REPLY_BYTES:
            replies.append(Reply(0, b"a reply without an end"))
            self._rest, self._lines = b"", []
        return replies


def first_words(text: bytes | str) -> str:
    """Return a server's words as one line of at most 300 characters."""
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(line.split())[:_WORDS_CHARACTERS]
