"""Markup → plain text, bytes → text, and dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.dates import parse_date
from digest.collect.markup import decode, parse_html
from digest.collect.prose import plain_line, plain_paragraphs


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("  Harbour\n opens ", "Harbour opens"),
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("&lt;b&gt;Tide&lt;/b&gt; turns", "Tide turns"),
        ("<i>Tide</i> turns", "Tide turns"),
        ("When x < y and z > w", "When x < y and z > w"),
        ("Rates <2% as 3<4", "Rates <2% as 3<4"),
        ("<script>alert(1)</script>Storm", "Storm"),
        ("Storm<br>warning", "Storm warning"),
        ("&lt;ul&gt;&lt;li&gt;One&lt;/li&gt;&lt;li&gt;Two&lt;/li&gt;&lt;/ul&gt;", "One Two"),
        ("&amp;lt;li&amp;gt;One&amp;lt;/li&amp;gt;&amp;lt;li&amp;gt;Two", "One Two"),
        ("&lt;dl&gt;&lt;dt&gt;One&lt;/dt&gt;&lt;dd&gt;Two&lt;/dd&gt;&lt;/dl&gt;", "One Two"),
        ("<table><tr><td>One</td><td>Two</td></tr></table>", "One Two"),
        ("<p>The <b>b</b>ig one</p>", "The big one"),
        ("a\u202eb\u200bc\x00d\x0be", "abc d e"),
        ("One\r\nBcc: all@example.com", "One Bcc: all@example.com"),
        ("\ud800lone", "lone"),
        ("Ellery’s “quay”", "Ellery’s “quay”"),
    ],
)
def test_line_is_plain(markup: str, line: str) -> None:
    assert plain_line(markup) == line


@settings(derandomize=True, max_examples=100)
@given(st.text())
def test_line_is_one_printable_line_whatever_comes(text: str) -> None:
    line = plain_line(text)
    assert "\n" not in line
    assert line == line.strip()
    line.encode("utf-8")


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>One.</p><p>Two <b>words</b>.</p>", ("One.", "Two words.")),
        ("One.<br><br>Two.<br>Still two.", ("One.", "Two. Still two.")),
        ("One.\n\nTwo &amp; more.", ("One.", "Two & more.")),
        ("<figure><img><figcaption>Caption</figcaption></figure><p>Text.</p>", ("Text.",)),
        ("<ul><li>First</li><li>Second</li></ul>", ("First", "Second")),
        ("&amp;lt;ul&amp;gt;&amp;lt;li&amp;gt;First&amp;lt;/li&amp;gt;&amp;lt;li&amp;gt;Second", ("First", "Second")),
        ("<dl><dt>First</dt><dd>Second</dd></dl>", ("First", "Second")),
        ("<style>p{}</style><script>x()</script>Text", ("Text",)),
        ("", ()),
    ],
)
def test_paragraphs_are_parted_where_blocks_part_them(markup: str, paragraphs: tuple[str, ...]) -> None:
    assert plain_paragraphs(markup) == paragraphs


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        ("\ufeffé".encode(), "", "é"),
        ("é".encode("utf-16"), "", "é"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        (b'<meta charset="windows-1252">\x93q\x94', "", '<meta charset="windows-1252">“q”'),
        (b"<meta charset=iso-8859-1>\x93", "", "<meta charset=iso-8859-1>“"),
        ('<meta charset="shift_jis">記事'.encode("cp932"), "", '<meta charset="shift_jis">記事'),
        ('<meta charset="iso-8859-1">é'.encode(), "text/html; charset=utf-8", '<meta charset="iso-8859-1">é'),
        (b"<meta charset=utf-7>+ADw-", "", "<meta charset=utf-7>+ADw-"),
        (b"<meta charset=rot13>abc", "", "<meta charset=rot13>abc"),
    ],
)
def test_bytes_are_decoded_as_they_declare(data: bytes, content_type: str, text: str) -> None:
    assert decode(data, content_type) == text


@settings(derandomize=True, max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_and_parsed_without_an_error(data: bytes) -> None:
    assert isinstance(decode(data), str)
    parse_html(data)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T07:00:00Z", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("2026-11-24T07:00:00+02:00", datetime(2026, 11, 24, 5, tzinfo=UTC)),
        ("2026-11-24T07:00:00.123+0100", datetime(2026, 11, 24, 6, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24 07:30", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        ("2026/1/4 7:05:09", datetime(2026, 1, 4, 7, 5, 9, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 07:00:00 -0500", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 07:00 GMT", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("November 24, 2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("24 Nov 2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("1795503600", datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("yesterday", None),
        ("24", None),
        ("", None),
    ],
)
def test_dates_are_read_as_aware_utc(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


@settings(derandomize=True, max_examples=100)
@given(st.text(max_size=60))
def test_no_text_makes_the_date_reader_fail(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.utcoffset() is not None
