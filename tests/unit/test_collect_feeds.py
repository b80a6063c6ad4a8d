"""Feeds of every dialect → stories."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.feeds.documents import parse_feed
from digest.errors import SourceError
from digest.model import Story

URL = "https://example.com/feed.xml"
AT_SEVEN = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def rss(*items: str, head: str = "") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>The Herald</title><link>https://example.com/</link>{head}{body}</channel></rss>"
    ).encode()


def test_rss_item_becomes_a_whole_story() -> None:
    feed = rss(
        "<title>Ferry &amp;amp; quay &lt;b&gt;reopen&lt;/b&gt;</title><link>/ferry?utm_source=rss</link>"
        "<description>The ferry runs again.</description>"
        "<content:encoded><![CDATA[<p>The ferry runs again on Monday.</p><h2>When</h2><p>At <b>seven</b>.</p>"
        '<p>The post <a href="#">Ferry</a> appeared first on <a href="#">The Herald</a>.</p>]]></content:encoded>'
        "<dc:creator>By Ada Quill</dc:creator><category>Uncategorized</category><category>Transport</category>"
        "<pubDate>Tue, 24 Nov 2026 08:00:00 +0100</pubDate>"
        '<media:content url="/small.jpg" width="100" medium="image"/>'
        '<media:content url="/large.jpg" width="900" medium="image"/>',
        head="<language>en-GB</language>",
    )
    paragraphs = ("The ferry runs again on Monday.", "When", "At seven.")
    assert parse_feed(feed, URL) == (
        Story(
            url="https://example.com/ferry?utm_source=rss",
            title="Ferry & quay reopen",
            text="\n\n".join(paragraphs),
            paragraphs=paragraphs,
            subheads=(1,),
            summary="The ferry runs again.",
            authors=("Ada Quill",),
            section="Transport",
            language="en-GB",
            published_at=AT_SEVEN,
            image_url="https://example.com/large.jpg",
            position=1,
        ),
    )


def test_atom_entry_becomes_a_story() -> None:
    feed = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es" xml:base="https://example.com/es/">
      <title>El Heraldo</title>
      <entry><title type="html">Abre el &lt;em&gt;puerto&lt;/em&gt;</title><link rel="alternate" href="puerto"/>
        <link rel="enclosure" type="image/png" href="https://example.com/p.png"/>
        <summary>El puerto abre.</summary><author><name>Ana Mar</name></author><category term="local"/>
        <published>2026-11-24T07:00:00Z</published><updated>2026-11-24T10:00:00+02:00</updated></entry></feed>"""
    assert parse_feed(feed, URL) == (
        Story(
            url="https://example.com/es/puerto",
            title="Abre el puerto",
            summary="El puerto abre.",
            authors=("Ana Mar",),
            section="local",
            language="es",
            published_at=AT_SEVEN,
            updated_at=AT_SEVEN + timedelta(hours=1),
            image_url="https://example.com/p.png",
            position=1,
        ),
    )


def test_rdf_item_becomes_a_story() -> None:
    feed = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.com/"><title>H</title></channel>
      <item rdf:about="https://example.com/a"><title>Tide tables out</title><link>https://example.com/a</link>
      <dc:date>2026-11-24T07:00:00Z</dc:date></item></rdf:RDF>"""
    story = Story(
        url="https://example.com/a", title="Tide tables out", published_at=AT_SEVEN, updated_at=AT_SEVEN, position=1
    )
    assert parse_feed(feed, URL) == (story,)


def test_json_feed_item_becomes_a_story() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "en",
        "authors": [{"name": "The desk"}],
        "items": [
            {
                "id": "1",
                "url": "/crane",
                "title": "Crane <i>moved</i>",
                "content_text": "It is < 30 m tall.\n\nIt moved.",
                "summary": "A crane moved.",
                "date_published": "2026-11-24T07:00:00Z",
                "tags": ["harbour"],
                "image": "https://example.com/crane.jpg",
            },
            {"id": "2", "url": "https://example.com/untitled", "content_text": "no title"},
            "not an item",
        ],
    }
    assert parse_feed(json.dumps(feed), URL) == (
        Story(
            url="https://example.com/crane",
            title="Crane moved",
            text="It is < 30 m tall.\n\nIt moved.",
            paragraphs=("It is < 30 m tall.", "It moved."),
            summary="A crane moved.",
            authors=("The desk",),
            section="harbour",
            language="en",
            published_at=AT_SEVEN,
            image_url="https://example.com/crane.jpg",
            position=1,
            guid="1",
        ),
    )


def test_items_without_title_or_web_link_or_seen_before_are_left_out() -> None:
    feed = rss(
        "<link>https://example.com/a</link>",
        "<title>No link</title>",
        "<title>Script</title><link>javascript:alert(1)</link>",
        "<title>Kept</title><link>https://example.com/b</link>",
        "<title>Kept again</title><link>https://www.example.com/b/?utm_medium=rss</link>",
        "<title>By guid</title><guid>https://example.com/c</guid>",
    )
    assert [(story.title, story.position) for story in parse_feed(feed, URL)] == [("Kept", 1), ("By guid", 2)]


def test_long_lone_description_is_the_text() -> None:
    body = "<p>" + "Long enough words here. " * 20 + "</p>"
    (story,) = parse_feed(rss(f"<title>T</title><link>/a</link><description><![CDATA[{body * 2}]]></description>"), URL)
    assert len(story.paragraphs) == 2
    assert story.summary == story.paragraphs[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "it is an HTML page"),
        (b"not a feed at all", "neither RSS, Atom nor JSON Feed"),
        (b"\x00\x01\x02\x03", "neither RSS, Atom nor JSON Feed"),
        (b"<rss><channel><item><title>&#xd800;</title>", "can be read"),
        (b'{"a": 1}', "without a list of items"),
        (b"{broken", "can't be read"),
        (b'{"a":' + b"[" * 100_000, "can't be read"),
        (
            b"<rss><channel><item " + b"".join(b'a%d="x" ' % n for n in range(5_000)) + b"/></channel></rss>",
            "attributes",
        ),
    ],
)
def test_what_is_no_feed_is_named(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse_feed(data, URL)


def test_feed_without_items_is_no_error() -> None:
    assert parse_feed(rss(), URL) == ()


def test_entities_of_a_doctype_are_not_expanded_to_files_or_floods() -> None:
    bomb = (
        b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 10 + b'"><!ENTITY c "' + b"&b;" * 10 + b'">'
    )
    bomb += (
        b'<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<title>T&c;&x;</title><link>/a</link>").split(b"?>", 1)[1]
    )
    for story in parse_feed(bomb, URL):
        assert "root:" not in story.title
        assert len(story.title) <= 500


def test_author_that_makes_the_parser_crawl_is_dropped() -> None:
    feed = rss("<title>T</title><link>/a</link><author>" + "a@" * 20_000 + "</author>")
    assert parse_feed(feed, URL) == (Story(url="https://example.com/a", title="T", position=1),)


def test_header_charset_outweighs_the_declaration() -> None:
    feed = rss("<title>Cafés</title><link>/a</link>").decode().replace('"1.0"', '"1.0" encoding="iso-8859-1"', 1)
    (story,) = parse_feed(feed.encode(), URL, content_type="application/xml; charset=utf-8")
    assert story.title == "Cafés"


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_stories_or_a_source_error(data: bytes) -> None:
    for feed in (data, b"<rss><channel><item><title>" + data, b'{"items":[{"title":"' + data):
        try:
            parse_feed(feed, URL)
        except SourceError as error:
            assert "is not a feed" in str(error)
