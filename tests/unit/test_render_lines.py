"""Single lines: cleaned, cut, wrapped, and links that may be followed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.lines import clip, columns, one_line, unbroken, web_link, without_widow, wrap


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb\tc\x0bd\u2028e\x85f", "a b c d e f"),
        ("\x1b[31mred\x07", "[31mred"),
        ("left\u202eright\u2066\u200b\ufeff\ud800", "leftright"),
        ("5\xa0000\xa0km", "5\xa0000\xa0km"),
        ("👩\u200d🚀 می\u200cروم", "👩\u200d🚀 می\u200cروم"),
    ],
)
def test_line_shows_what_it_says(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/b?c=1&d=é#e", "https://a.example/b?c=1&d=%C3%A9#e"),
        ("HTTPS://A.example:8443/ b\"<c>'", "https://a.example:8443/%20b%22%3Cc%3E%27"),
        ("https://straße.example/", "https://strasse.example/"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://a.example/%7Bok%7D", "https://a.example/%7Bok%7D"),
        ("javascript:alert(1)", ""),
        ("https://bank.example@evil.example/", ""),
        ("//a.example/", ""),
        ("https:///path", ""),
        ("https://a.example:99999/", ""),
        ("https://[/", ""),
        ("https://a..b/", ""),
        ("https://a b/", ""),
        ("https://a.example/" + "x" * 2_000, ""),
    ],
)
def test_link_is_a_plain_web_address_or_none(url: str, link: str) -> None:
    assert web_link(url) == link


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("cut at a word", 9, "cut at a…"),
        ("cut, here", 6, "cut…"),
        ("unbroken", 5, "unbr…"),
        ("an unbrokenword", 12, "an unbroken…"),
    ],
)
def test_clip_cuts_at_a_word(text: str, limit: int, cut: str) -> None:
    assert clip(text, limit) == cut


def test_last_two_words_stay_together_unless_they_are_long() -> None:
    assert without_widow("Council asks who will pay") == "Council asks who will\xa0pay"
    assert without_widow("The ferry, and who pays the £186,000") == "The ferry, and who pays the £186,000"
    assert without_widow("Two words") == "Two words"
    assert without_widow("It was all administrative incompetence") == "It was all administrative incompetence"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("F-16 lands; T-3's crew is safe", "F_16 lands; T_3's crew is safe"),
        ("Covid-19’s cost", "Covid_19’s cost"),
        ("A U-turn on e-mail", "A U_turn on e_mail"),
        ("12-year-old wins 5-a-side cup 3-1", "12_year-old wins 5_a_side cup 3_1"),
        ("Night-ferry and mid-air", "Night-ferry and mid-air"),
        ("Coronavirus-19 and 1234567890-1", "Coronavirus-19 and 1234567890-1"),
        ("9-10-11-12-13-14", "9_10_11_12-13_14"),
        ("A - B, -5 and x--y", "A - B, -5 and x--y"),
    ],
)
def test_no_line_is_broken_beside_a_single_letter_or_a_number(text: str, whole: str) -> None:
    assert unbroken(text) == whole.replace("_", "\N{NON-BREAKING HYPHEN}")


def test_wide_script_is_wrapped_by_columns_and_addresses_stay_whole() -> None:
    assert wrap("港湾で新しい船が", 8) == ["港湾で新", "しい船が"]
    assert wrap("see https://a.example/long ok", 10, "- ", "  ") == ["- see", "  https://a.example/long", "  ok"]


@settings(derandomize=True, max_examples=100)
@given(st.text(max_size=80), st.integers(4, 40))
def test_wrapping_loses_nothing_and_sticks_out_only_with_one_word(text: str, width: int) -> None:
    line = one_line(text)
    lines = wrap(line, width)

    assert "".join(lines).replace(" ", "") == line.replace(" ", "")
    assert all(columns(piece) <= width or " " not in piece for piece in lines)
