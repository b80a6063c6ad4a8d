import json
from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

from lxml import etree

from digest.demo.feeds import atom_feed, json_feed, news_sitemap, robots_txt, rss_feed
from digest.demo.newsroom import SECTIONS, load_newsroom

BASE = "http://127.0.0.1:8040"
NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
ROOM = load_newsroom(NOW)
NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
ALL = [(BASE + story.path, story.title, story.standfirst) for story in ROOM.stories]


def test_rss_feeds_carry_their_sections() -> None:
    for section in SECTIONS:
        items = etree.fromstring(rss_feed(ROOM, section, BASE)).findall("channel/item")
        assert [(item.findtext("link"), item.findtext("title"), item.findtext("description")) for item in items] == [
            (BASE + story.path, story.title, story.standfirst) for story in ROOM.in_section(section)
        ]
        assert all(item.findtext("guid") == item.findtext("link") for item in items)
        assert {item.findtext("category") for item in items} == {section.capitalize()}
        first = ROOM.in_section(section)[0].published_at
        assert items[0].findtext("pubDate") == first.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_atom_and_json_feeds_carry_all_stories_newest_first() -> None:
    entries = etree.fromstring(atom_feed(ROOM, BASE)).findall("a:entry", NAMES)
    titles = [(e.findtext("a:id", "", NAMES), e.findtext("a:title", "", NAMES)) for e in entries]
    assert [(*t, e.findtext("a:summary", "", NAMES)) for t, e in zip(titles, entries, strict=True)] == ALL
    feed = json.loads(json_feed(ROOM, BASE))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [(item["url"], item["title"], item["summary"]) for item in feed["items"]] == ALL
    assert [item["content_text"] for item in feed["items"]] == [story.text for story in ROOM.stories]


def test_the_news_sitemap_names_the_last_two_days_only() -> None:
    urls = etree.fromstring(news_sitemap(ROOM, BASE)).findall("s:url", NAMES)
    recent = [story for story in ROOM.stories if story.published_at >= NOW - timedelta(days=2)]
    assert 0 < len(recent) < len(ROOM.stories)
    assert [(u.findtext("s:loc", "", NAMES), u.findtext("n:news/n:title", "", NAMES)) for u in urls] == [
        (BASE + story.path, story.title) for story in recent
    ]


def test_robots_may_read_stories_and_are_told_of_the_sitemap() -> None:
    rules = RobotFileParser()
    rules.parse(robots_txt(BASE).decode().splitlines())
    assert rules.can_fetch("Digest", BASE + ROOM.stories[0].path)
    assert not rules.can_fetch("Digest", f"{BASE}/search")
    assert rules.site_maps() == [f"{BASE}/news-sitemap.xml"]
