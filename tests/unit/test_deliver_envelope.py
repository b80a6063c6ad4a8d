"""A letter's bytes for one reader."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import fast_mail_parser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.deliver.envelope import encode_letter, message_id, require_writable, unusable
from digest.deliver.headers import parse_block
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Blank, blank_token
from tests.standins.letters import HOSTILE, MARK, a_letter, a_reader, filled

UNSUBSCRIBE, PREFERENCES = (blank_token(MARK, blank) for blank in Blank)


def parsed(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, _class=EmailMessage, policy=email.policy.default)


def parts(message: bytes) -> tuple[str, ...]:
    """Return text and HTML as a mail client reads them."""
    return tuple(part.get_content().replace("\r\n", "\n") for part in parsed(message).iter_parts())


def test_a_message_is_the_letter_with_the_readers_own_in_it() -> None:
    reader = a_reader(7, name="Ada, Countess of Lovelace")
    message = encode_letter(a_letter()).message(reader)
    head, _, _ = message.partition(b"\r\n\r\n")
    assert parse_block(head + b"\r\n") == (
        ("From", "The Harbour Herald <news@herald.example>"),
        ("Subject", "Council votes on the harbour"),
        ("Date", "Tue, 24 Nov 2026 07:00:00 -0800"),
        ("List-Id", "Politics digest <politics.herald.example>"),
        ("Precedence", "bulk"),
        ("To", '"Ada, Countess of Lovelace" <reader7@example.com>'),
        ("Message-ID", "<d0007@herald.example>"),
        ("List-Unsubscribe", f"<{reader.unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{parsed(message).get_boundary()}"'),
    )
    assert [part.get_content_type() for part in parsed(message).iter_parts()] == ["text/plain", "text/html"]
    assert parts(message) == (filled(a_letter().text, reader), filled(a_letter().html, reader))
    assert not parsed(message).defects


def test_the_same_delivery_is_the_same_message_and_another_is_not() -> None:
    first, again = encode_letter(a_letter()), encode_letter(a_letter())
    assert first.message(a_reader(1)) == again.message(a_reader(1)) != again.message(a_reader(2))


_PIECES = st.lists(
    st.one_of(
        st.sampled_from([UNSUBSCRIBE, PREFERENCES, "\n", ".", "From ", " ", "=", "é", "x" * 70, "\t", "👩‍👩‍👧"]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=90),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=100, derandomize=True, deadline=None)
@example(text=UNSUBSCRIBE, html=f"{UNSUBSCRIBE}{PREFERENCES}")
@example(text=f"\n{UNSUBSCRIBE}\n", html=f"{'x' * 76}{UNSUBSCRIBE}{'x' * 76}")
@example(text=f".{UNSUBSCRIBE}. \n.\n..\n", html=f"From {UNSUBSCRIBE}From  ")
@given(text=_PIECES, html=_PIECES)
def test_any_body_survives_in_short_lines_that_need_no_dot_stuffing(text: str, html: str) -> None:
    letter = replace(a_letter(), text=text, html=html)
    reader = a_reader(3)
    message = encode_letter(letter).message(reader)
    assert parts(message) == (filled(text, reader), filled(html, reader))
    lines = message.split(b"\r\n")
    assert max(len(line) for line in lines if not line.startswith(b"List-Unsubscribe:")) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert message.endswith(b"--\r\n") and b"\n" not in message.replace(b"\r\n", b"") and message.isascii()


def test_long_links_are_broken_softly() -> None:
    reader = replace(a_reader(), unsubscribe_url=f"https://n.herald.example/u/{'=.' * 200}")
    message = encode_letter(a_letter()).message(reader)
    assert parts(message) == (filled(a_letter().text, reader), filled(a_letter().html, reader))
    body = message.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\r\n." not in body


def test_a_lone_surrogate_in_the_body_is_a_question_mark() -> None:
    assert parts(encode_letter(a_letter(text="a\ud800b")).message(a_reader()))[0] == "a?b"


def test_a_story_that_imitates_a_blank_is_left_alone() -> None:
    forged = blank_token("0" * 10, Blank.UNSUBSCRIBE_URL)
    assert parts(encode_letter(a_letter(text=forged)).message(a_reader()))[0] == forged


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_subject_and_name_add_no_header_and_no_recipient(text: str) -> None:
    message = encode_letter(a_letter(subject=text)).message(a_reader(name=text))
    letter = parsed(message)
    assert [name for name, _ in parse_block(message.partition(b"\r\n\r\n")[0] + b"\r\n")] == letter.keys()
    assert len(letter.keys()) == 11
    assert [(one.username, one.domain) for one in letter["To"].addresses] == [("reader0", "example.com")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((("Date", "now"),), "no from header"),
        ((("From", "a@x.example"),), "no date header"),
        ((("From", "a@x.example"), ("Date", "now"), ("date", "then")), "twice"),
        ((("From", "a@x.example"), ("Date", "now"), ("Date", "now")), "twice"),
        ((("From", "a@x.example"), ("Date", "now"), ("To", "b@x.example")), "per reader"),
        ((("From", "a@x.example"), ("Date", "now"), ("Message-ID", "<1@x.example>")), "per reader"),
        ((("From", "a@x.example"), ("Date", "now"), ("Bcc", "b@x.example")), "may not be in a letter"),
        ((("From", "nobody"), ("Date", "now")), "no address"),
    ],
)
def test_a_letter_with_wrong_headers_is_not_encoded(change: tuple[tuple[str, str], ...], says: str) -> None:
    with pytest.raises(DeliveryError, match=says):
        encode_letter(a_letter(headers=change))


def test_a_letter_without_a_subject_header_takes_its_subject() -> None:
    letter = a_letter(subject="Größe", headers=(("From", "a@x.example"), ("Date", "now")))
    assert parsed(encode_letter(letter).message(a_reader()))["Subject"] == "Größe"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/a b", 'https://x.example/"', "https://x.example/?a&b", "", "#"]
)
def test_a_link_that_html_or_headers_would_misread_is_not_written(url: str) -> None:
    for reader in (replace(a_reader(), unsubscribe_url=url), replace(a_reader(), preferences_url=url)):
        with pytest.raises(SubmitHalted, match="base_url"):
            encode_letter(a_letter()).message(reader)
        with pytest.raises(SubmitHalted, match="base_url"):
            require_writable(reader)


def test_what_is_wrong_with_a_link_is_told_without_the_readers_token() -> None:
    with pytest.raises(SubmitHalted) as caught:
        require_writable(replace(a_reader(), unsubscribe_url="https://x.example/u/SECRET TOKEN"))
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("delivery_id", ["", "a b", "a@b", "a>", "a\r\nb", ".a", "ü"])
def test_an_id_that_can_not_stand_in_a_message_id_is_refused(delivery_id: str) -> None:
    with pytest.raises(SubmitHalted):
        message_id(delivery_id, "news@herald.example")


def test_an_address_that_can_not_be_used_says_so() -> None:
    assert unusable(a_reader(email="ada@bücher.example").delivery) == ""
    assert "SMTPUTF8 is not offered" in unusable(a_reader(email="ü@example.com").delivery)
    assert unusable(a_reader(email="ü@example.com").delivery, smtputf8=True) == ""
    assert "not of the form" in unusable(a_reader(email="ü").delivery, smtputf8=True)


def test_an_address_outside_ascii_is_the_only_thing_in_utf8() -> None:
    message = encode_letter(a_letter()).message(a_reader(email="jürgen@bücher.example", name="Jürgen"))
    assert [line for line in message.split(b"\r\n") if not line.isascii()] == [
        "To: =?utf-8?B?SsO8cmdlbg==?= <jürgen@xn--bcher-kva.example>".encode()
    ]
    (mailbox,) = fast_mail_parser.parse_email(message, strict=True).to
    assert (mailbox.display_name, mailbox.address) == ("Jürgen", "jürgen@xn--bcher-kva.example")
    assert message.partition(b"\r\n\r\n")[2] == encode_letter(a_letter()).message(a_reader()).partition(b"\r\n\r\n")[2]


def test_a_message_id_that_fills_its_line_is_not_written() -> None:
    with pytest.raises(SubmitHalted, match="do not read back"):
        encode_letter(a_letter()).message(a_reader(delivery_id=".".join(["d" * 64] * 20)))
