"""The quick reader gives what feedparser gives, or leaves the feed to it; and what is odd about a feed is counted."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import feedparser
import pytest

from digest.collect.feeds.documents import parse_feed
from digest.collect.feeds.facts import FeedFacts, feed_facts
from digest.collect.feeds.plain import plain_feed_items
from digest.errors import SourceError

URL = "https://example.com/feed"
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
RSS_PARTS = (
    "<title> Ferry &amp;amp; <![CDATA[quay & co]]> </title>",
    "<link>https://example.com/ferry</link>",
    "<description>&lt;p&gt;It runs.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;One&lt;/li&gt;&lt;/ul&gt;</description>",
    "<content:encoded><![CDATA[<p>It runs again on Monday.</p><p>At seven.</p>]]></content:encoded>",
    "<pubDate>Tue, 24 Nov 2026 08:00:00 +0100</pubDate>",
    "<dc:creator>Ada Quill</dc:creator>",
    "<category>Uncategorized</category><category>Port</category>",
    '<guid isPermaLink="false">1</guid>',
    '<media:content url="/a.jpg" width="9"/><media:group><media:content url="/b.jpg" width="90"/></media:group>',
    '<enclosure type="image/png" url="/c.png"/>',
    "<slash:comments>3</slash:comments><comments>https://example.com/ferry#c</comments>",
    "<dc:date>2026-11-24T09:00:00Z</dc:date>",
)


def rss(*parts: str, head: str = "<language>en-GB</language>") -> bytes:
    item = "".join(parts)
    return f'<rss version="2.0" {SPACES}><channel><title>H</title>{head}<item>{item}</item></channel></rss>'.encode()


def atom(entry: str, attributes: str = 'xml:lang="de"') -> bytes:
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>H</title><entry>{entry}</entry></feed>'
    return feed.encode()


PLAIN_ATOM = (
    '<title type="html">Abre el &lt;em&gt;puerto&lt;/em&gt;</title><link href="/puerto"/><id>tag:1</id>'
    '<link rel="enclosure" type="image/png" href="/p.png"/><summary>Abre.</summary>'
    '<content type="html">&lt;p&gt;El puerto.&lt;/p&gt;</content><author><name>Ana Mar</name><uri>/ana</uri></author>'
    '<category term="local"/><published>2026-11-24T07:00:00.25Z</published><updated>2026-11-24T10:00:00+02:00</updated>'
)
WITHOUT_ONE = [
    rss(*parts) for parts in itertools.combinations(RSS_PARTS, len(RSS_PARTS) - 1) if set(RSS_PARTS[:2]) <= set(parts)
]


@pytest.mark.parametrize(
    "feed",
    [
        rss(*RSS_PARTS),
        *WITHOUT_ONE,
        rss(*RSS_PARTS, head=""),
        rss(RSS_PARTS[0], RSS_PARTS[1], "<feedburner:origLink>https://example.com/own</feedburner:origLink>"),
        atom(PLAIN_ATOM),
        atom(PLAIN_ATOM, attributes=""),
        atom(PLAIN_ATOM, attributes='xml:lang="en_us"'),
    ],
)
def test_feed_by_the_rules_is_read_quickly_and_to_the_same_stories(
    feed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plain_feed_items(feed) is not None
    quick = parse_feed(feed, URL)
    monkeypatch.setattr("digest.collect.feeds.documents.plain_feed_items", lambda *_: None)
    assert quick == parse_feed(feed, URL)
    assert len(quick) == 1


@pytest.mark.parametrize(
    "feed",
    [
        rss(RSS_PARTS[0], RSS_PARTS[1], "<itunes:summary>Other words</itunes:summary>"),
        rss(RSS_PARTS[0], RSS_PARTS[1], "<pubDate>yesterday</pubDate>"),
        rss(RSS_PARTS[0], RSS_PARTS[1], "<author>ada@example.com (Ada Quill)</author>"),
        rss(RSS_PARTS[0], RSS_PARTS[3], RSS_PARTS[1], RSS_PARTS[2]),
        rss(RSS_PARTS[0], '<guid isPermaLink="true">https://example.com/a</guid>'),
        rss("<title>Caf&#233; &#146;quoted&#146;</title>", RSS_PARTS[1]),
        rss(*RSS_PARTS).replace(b"</channel>", b"<oops></channel>"),
        b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(*RSS_PARTS),
        b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss(*RSS_PARTS),
        rss(*RSS_PARTS).replace(b'version="2.0"', b'version="0.91"'),
        atom(PLAIN_ATOM.replace("<entry>", '<entry xml:base="/es/">'), attributes='xml:base="https://example.com/es/"'),
        atom('<title type="xhtml"><div>A</div></title><link href="/a"/>'),
    ],
)
def test_feed_with_something_uncommon_is_left_to_feedparser(feed: bytes) -> None:
    assert plain_feed_items(feed) is None


def test_header_that_names_another_encoding_leaves_the_feed_to_feedparser() -> None:
    assert plain_feed_items(rss(*RSS_PARTS), "application/rss+xml; charset=windows-1252") is None


def test_feedparser_is_what_reads_the_rest() -> None:
    feed = rss(RSS_PARTS[0], RSS_PARTS[1], "<itunes:author>Ada Quill</itunes:author>")
    assert parse_feed(feed, URL)[0].authors == ("Ada Quill",)
    assert feedparser.parse(feed).entries[0].author == "Ada Quill"


@pytest.mark.parametrize("element", ["entry", "item"])
def test_single_entry_without_its_feed_is_a_named_problem(element: str) -> None:
    document = f'<{element} xmlns="http://www.w3.org/2005/Atom"><title>A</title></{element}>'.encode()
    with pytest.raises(SourceError, match=f"a single <{element}> of one"):
        parse_feed(document, URL)


@pytest.mark.parametrize(
    "description",
    [
        "<![CDATA[<ul><li>One</li><li>Two</li></ul>]]>",
        "&lt;ul&gt;&lt;li&gt;One&lt;/li&gt;&lt;li&gt;Two&lt;/li&gt;&lt;/ul&gt;",
        "&amp;lt;li&amp;gt;One&amp;lt;/li&amp;gt;&amp;lt;li&amp;gt;Two&amp;lt;/li&amp;gt;",
        "<ul><li>One</li><li>Two</li></ul>",
        "One&lt;br&gt;Two",
    ],
)
def test_items_of_a_list_in_a_summary_do_not_run_together(description: str) -> None:
    feed = rss(RSS_PARTS[0], RSS_PARTS[1], f"<description>{description}</description>")
    assert parse_feed(feed, URL)[0].summary == "One Two"


def test_facts_count_what_a_feed_lacks_and_what_can_not_be() -> None:
    def item(name: str, date: str, link: str = "", guid: str = "") -> str:
        parts = f"<link>{link}</link>" if link else ""
        parts += f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
        return (
            f"<item><title>{name}</title>{parts}<pubDate>{date}</pubDate></item>" if date else f"<item>{parts}</item>"
        )

    alike, ahead = "Tue, 24 Nov 2026 06:00:00 GMT", "Thu, 24 Nov 2095 06:00:00 GMT"
    items = (
        item("A", alike, "/a", "1")
        + item("B", alike, "/b", "1")
        + item("C", ahead, "/c")
        + item("Café", alike)
        + item("", "", "/e", "5")
    )
    declaration = '<?xml version="1.0" encoding="iso-8859-1"?>'
    feed = f'{declaration}<rss version="2.0"><channel><title>H</title>{items}</channel></rss>'.encode()
    facts = feed_facts(feed, URL, now=NOW)
    ids = [guid for _, guid in facts.ids]
    assert ids == ["1", "1", "5"]
    assert facts == FeedFacts(
        bytes=len(feed),
        items=5,
        without_id=2,
        without_link=1,
        without_title=1,
        without_date=1,
        in_future=1,
        alike=3,
        repeated_ids=1,
        newest=datetime(2095, 11, 24, 6, tzinfo=UTC),
        oldest=datetime(2026, 11, 24, 6, tzinfo=UTC),
        declared="iso-8859-1",
        actual="utf-8",
        ids=facts.ids,
    )


def test_facts_of_a_json_feed_have_its_ids() -> None:
    feed = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "7", "url": "/a", "title": "A"}]}'
    assert [guid for _, guid in feed_facts(feed, URL, now=NOW).ids] == ["7"]
