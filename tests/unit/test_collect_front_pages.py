"""Front pages → story links in reading order, and the Most Popular block."""

from __future__ import annotations

import pytest

from digest.collect.pages.front_pages import read_front_page
from digest.collect.pages.headings import Claim, popularity_claim
from digest.model import FrontPage, Link, Prominence

URL = "https://example.com/"
MENU = (
    '<header><a href="/">The Harbour Herald of Port Ellery</a></header>'
    '<nav><a href="/politics">Politics and all that belongs to it</a></nav>'
)
FOOTER = '<footer><a href="/about-us">All about our newspaper and its people</a></footer>'


def card(number: int, heading: str = "h3", image: bool = False) -> str:
    picture = f'<a href="/news/story-of-the-day-{number}"><img src="{number}.jpg"></a>' if image else ""
    return (
        f"<article>{picture}<{heading}><a href='/news/story-of-the-day-{number}?utm_source=home'>"
        f"Story of the day number {number}</a></{heading}><p>Teaser.</p>"
        "<a href='/author/ada'>By Ada Quill</a></article>"
    )


def link(number: int, position: int, prominence: Prominence = Prominence.LIST) -> Link:
    return Link(
        f"Story of the day number {number}", f"https://example.com/news/story-of-the-day-{number}", position, prominence
    )


def page(main: str) -> str:
    return f"<html><body>{MENU}<main>{main}</main>{FOOTER}</body></html>"


def test_stories_come_in_reading_order_without_navigation() -> None:
    html = page(card(1, "h2", image=True) + card(2, image=True) + card(3) + card(1))
    assert read_front_page(html, URL) == FrontPage(
        URL, (link(1, 1, Prominence.LEAD), link(2, 2, Prominence.GRID), link(3, 3))
    )


POPULAR = "".join(
    f'<li><span>{n}</span> <a href="/news/story-of-the-day-{n}">Story of the day number {n}</a></li>' for n in (7, 3, 9)
)


@pytest.mark.parametrize(
    "block",
    [
        f"<aside><h2>Most Popular</h2><ol>{POPULAR}</ol></aside>",
        f"<div><div class='head'><span>Most read</span></div><div><ol>{POPULAR}</ol></div></div>",
        f"<section aria-label='Most viewed'><ol>{POPULAR}</ol></section>",
        f"<div><h3>Meistgelesen</h3><ul>{POPULAR}</ul><h3>Newsletter</h3>"
        "<a href='/news/another-long-story-here-5'>Another story that follows</a></div>",
        f"<div><h4>Lo más leído</h4><ul>{POPULAR}</ul></div>",
        "<div><a href='#tab-latest'>Latest</a><a href='#tab-read'>Most read</a></div>"
        "<div id='tab-latest'><a href='/news/a-latest-story-comes-here-1'>A latest story comes here</a></div>"
        f"<div id='tab-read'>{POPULAR}</div>",
    ],
)
def test_popular_block_keeps_its_own_order(block: str) -> None:
    found = read_front_page(page(card(1) + card(3) + block), URL)
    assert found.popular == (link(7, 1), link(3, 2), link(9, 3))


def test_links_of_the_popular_block_alone_are_no_front_page_stories() -> None:
    found = read_front_page(page(card(1) + f"<aside><h2>Most Popular</h2><ol>{POPULAR}</ol></aside>" + card(2)), URL)
    assert found.stories == (link(1, 1, Prominence.LEAD), link(2, 2))


@pytest.mark.parametrize("html", ["", b"\xff\xfe\x00", "<html>", "no markup", page("")])
def test_page_without_stories_is_an_empty_front_page(html: str | bytes) -> None:
    assert read_front_page(html, URL) == FrontPage(URL)


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.org/news/a-long-enough-slug-here",
        "javascript:open('/news/a-long-enough-slug-here')",
        "mailto:desk@example.com",
        "/tag/harbour-and-sea-news-2026",
        "/author/ada-quill-of-the-desk",
        "/files/report-of-the-year-2026.pdf",
        "/",
        "#main",
        "http://[broken",
    ],
)
def test_link_that_is_no_story_of_the_site_is_left_out(href: str) -> None:
    assert read_front_page(page(f'<h2><a href="{href}">A headline of some length here</a></h2>'), URL).stories == ()


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Most Read", Claim.READ),
        ("The 5 most popular stories this week", Claim.READ),
        ("MEISTGELESEN:", Claim.READ),
        ("Lo más leído por los socios", Claim.POPULAR),
        ("Popular posts", Claim.POPULAR),
        ("Trending now", Claim.TRENDING),
        ("Most of us read in bed", None),
        ("Top stories", None),
        ("", None),
    ],
)
def test_headings_claim_readers_more_or_less_plainly(text: str, claim: Claim | None) -> None:
    assert popularity_claim(text) is claim


def test_of_several_blocks_the_plainest_claim_is_taken() -> None:
    other = "".join(
        f'<li><a href="/news/another-story-here-{n}">Another story here number {n}</a></li>' for n in range(4)
    )
    html = page(f"<aside><h2>Trending</h2><ol>{other}</ol></aside><aside><h2>Most read</h2><ol>{POPULAR}</ol></aside>")
    assert read_front_page(html, URL).popular == (link(7, 1), link(3, 2), link(9, 3))


@pytest.mark.parametrize(
    ("inner", "title"),
    [
        ('<span class="kicker">POLITICS</span> Mayor wins again by a whisker', "Mayor wins again by a whisker"),
        ("<span>POLITICS</span>Mayor wins again by a whisker", "Mayor wins again by a whisker"),
        ("<div>Opinion</div><div>Why the harbour must close now</div>", "Why the harbour must close now"),
        (
            "<h3><em class='label'>Exclusive</em> Mayor wins by a whisker</h3><p>And so on.</p>",
            "Mayor wins by a whisker",
        ),
        ("<span class='title'>Port Ellery:</span> Mayor wins by a whisker", "Port Ellery: Mayor wins by a whisker"),
        ("<strong>NATO</strong> ministers meet in Port Ellery", "NATO ministers meet in Port Ellery"),
    ],
    ids=["class", "capitals", "blocks", "in a heading", "with a colon", "no kicker"],
)
def test_kicker_in_a_link_is_no_part_of_its_headline(inner: str, title: str) -> None:
    found = read_front_page(page(f'<h2><a href="/news/a-long-enough-slug-here">{inner}</a></h2>'), URL)
    assert [story.title for story in found.stories] == [title]


def test_label_of_a_link_tells_its_headline_from_its_teaser() -> None:
    inner = "<em>ADA QUILL</em><span>Mayor wins by a whisker</span> <span>She smiles, and goes on to say more.</span>"
    anchor = f"<a href='/news/a-long-enough-slug-here' aria-label='Mayor wins by a whisker'><h2>{inner}</h2></a>"
    assert [story.title for story in read_front_page(page(anchor), URL).stories] == ["Mayor wins by a whisker"]
    elsewhere = anchor.replace("aria-label='Mayor wins by a whisker'", "aria-label='Opens in a new window of yours'")
    assert read_front_page(page(elsewhere), URL).stories[0].title.startswith("Mayor wins by a whisker She smiles")


def test_films_are_popular_only_where_nothing_else_is() -> None:
    films = "".join(
        f"<li><a href='/video/film-of-the-harbour-{n}'>Film of the harbour, part {n}</a></li>" for n in range(4)
    )
    block = f"<aside><h2>Most Read</h2><ol>{films}</ol></aside>"
    assert len(read_front_page(page(card(1) + block), URL).popular) == 4
    trending = f"<aside><h2>Trending</h2><ol>{POPULAR}</ol></aside>"
    assert read_front_page(page(card(1) + block + trending), URL).popular == (link(7, 1), link(3, 2), link(9, 3))


@pytest.mark.parametrize(
    "text", ["Click to share this on Quaybook", "Share on Quaybook and elsewhere", "Email this to a friend now"]
)
def test_button_for_sharing_is_no_story(text: str) -> None:
    anchor = f'<a href="/news/a-long-enough-slug-here?share=quaybook">{text}</a>'
    assert read_front_page(page(card(1) + anchor), URL).stories == (link(1, 1, Prominence.LEAD),)
