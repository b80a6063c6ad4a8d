"""The same story from a feed, its page or another source → one story that mixes nothing up."""

from __future__ import annotations

import json

import pytest

from digest.collect.feeds.documents import parse_feed
from digest.collect.merging import Candidate, merge_page, merge_same
from digest.model import Story
from digest.settings import Source, SourceKind
from digest.store.codec import dump_story, load_story

URL = "https://example.com/ferry"


@pytest.mark.parametrize(
    ("item", "found", "picture"),
    [
        (Story(URL, "T", image_url="/a.jpg", image_alt="A"), Story(URL, "T"), ("/a.jpg", "A", "")),
        (
            Story(URL, "T", image_url="/a.jpg", image_alt="A", image_credit="Bo"),
            Story(URL, "T", image_url="/b.jpg"),
            ("/b.jpg", "", ""),
        ),
        (
            Story(URL, "T", image_url="/a.jpg", image_alt="A"),
            Story(URL, "T", image_url="/a.jpg", image_credit="Cleo"),
            ("/a.jpg", "A", "Cleo"),
        ),
    ],
    ids=["the feed's", "another on the page", "the same"],
)
def test_picture_keeps_its_own_words(item: Story, found: Story, picture: tuple[str, str, str]) -> None:
    source = Source(url="https://example.com/feed", kind=SourceKind.FEED)
    merged = merge_page(item, found, source)
    both = merge_same([Candidate(found), Candidate(item)])[0]
    for story in (merged, both):
        assert (story.image_url, story.image_alt, story.image_credit) == picture


def test_guid_and_site_come_through_merging_and_the_store() -> None:
    item = Story(URL, "T", guid="tag:example.com,2026:7")
    found = Story(URL, "T", site_name="The Herald")
    merged = merge_page(item, found, Source(url="https://example.com/feed", kind=SourceKind.FEED))
    assert (merged.guid, merged.site_name) == ("tag:example.com,2026:7", "The Herald")
    assert merge_same([Candidate(found), Candidate(item)])[0].guid == item.guid
    assert load_story(dump_story(merged)) == merged


def test_guid_that_is_the_address_says_nothing_more() -> None:
    items = [{"id": URL, "url": URL, "title": "T"}, {"id": "7", "url": f"{URL}-2", "title": "T"}]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    assert [story.guid for story in parse_feed(feed, "https://example.com/feed")] == ["", "7"]
