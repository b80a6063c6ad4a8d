"""What the paper offers to machines: RSS, Atom, JSON Feed, a news sitemap and robots.txt.

Each function returns the bytes of one document; addresses in it begin with `base_url`. RSS and Atom
carry the standfirst only, JSON Feed the whole text, as publishers differ in this.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.etree import ElementTree as Xml

from digest.demo.newsroom import PAPER, DemoStory, Newsroom

__all__ = ["atom_feed", "json_feed", "news_sitemap", "robots_txt", "rss_feed"]

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_XML = "http://www.w3.org/XML/1998/namespace"
for _prefix, _namespace in (("atom", _ATOM), ("dc", _DC), ("media", _MEDIA), ("news", _NEWS)):
    Xml.register_namespace(_prefix, _namespace)


def rss_feed(newsroom: Newsroom, section: str, base_url: str) -> bytes:
    """Return one section's RSS 2.0, newest first (rssboard.org/rss-specification)."""
    stories = newsroom.in_section(section)
    rss = Xml.Element("rss", version="2.0")
    channel = Xml.SubElement(rss, "channel")
    _add(channel, "title", f"{PAPER}: {section.capitalize()}")
    _add(channel, "link", f"{base_url}/{section}/")
    _add(channel, "description", f"{section.capitalize()} from Port Ellery and the islands")
    _add(channel, "language", "en-GB")
    _add(channel, "lastBuildDate", _rfc822(max((story.changed_at for story in stories), default=newsroom.now)))
    _add(channel, "ttl", "15")
    Xml.SubElement(
        channel, f"{{{_ATOM}}}link", href=f"{base_url}/{section}/feed.xml", rel="self", type="application/rss+xml"
    )
    for story in stories:
        item = Xml.SubElement(channel, "item")
        _add(item, "title", story.title)
        _add(item, "link", base_url + story.path)
        _add(item, "guid", base_url + story.path, isPermaLink="true")
        _add(item, "pubDate", _rfc822(story.published_at))
        _add(item, "category", story.section.capitalize())
        _add(item, f"{{{_DC}}}creator", ", ".join(story.authors))
        _add(item, "description", story.standfirst)
        if story.picture:
            media = Xml.SubElement(
                item, f"{{{_MEDIA}}}content", url=base_url + story.picture_path, medium="image", type="image/jpeg"
            )
            _add(media, f"{{{_MEDIA}}}description", story.picture.alt)
            _add(media, f"{{{_MEDIA}}}credit", story.picture.credit)
    return _document(rss)


def atom_feed(newsroom: Newsroom, base_url: str) -> bytes:
    """Return all stories as Atom (RFC 4287), newest first."""
    feed = Xml.Element("feed", {"xmlns": _ATOM, f"{{{_XML}}}lang": "en-GB"})
    _add(feed, "title", PAPER)
    _add(feed, "subtitle", "News of Port Ellery and the islands")
    _add(feed, "id", f"{base_url}/")
    _add(feed, "updated", _rfc3339(newsroom.changed_at))
    Xml.SubElement(feed, "link", rel="alternate", href=f"{base_url}/", type="text/html")
    Xml.SubElement(feed, "link", rel="self", href=f"{base_url}/feed.atom", type="application/atom+xml")
    for story in newsroom.stories:
        entry = Xml.SubElement(feed, "entry", {f"{{{_XML}}}lang": story.language})
        _add(entry, "title", story.title, type="text")
        _add(entry, "id", base_url + story.path)
        Xml.SubElement(entry, "link", rel="alternate", href=base_url + story.path, type="text/html")
        _add(entry, "published", _rfc3339(story.published_at))
        _add(entry, "updated", _rfc3339(story.changed_at))
        for author in story.authors or (PAPER,):
            _add(Xml.SubElement(entry, "author"), "name", author)
        Xml.SubElement(entry, "category", term=story.section, label=story.section.capitalize())
        _add(entry, "summary", story.standfirst, type="text")
    return _document(feed)


def json_feed(newsroom: Newsroom, base_url: str) -> bytes:
    """Return all stories as JSON Feed 1.1 (jsonfeed.org/version/1.1), newest first."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": PAPER,
        "home_page_url": f"{base_url}/",
        "feed_url": f"{base_url}/feed.json",
        "description": "News of Port Ellery and the islands",
        "language": "en-GB",
        "items": [_json_item(story, base_url) for story in newsroom.stories],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _json_item(story: DemoStory, base_url: str) -> dict[str, object]:
    item: dict[str, object] = {
        "id": base_url + story.path,
        "url": base_url + story.path,
        "title": story.title,
        "summary": story.standfirst,
        "content_text": story.text,
        "date_published": _rfc3339(story.published_at),
        "date_modified": _rfc3339(story.changed_at),
        "authors": [{"name": author} for author in story.authors],
        "tags": [story.section],
        "language": story.language,
    }
    return item | {"image": base_url + story.picture_path} if story.picture else item


def news_sitemap(newsroom: Newsroom, base_url: str) -> bytes:
    """Return the stories of the last two days, which is all that a news sitemap may name.

    developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
    """
    urlset = Xml.Element("urlset", xmlns=_SITEMAP)
    for story in newsroom.stories:
        if newsroom.now - story.published_at > timedelta(days=2):
            continue
        url = Xml.SubElement(urlset, "url")
        _add(url, "loc", base_url + story.path)
        _add(url, "lastmod", _rfc3339(story.changed_at))
        news = Xml.SubElement(url, f"{{{_NEWS}}}news")
        publication = Xml.SubElement(news, f"{{{_NEWS}}}publication")
        _add(publication, f"{{{_NEWS}}}name", PAPER)
        _add(publication, f"{{{_NEWS}}}language", story.language.partition("-")[0])
        _add(news, f"{{{_NEWS}}}publication_date", _rfc3339(story.published_at))
        _add(news, f"{{{_NEWS}}}title", story.title)
    return _document(urlset)


def robots_txt(base_url: str) -> bytes:
    """Return what the site allows robots."""
    lines: Iterable[str] = ("User-agent: *", "Disallow: /search", "", f"Sitemap: {base_url}/news-sitemap.xml", "")
    return "\n".join(lines).encode()


def _add(parent: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = text


def _document(root: Xml.Element) -> bytes:
    Xml.indent(root, " ")
    text = Xml.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
