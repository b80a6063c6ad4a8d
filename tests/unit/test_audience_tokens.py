"""Readers' links: short, bound to their purpose, and nothing else passes for one."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.audience import ReaderLinks

LINKS = ReaderLinks("https://news.example.com/", ["a new key of some length", "an old key of some length"])
OLD_LINKS = ReaderLinks("https://news.example.com", ["an old key of some length"])
OTHERS = ReaderLinks("https://news.example.com", ["somebody else's key"])
TOKEN = LINKS.unsubscribe_url(17, "politics").rpartition("/")[2]


def _token(url: str) -> str:
    return url.rpartition("/")[2]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(0, 10**17), st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True))
def test_links_are_read_back(subscriber_id: int, section: str) -> None:
    unsubscribe = LINKS.unsubscribe_url(subscriber_id, section)
    preferences = LINKS.preferences_url(subscriber_id)

    assert unsubscribe.startswith("https://news.example.com/u/")
    assert preferences.startswith("https://news.example.com/p/")
    assert re.fullmatch(r"[\w.-]+", _token(unsubscribe), re.ASCII)
    assert LINKS.read_unsubscribe(_token(unsubscribe)) == (subscriber_id, section)
    assert LINKS.read_preferences(_token(preferences)) == subscriber_id


def test_link_is_short_ends_in_a_letter_or_digit_and_never_changes() -> None:
    url = LINKS.unsubscribe_url(12_345_678, "international-politics")

    assert len(url) < 90
    assert len(LINKS.unsubscribe_url(1_234_567, "politics")) <= 77
    assert url[-1].isalnum()
    assert url == LINKS.unsubscribe_url(12_345_678, "international-politics")


def test_token_of_one_purpose_is_none_of_the_other() -> None:
    assert LINKS.read_preferences(TOKEN) is None
    assert LINKS.read_unsubscribe(_token(LINKS.preferences_url(17))) is None


def test_old_key_is_accepted_until_it_is_taken_off() -> None:
    old = _token(OLD_LINKS.unsubscribe_url(17, "politics"))

    assert LINKS.read_unsubscribe(old) == (17, "politics")
    assert OLD_LINKS.read_unsubscribe(TOKEN) is None
    assert OTHERS.read_unsubscribe(old) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "17-politics",
        ".17-politics",
        TOKEN + "x",
        TOKEN + "=",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.replace("17", "18"),
        TOKEN.replace("17", "017"),
        TOKEN.replace("17", "１７"),
        TOKEN.replace("politics", "sport"),
        TOKEN.upper(),
        TOKEN.replace(".", "=="),
        TOKEN + "." + TOKEN,
        "ü" + TOKEN[1:],
        "x" * 100_000,
        "\udcff",
    ],
)
def test_what_was_not_made_here_is_none(token: str) -> None:
    assert LINKS.read_unsubscribe(token) is None
    assert LINKS.read_preferences(token) is None


def test_no_other_spelling_of_the_same_signature_passes() -> None:
    alphabet = string.ascii_letters + string.digits + "-_+/="
    spellings = {
        TOKEN[:place] + character + TOKEN[place + 1 :] for place in range(len(TOKEN)) for character in alphabet
    } - {TOKEN}

    assert [spelling for spelling in spellings if LINKS.read_unsubscribe(spelling) is not None] == []


def test_section_that_no_configuration_allows_is_not_read() -> None:
    assert LINKS.read_unsubscribe(_token(LINKS.unsubscribe_url(17, "No Section"))) is None


@pytest.mark.parametrize("keys", [[], [""], ["good", ""]])
def test_links_without_a_key_can_not_be_made(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="no key"):
        ReaderLinks("https://news.example.com", keys)
