"""Replies in any portions."""

from __future__ import annotations

import pytest

from digest.deliver.senders.smtp_replies import Replies, Reply

DIALOGUE = b"250-first\r\n250-second\r\n250 third\r\n354\r\n550 5.1.1 No such user\r\n250 2.0.0 Ok: queued as Q1\n"
HEARD = [
    Reply(250, b"first second third"),
    Reply(354, b""),
    Reply(550, b"5.1.1 No such user"),
    Reply(250, b"2.0.0 Ok: queued as Q1"),
]


@pytest.mark.parametrize("cut", range(len(DIALOGUE) + 1))
def test_a_reply_cut_anywhere_is_one_reply(cut: int) -> None:
    replies = Replies()
    assert [*replies.feed(DIALOGUE[:cut]), *replies.feed(DIALOGUE[cut:])] == HEARD


def test_replies_that_come_byte_by_byte_are_whole() -> None:
    replies = Replies()
    assert [reply for byte in DIALOGUE for reply in replies.feed(bytes([byte]))] == HEARD


@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\r\n",
        b"\r\n",
        b"25 short\r\n",
        b"2500 long\r\n",
        b"150 of no class\r\n",
        b"650 of no class\r\n",
        b"\xff\xfe\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"250-of one code\r\n550 and of another\r\n",
        b"250 " + b"x" * 5_000 + b"\r\n",
        b"x" * 5_000,
        b"250-more\r\n" * 20_000,
        b"250-\r\n" * 70_000,
    ],
    ids=lambda said: repr(said[:20]),
)
def test_what_is_no_reply_has_no_code(said: bytes) -> None:
    assert Replies().feed(said)[0].code == 0


def test_words_are_one_short_line() -> None:
    reply = Replies().feed(b"550-5.7.1  no\tthanks \r\n550 \xc3\xa9 " + b"x" * 900 + b"\r\n")[0]
    assert reply.words.startswith("5.7.1 no thanks é xxx")
    assert len(reply.words) == 300
