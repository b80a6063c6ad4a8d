"""Header fields: their exact forms, and that no text becomes more than text."""

from __future__ import annotations

import email
import email.policy
import re
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.headers import (
    ascii_address,
    encode_header,
    encode_mailbox,
    parse_block,
    plain_line,
    split_mailbox,
    verify_block,
    wire_address,
)
from digest.errors import DeliveryError
from tests.standins.letters import HOSTILE


def decoded(field: bytes) -> str:
    """Read a field back with Python's parser, which knows nothing of ours."""
    value = str(email.message_from_bytes(field + b"\r\n").values()[0])
    return str(make_header(decode_header(value.replace("\r\n", ""))))


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("Subject", "Council votes", b"Subject: Council votes\r\n"),
        ("Subject", "", b"Subject: \r\n"),
        ("Subject", "Größe", b"Subject: =?utf-8?B?R3LDtsOfZQ==?=\r\n"),
        ("Subject", "a =?b", b"Subject: =?utf-8?B?YSA9P2I=?=\r\n"),
        ("From", "The Herald <news@herald.example>", b"From: The Herald <news@herald.example>\r\n"),
        ("From", "news@herald.example", b"From: news@herald.example\r\n"),
        ("From", '"Herald, The" <news@herald.example>', b'From: "Herald, The" <news@herald.example>\r\n'),
        ("From", "Zeitung <post@bücher.example>", b"From: Zeitung <post@xn--bcher-kva.example>\r\n"),
        (
            "From",
            "Hafenblatt Köln <n@herald.example>",
            b"From: =?utf-8?B?SGFmZW5ibGF0dCBLw7Zsbg==?= <n@herald.example>\r\n",
        ),
        ("List-Id", "Politics <politics.herald.example>", b"List-Id: Politics <politics.herald.example>\r\n"),
        ("List-Id", "Ö <p.herald.example>", b"List-Id: =?utf-8?B?w5Y=?= <p.herald.example>\r\n"),
        ("List-Id", "P <world_news.bücher.example>", b"List-Id: P <world_news.xn--bcher-kva.example>\r\n"),
        ("List-Post", "NO", b"List-Post: NO\r\n"),
        ("Precedence", "bulk", b"Precedence: bulk\r\n"),
    ],
)
def test_a_field_has_its_exact_form(name: str, value: str, field: bytes) -> None:
    assert encode_header(name, value) == field


def test_a_long_list_unsubscribe_is_never_encoded_and_folded_only_after_the_comma() -> None:
    url, mail = f"<https://n.herald.example/u/{'t' * 120}>", "<mailto:unsubscribe+token@herald.example>"
    assert encode_header("List-Unsubscribe", f"{url}, {mail}").decode() == f"List-Unsubscribe: {url},\r\n {mail}\r\n"


def test_long_ascii_is_folded_at_spaces_and_unfolds_to_itself() -> None:
    subject = "The council has voted, after a long night, on what becomes of the old harbour wall and its cranes"
    field = encode_header("Subject", subject)
    assert max(map(len, field.split(b"\r\n"))) <= 76
    assert parse_block(field) == (("Subject", subject),)


def test_encoded_words_keep_to_their_lengths_and_cut_between_characters() -> None:
    subject = "日本語の見出しが長く続くとどうなるか 👩‍👩‍👧‍👦 " * 10
    lines = encode_header("Subject", subject).decode().rstrip("\r\n").split("\r\n")
    assert max(map(len, lines)) <= 76
    for word in re.findall(r"=\?utf-8\?B\?[^?]*\?=", " ".join(lines)):
        assert len(word) <= 75
        assert str(make_header(decode_header(word)))  # each decodes by itself
    assert decoded(encode_header("Subject", subject)) == subject.strip()


@pytest.mark.parametrize(
    "name",
    ["Bcc", "bcc", "Cc", "Received", "Resent-To", "Return-Path", "DKIM-Signature", "X-SMTPAPI", "A:B", "A B", "", "Ä"],
)
def test_forbidden_names_are_refused(name: str) -> None:
    with pytest.raises(DeliveryError, match="may not be in a letter"):
        encode_header(name, "x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", "The Herald"),
        ("From", "a@x.example, b@x.example"),
        ("From", "A <a@x.example> B <b@x.example"),
        ("From", "ü@x.example"),
        ("Reply-To", "A <a b@x.example>"),
        ("List-Id", "Politics"),
        ("List-Id", "Politics <two words>"),
        ("List-Unsubscribe", "https://x.example/u"),
        ("List-Unsubscribe", "<https://x.example/ü>"),
        ("List-Unsubscribe", "<https://x.example/ >"),
        ("List-Unsubscribe", "<https://x.example/u>,<mailto:a@x.example>"),
        ("List-Unsubscribe", f"<https://x.example/{'u' * 1_000}>"),
        ("Date", "=?utf-8?q?now?="),
        ("Precedence", ""),
    ],
)
def test_what_a_header_can_not_hold_is_refused(name: str, value: str) -> None:
    with pytest.raises(DeliveryError):
        encode_header(name, value)


@pytest.mark.parametrize("name", ["Subject", "X-Edition", "Comments"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_one_field_and_reads_the_same_twice(name: str, text: str) -> None:
    block = b"Date: now\r\n" + encode_header(name, text) + b"Precedence: bulk\r\n"
    verify_block(block, ("Date", name, "Precedence"))
    assert decoded(encode_header(name, text)) == plain_line(text)


@pytest.mark.parametrize("name", ["From", "To", "Reply-To"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_display_name_leaves_one_recipient(name: str, text: str) -> None:
    field = encode_mailbox(name, text, "ada@example.com")
    verify_block(field, (name,))
    parsed = email.message_from_bytes(field + b"\r\n", policy=email.policy.default)
    (address,) = parsed[name].addresses
    assert (address.username, address.domain) == ("ada", "example.com")
    assert "\n" not in address.display_name


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["Date", "List-Unsubscribe", "List-Id", "Feedback-ID"])
def test_hostile_text_in_a_bare_header_is_refused_or_harmless(name: str, text: str) -> None:
    try:
        field = encode_header(name, text)
    except DeliveryError:
        return
    verify_block(field, (name,))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300))
def test_any_subject_reads_back_as_its_plain_line(text: str) -> None:
    field = encode_header("Subject", text)
    verify_block(field, ("Subject",))
    assert decoded(field) == plain_line(text)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("a\r\n b", "a b"),
        (" a  b ", "a b"),
        ("a\x00b", "ab"),
        ("a\u2028b", "a b"),
        ("\u202eabc", "abc"),
        ("\ud800", "\ufffd"),
        ("5\u00a0Mio.\u202f€", "5\u00a0Mio.\u202f€"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_plain_line_loses_what_breaks_or_hides_and_nothing_else(told: str, line: str) -> None:
    assert plain_line(told) == line


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada+news@sub.example.com", "ada+news@sub.example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("ada@localhost", "ada@localhost"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ü@example.com", None),
        ("ada", None),
        ("@example.com", None),
        ("ada@", None),
        ("a..b@example.com", None),
        (".a@example.com", None),
        ("a b@example.com", None),
        ("ada@exa mple.com", None),
        ("ada@-x.example", None),
        ("ada@[127.0.0.1]", None),
        ('"a b"@example.com', None),
        ("ada@example.com\r\nBcc: b@example.com", None),
        ("ada@example.com>\r\nRCPT TO:<b@example.com", None),
        ("a,b@example.com", None),
        (f"{'a' * 65}@example.com", None),
        (f"a@{'b' * 64}.example", None),
        (f"a@{'b.' * 130}example", None),
    ],
)
def test_an_address_has_one_ascii_form_or_none(told: str, address: str | None) -> None:
    assert ascii_address(told) == address


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
        ("用户.名@example.com", "用户.名@example.com"),
        ("ada@example.com", "ada@example.com"),
        ("a\u00a0b@example.com", None),
        ("a\u200bb@example.com", None),
        ("a\u202eb@example.com", None),
        ("\u0085@example.com", None),
        ("\ud800@example.com", None),
        ("ü..b@example.com", None),
        ("ü>\r\nRCPT TO:<b@example.com", None),
        (f"{'ü' * 33}@example.com", None),
    ],
)
def test_smtputf8_adds_local_parts_that_can_be_seen(told: str, address: str | None) -> None:
    assert wire_address(told, smtputf8=True) == address
    assert wire_address(told) == (address if told.isascii() else None)


def test_a_mailbox_of_smtputf8_stands_as_it_is_behind_an_encoded_name() -> None:
    field = encode_mailbox("To", "Jürgen", "jürgen@x.example", smtputf8=True)
    assert field == "To: =?utf-8?B?SsO8cmdlbg==?= <jürgen@x.example>\r\n".encode()
    with pytest.raises(DeliveryError, match="no address that mail can be sent with"):
        encode_mailbox("To", "Jürgen", "jürgen@x.example")


def test_a_mailbox_is_taken_apart() -> None:
    assert split_mailbox(r'"The \"Old\" Herald" <a@x.example>') == ('The "Old" Herald', "a@x.example")


@pytest.mark.parametrize(
    "block",
    [
        b"Subject: a\nBcc: b\r\n",
        b"Subject: a\rBcc: b\r\n",
        b"Subject: a\r\nBcc: b\r\n",
        b"Subject: a\r\n\r\nBody\r\n",
        b"Subject: a",
        b"Subject: a\r\n \r\n",
        b"Subject: \xc3\xa9\r\n",
        b"Subject: a\tb\r\n",
        b"Subject a\r\n",
        b" Subject: a\r\n",
        b"Subject: " + b"x" * 1_000 + b"\r\n",
        b"Subject: =?utf-8?q?a=0D=0ABcc:_b?=\r\n",
        b"",
    ],
)
def test_a_block_that_is_not_what_was_meant_does_not_leave(block: bytes) -> None:
    with pytest.raises(DeliveryError):
        verify_block(block, ("Subject",))
