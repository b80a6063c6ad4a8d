"""Which of a page's statements is believed where they disagree: JSON-LD, microdata, Open Graph, meta, what is seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.collect.pages.articles import read_article
from digest.model import Story
from tests.unit.test_collect_articles import BODY, FIRST, SECOND, THIRD, URL

OTHER = "https://www.example.com/politics/mayor-wins"


def linked(*objects: dict[str, Any]) -> str:
    return f'<script type="application/ld+json">{json.dumps(list(objects))}</script>'


def read(head: str = "", body: str = f"<h1>Night ferry returns</h1>{BODY}", url: str = URL) -> Story:
    return read_article(f"<html lang='en'><head>{head}</head><body><article>{body}</article></body></html>", url)


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        (
            '<meta property="og:title" content="You won’t believe this ferry">',
            "Night ferry returns",
            "You won’t believe this ferry",
        ),
        (
            '<meta property="og:title" content="Why the night ferry to the islands returns">',
            "Night ferry returns to the islands after eleven weeks",
            "Night ferry returns to the islands after eleven weeks",
        ),
        (
            '<meta property="og:title" content="Night ferry returns | The Herald">',
            "Night ferry returns",
            "Night ferry returns",
        ),
        (
            '<meta property="og:title" content="Night ferry returns after elev…">',
            "Night ferry returns after eleven weeks",
            "Night ferry returns after eleven weeks",
        ),
        (
            '<meta property="og:title" content="Night ferry returns">',
            "Harbour Night ferry returns",
            "Night ferry returns",
        ),
        (
            '<meta property="og:title" content="Night ferry returns">',
            "Harbour: Night ferry returns",
            "Harbour: Night ferry returns",
        ),
        (
            '<meta property="og:title" content="Harbour: Night ferry returns">',
            "Night ferry returns",
            "Harbour: Night ferry returns",
        ),
        (
            '<meta property="og:site_name" content="Herald"><meta name="twitter:title" content="Night ferry returns">',
            "Herald",
            "Night ferry returns",
        ),
        ("<title>Night ferry returns - The Herald</title>", "Night ferry returns", "Night ferry returns"),
    ],
    ids=[
        "nothing in common",
        "for other readers",
        "site's name",
        "cut",
        "kicker",
        "lead-in",
        "lead-in stated",
        "site's heading",
        "document",
    ],
)
def test_headline_is_what_readers_see_where_the_page_bears_it_out(head: str, heading: str, title: str) -> None:
    assert read(head, f"<h1>{heading}</h1>{BODY}").title == title


def test_object_of_another_page_is_not_this_one_s() -> None:
    own = {
        "@type": "WebPage",
        "name": "Night ferry returns",
        "datePublished": "2026-11-24",
        "author": {"name": "Ada Quill"},
    }
    other = {"@type": "NewsArticle", "headline": "Mayor wins", "url": OTHER, "author": {"name": "Ben Tar"}}
    assert read(linked(other, own)).authors == ("Ada Quill",)


def test_of_several_articles_the_page_s_own_is_read() -> None:
    other = {"@type": "NewsArticle", "headline": "Mayor wins", "url": OTHER, "datePublished": "2026-11-20"}
    own = {"@type": "NewsArticle", "headline": "Night ferry returns", "url": URL, "datePublished": "2026-11-24"}
    story = read(linked(other, other, own))
    assert story.published_at is not None
    assert story.published_at.day == 24


MARKED = f"""
<div itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">Night ferry returns</h1>
<span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/ada">
<b itemprop="name">Ada Quill</b></a></span>
<time itemprop="datePublished" datetime="2026-11-24T07:00:00Z">today</time>
<meta itemprop="dateModified" content="2026-11-24T08:00:00Z"><span itemprop="articleSection">Harbour</span>
<figure itemprop="image" itemscope itemtype="https://schema.org/ImageObject">
<img itemprop="url" src="/ferry-at-quay.jpg" alt="The ferry"><figcaption>At the quay. Photo: Cleo Lens</figcaption>
</figure>
<div itemprop="articleBody">{BODY}</div></div>
<div itemscope itemtype="https://schema.org/NewsArticle"><h3 itemprop="headline"><a href="/mayor">Mayor wins</a></h3>
<span itemprop="author">Ben Tar</span></div>
"""


def test_microdata_is_read_where_json_ld_is_absent() -> None:
    story = read(body=MARKED)
    assert (story.title, story.authors, story.section) == ("Night ferry returns", ("Ada Quill",), "Harbour")
    assert f"{story.published_at:%d %H} {story.updated_at:%d %H}" == "24 07 24 08"
    assert (story.image_url, story.image_alt) == ("https://www.example.com/ferry-at-quay.jpg", "The ferry")
    assert story.image_credit == "Cleo Lens"
    assert all(text in story.text for text in (FIRST, SECOND, THIRD))


def test_json_ld_comes_before_microdata_and_its_gaps_are_filled_from_there() -> None:
    story = read(linked({"@type": "NewsArticle", "headline": "Night ferry returns", "articleSection": "Sea"}), MARKED)
    assert (story.section, story.authors) == ("Sea", ("Ada Quill",))


@pytest.mark.parametrize(
    ("stated", "updated", "meta", "published"),
    [
        ("2026-11-24T07:00:00Z", "2026-11-24T09:00:00Z", "2026-11-23T06:00:00Z", "24 07:00"),
        ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z", "2026-11-23T06:00:00Z", "23 06:00"),
        ("2026-11-24", "2026-11-24T09:00:00Z", "2026-11-24T06:00:00Z", "24 06:00"),
        ("", "", "2026-11-23T06:00:00Z", "23 06:00"),
        (1795500000, "", "", "24 06:00"),
    ],
    ids=["json-ld first", "the update's", "finer", "meta alone", "in seconds"],
)
def test_publication_is_the_first_statement_that_can_be_one(
    stated: str | int, updated: str, meta: str, published: str
) -> None:
    told = {"@type": "NewsArticle", "headline": "Night ferry returns", "datePublished": stated, "dateModified": updated}
    story = read(linked(told) + f'<meta property="article:published_time" content="{meta}">')
    assert f"{story.published_at:%d %H:%M}" == published


def test_update_before_the_publication_is_none() -> None:
    told = {"@type": "NewsArticle", "headline": "Night ferry returns", "dateModified": "2026-11-20T09:00:00Z"}
    story = read(linked(told) + '<meta property="article:published_time" content="2026-11-24T07:00:00Z">')
    assert story.updated_at is None


def test_site_is_no_author_while_a_person_is_named() -> None:
    head = '<meta property="og:site_name" content="Quay & Harbour"><meta name="author" content="Quay & Harbour">'
    byline = '<p class="byline">By <a rel="author" href="/ada">Ada Quill</a></p>'
    assert read(head, f"<h1>Night ferry returns</h1>{byline}{BODY}").authors == ("Ada Quill",)
    firm = '<meta name="author" content="Harbour Publishing Ltd">'
    assert read(firm, f"<h1>Night ferry returns</h1>{byline}{BODY}").authors == ("Ada Quill",)
    assert read(firm).authors == ("Harbour Publishing Ltd",)


def test_section_is_the_last_breadcrumb_before_the_page() -> None:
    crumbs = [{"@type": "ListItem", "name": name} for name in ("Home", "News", "Harbour", "Night ferry returns")]
    assert read(linked({"@type": "BreadcrumbList", "itemListElement": crumbs})).section == "Harbour"


def test_logo_is_no_picture_while_there_is_another() -> None:
    told = {"@type": "NewsArticle", "headline": "Night ferry returns", "image": "/ferry.jpg"}
    logo = '<meta property="og:image" content="/static/site-logo.png">'
    assert read(linked(told) + logo).image_url == "https://www.example.com/ferry.jpg"
    assert read(logo).image_url == "https://www.example.com/static/site-logo.png"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:site_name" content="The Herald">',
        linked({"@type": "WebSite", "name": "The Herald"}),
        linked({"@type": "NewsArticle", "headline": "Night ferry returns", "publisher": {"name": "The Herald"}}),
        "<title>Night ferry returns | Harbour | The Herald</title>",
    ],
    ids=["og", "website", "publisher", "document"],
)
def test_site_is_known_by_its_name(head: str) -> None:
    assert read(head).site_name == "The Herald"


@pytest.mark.parametrize(
    "cache",
    [
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/politics/ferry-returns/amp/",
        "https://www.google.com/amp/s/www.example.com/politics/ferry-returns/amp/",
    ],
)
def test_page_of_an_amp_cache_has_its_publisher_s_address(cache: str) -> None:
    assert read(url=cache).id == read().id
    assert read('<link rel="canonical" href="https://elsewhere.org/ferry">', url=cache).id == read().id


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("<p>By Ada Quill</p>", ("Ada Quill",)),
        ("<p><em>Text von Ada Quill, Fotos von Bo Lens</em></p>", ("Ada Quill",)),
        ("<div>By&nbsp;<a href='/reporters/ada'>Ada de la Quill</a></div>", ("Ada de la Quill",)),
        ("<p>Autorin: Ada Quill, Port Ellery</p>", ("Ada Quill",)),
        ("<p>By the harbour a ship was seen</p>", ()),
        ("<p>By Monday Port Ellery will be empty, the mayor said to the press on Friday in the harbour</p>", ()),
        ("<aside><p>By Ben Tar</p></aside>", ()),
    ],
)
def test_author_is_read_from_the_line_that_names_one(line: str, authors: tuple[str, ...]) -> None:
    assert read(body=f"<h1>Night ferry returns</h1>{line}{BODY}").authors == authors


def test_account_is_no_author_while_a_name_is_shown() -> None:
    head = '<meta name="author" content="ada_quill">'
    assert read(head, f"<h1>Night ferry returns</h1><p>By Ada Quill</p>{BODY}").authors == ("Ada Quill",)
    assert read(head).authors == ("ada_quill",)
