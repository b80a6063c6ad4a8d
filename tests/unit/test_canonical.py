import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.canonical import canonical_url, story_id


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Example.com:443/a/", "https://example.com/a"),
        ("https://example.com/a?utm_source=x&b=2&a=1&fbclid=y#top", "https://example.com/a?a=1&b=2"),
        ("https://example.com/a/amp/", "https://example.com/a"),
        ("https://example.com/a.amp.html", "https://example.com/a"),
        ("https://example.com/index.html", "https://example.com/"),
        ("http://example.com:8040/x", "http://example.com:8040/x"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/caf%c3%a9", "https://example.com/caf%C3%A9"),
        ("https://example.com/café", "https://example.com/caf%C3%A9"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("  https://example.com/a b ", "https://example.com/a%20b"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://example.com:port/", "https://example.com:port/"),
        ("", ""),
    ],
)
def test_one_address_stands_for_all_its_spellings(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_relative_addresses_are_resolved_on_their_page() -> None:
    assert canonical_url("../b?ref=home", "https://example.com/x/y/") == "https://example.com/x/b"


def test_scheme_and_www_do_not_make_another_story() -> None:
    assert story_id("http://www.example.com/a/") == story_id("https://example.com/a?utm_medium=email")
    assert story_id("https://example.com/a") != story_id("https://example.com/b")


@settings(max_examples=100, derandomize=True)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_canonical_is_stable_on_any_text(text: str) -> None:
    for url in (text, f"https://example.com/{text}", f"http://{text}"):
        once = canonical_url(url)
        assert canonical_url(once) == once
        assert len(story_id(url)) == 12
