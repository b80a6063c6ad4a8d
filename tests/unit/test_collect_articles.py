"""Article pages → stories: body with sub-heads, facts about the page, its own key points."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.pages.articles import read_article
from digest.model import Story

URL = "https://www.example.com/politics/ferry-returns"
FIRST = (
    "The night ferry between Port Ellery and the islands will sail again from Monday, the harbour office said, after"
    " repairs that took eleven weeks and cost far more than planned."
)
SECOND = (
    "Councillors had asked for a cheaper vessel, but the yard could deliver none before the spring, and the islanders"
    " wanted their link back before the winter storms set in for good."
)
THIRD = (
    "Tickets go on sale on Friday at the old price. A second crossing at noon will be tried out in March, if enough"
    " passengers come, and dropped again without much ado if they stay away."
)
BODY = f"<p>{FIRST}</p><h2>What it cost</h2><p>{SECOND}</p><h2>What comes next</h2><p>{THIRD}</p>"
LINKED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "The Herald"},
        {
            "@type": ["NewsArticle"],
            "headline": "Night ferry returns",
            "datePublished": "2026-11-24T07:00:00+01:00",
            "dateModified": "2026-11-24T08:30:00+01:00",
            "author": [{"@type": "Person", "name": "Ada Quill"}, {"@type": "Person", "name": "Ben Tar"}],
            "articleSection": ["Politics", "Harbour"],
            "image": {"@type": "ImageObject", "url": "/ferry.jpg", "creditText": "Cleo Lens"},
        },
    ],
}
HEAD = (
    '<title>Night ferry returns | The Herald</title><meta property="og:description" content="It sails on Monday.">'
    '<meta property="og:image" content="https://example.com/ferry.jpg"><meta property="og:image:alt" content="A ferry">'
    '<link rel="canonical" href="https://example.com/politics/ferry-returns">'
    f'<script type="application/ld+json">{json.dumps(LINKED)}</script>'
)


def page(body: str = BODY, head: str = HEAD, block: str = "") -> str:
    return (
        f'<!doctype html><html lang="en-GB"><head>{head}</head><body><nav><a href="/">Home</a><a href="/p">Politics</a>'
        f"</nav><main><article><h1>Night ferry returns</h1>{block}{body}</article></main>"
        "<footer><p>Imprint and all the rest of the small print.</p></footer></body></html>"
    )


def test_page_becomes_a_whole_story() -> None:
    paragraphs = (FIRST, "What it cost", SECOND, "What comes next", THIRD)
    assert read_article(page(), URL) == Story(
        url="https://example.com/politics/ferry-returns",
        title="Night ferry returns",
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        subheads=(1, 3),
        summary="It sails on Monday.",
        authors=("Ada Quill", "Ben Tar"),
        section="Politics",
        language="en-GB",
        published_at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC),
        updated_at=datetime(2026, 11, 24, 7, 30, tzinfo=UTC),
        image_url="https://example.com/ferry.jpg",
        image_alt="A ferry",
        image_credit="Cleo Lens",
        site_name="The Herald",
    )


def test_page_without_json_ld_is_read_from_its_meta_elements() -> None:
    head = (
        '<title>Night ferry returns – The Herald</title><meta name="author" content="By Ada Quill">'
        '<meta property="article:published_time" content="2026-11-24T07:00:00Z">'
        '<meta property="article:section" content="Harbour">'
    )
    story = read_article(page(head=head), URL)
    assert (story.title, story.authors, story.section) == ("Night ferry returns", ("Ada Quill",), "Harbour")
    assert story.published_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


BULLETS = (
    "The night ferry sails again from Monday after eleven weeks.",
    "Repairs cost far more than the council had planned.",
    "A noon crossing will be tried out in March.",
)
LIST = "<ul>" + "".join(f"<li>{bullet}</li>" for bullet in BULLETS) + "</ul>"


@pytest.mark.parametrize(
    "block",
    [
        f"<h2>Key Takeaways</h2>{LIST}",
        f"<div class='box'><div><strong>KEY POINTS:</strong></div><div>{LIST}</div></div>",
        f"<section><h3>In brief</h3>{LIST}</section>",
        f"<section><h3>At a glance</h3>{LIST.replace('ul>', 'ol>')}</section>",
        f"<p><b>What to know</b></p>{LIST}",
        f"<div><h4>Story highlights</h4></div>{LIST}",
        f"<h2>Das Wichtigste in Kürze</h2>{LIST}",
        f"<h2>L'essentiel</h2>{LIST}",
        f"<h2>Puntos clave</h2>{LIST}",
        "<section><h2>Key takeaways</h2><div>" + "".join(f"<p>{bullet}</p>" for bullet in BULLETS) + "</div></section>",
        LIST,
    ],
)
def test_own_key_points_are_taken_and_not_left_in_the_text(block: str) -> None:
    story = read_article(page(block=block), URL)
    assert story.takeaways_given == BULLETS
    assert story.paragraphs == (FIRST, "What it cost", SECOND, "What comes next", THIRD)


@pytest.mark.parametrize(
    "block",
    [
        "",
        "<h2>Key takeaways</h2>",
        "<h2>Key takeaways</h2><p>Only one paragraph follows here, and it is no list of anything.</p>",
        "<h2>Related</h2><ul><li><a href='/a'>Ferry yard closes after a long dispute</a></li>"
        "<li><a href='/b'>Islanders want their night link back soon</a></li></ul>",
        "<h2>Summary</h2><ul><li><a href='#a'>What the repairs cost the council</a></li>"
        "<li><a href='#b'>What comes next for the ferry line</a></li></ul>",
        "<ul class='share-tools'><li>Share this story with your friends on the network</li>"
        "<li>Send this story to somebody who may want to read it</li></ul>",
        f"<p>{FIRST}</p><p>The crossing needs:</p>{LIST}",
    ],
)
def test_other_lists_are_no_key_points(block: str) -> None:
    assert read_article(page(block=block), URL).takeaways_given == ()


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://example.com/">', URL),
        ('<link rel="canonical" href="https://elsewhere.org/ferry">', URL),
        ('<link rel="canonical" href="javascript:alert(1)">', URL),
        ('<link rel="canonical" href="/politics/ferry?utm_source=x">', "https://www.example.com/politics/ferry"),
    ],
)
def test_canonical_address_counts_only_within_the_site(head: str, url: str) -> None:
    assert read_article(page(head=head), URL).url == url


@pytest.mark.parametrize("html", ["", b"", "   ", b"\x00\xff\xfe", "<", "<html>", "{}", "<a" * 20_000, "<div>" * 5_000])
def test_page_that_can_not_be_read_is_a_story_without_text(html: str | bytes) -> None:
    story = read_article(html, URL)
    assert (story.title, story.text, story.paragraphs) == ("Ferry returns", "", ())


@pytest.mark.parametrize("url", ["http://[bad", "", "file:///tmp/page.html", "no address"])
def test_page_from_an_odd_address_is_read_all_the_same(url: str) -> None:
    assert read_article(page(), url).paragraphs == read_article(page(), URL).paragraphs


def test_page_whose_text_is_only_in_json_ld_is_read_from_there() -> None:
    linked = {"@type": "NewsArticle", "headline": "Night ferry returns", "articleBody": f"{FIRST} {SECOND} {THIRD}"}
    head = f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    assert read_article(page(body="<p>Loading…</p>", head=head), URL).text == f"{FIRST} {SECOND} {THIRD}"


def test_hostile_headline_is_plain_text() -> None:
    head = '<meta property="og:title" content="&lt;script&gt;alert(1)&lt;/script&gt;Storm &lt;img src=x onerror=y&gt;">'
    assert read_article(f"<html><head>{head}</head><body></body></html>", URL).title == "Storm"


@pytest.mark.parametrize(
    "furniture",
    [
        "<p><a href='/other'>Island school gets a new roof before the winter</a></p>",
        "<p>Read more: <a href='/other'>Island school gets a new roof</a></p>",
        "<p>Lesen Sie auch: <a href='/other'>Neues Dach für die Inselschule</a></p>",
        "<p>Photo: Cleo Lens / The Herald</p>",
        "<p>Sign up for our morning letter</p>",
        "<p>___</p>",
    ],
)
def test_furniture_between_paragraphs_is_left_out(furniture: str) -> None:
    body = BODY.replace("<h2>What comes", furniture + "<h2>What comes")
    assert read_article(page(body=body), URL).paragraphs == (FIRST, "What it cost", SECOND, "What comes next", THIRD)


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("<p><a href='/sport/cup'>Cup final moved to Saturday night</a></p>", False),
        ("<p><a href='https://www.example.com/sport/cup'>Cup final moved to Saturday night</a></p>", False),
        ("<p><a href='https://museum.example.org/'>The Museum of Old Ferries in the north</a></p>", True),
        (
            "<table><tr><td><a href='/ferries/1'>The old night ferry</a></td><td>1974</td></tr>"
            "<tr><td><a href='/ferries/2'>The new night ferry</a></td><td>2026</td></tr></table>",
            True,
        ),
    ],
    ids=["own page", "own page in full", "elsewhere", "table"],
)
def test_linked_line_stays_unless_it_leads_to_another_page_of_the_site(line: str, stays: bool) -> None:
    body = f"<p>{FIRST}</p><p>{SECOND}</p>{line}<p>{THIRD}</p><p>{FIRST[::-1]}</p>"
    told = line.split("'>")[1].partition("<")[0]
    assert (told in read_article(page(body=body), URL).text) is stays


def test_text_outside_paragraphs_is_read() -> None:
    loose = "The crew came aboard at noon, and nobody had told them how long the way would be this time."
    text = read_article(page(body=f"<div><p>{FIRST}</p>{loose}<p>{SECOND}</p>{THIRD}</div>"), URL).text
    assert loose in text


def test_standfirst_that_is_set_apart_is_no_part_of_the_text() -> None:
    standfirst = "It sails on Monday, eleven weeks after it broke down in the Narrows."
    head = f'<meta property="og:description" content="{standfirst}">'
    story = read_article(page(head=head, block=f'<p class="article-standfirst">{standfirst}</p>'), URL)
    assert (story.summary, story.paragraphs[0]) == (standfirst, FIRST)


def test_text_in_several_boxes_of_one_class_is_read_whole() -> None:
    first, second = FIRST.replace("Monday", "day {n}"), SECOND.replace("spring", "day {n}")
    box = f"<div class='body-part'><p>{first}</p><p>{second}</p></div><figure><img src='{{n}}.jpg'></figure>"
    boxes = "".join(box.format(n=number) for number in range(6))
    text = read_article(page(body=boxes), URL).text
    assert all(f"from day {n}," in text and f"before the day {n}," in text for n in range(6))


def test_authors_are_found_behind_references_and_in_bylines() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "Night ferry returns", "author": {"@id": "#ada"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Quill"},
    ]
    linked = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert read_article(page(head=linked), URL).authors == ("Ada Quill",)
    byline = '<div class="post-author-name"><span>By</span> <a href="/by/ada">Ada Quill</a></div>'
    assert read_article(page(head="", block=byline), URL).authors == ("Ada Quill",)


def test_bytes_are_decoded_by_header_or_declaration() -> None:
    head = "<meta charset='windows-1252'><title>x</title>"
    html = page(head=head).replace("Night ferry returns", "Fähre „zurück“").encode("cp1252")
    assert read_article(html, URL).title == "Fähre „zurück“"
    plain = page(head="").replace("Night ferry returns", "Fähre zurück").encode("latin-1")
    assert read_article(plain, URL, content_type="text/html; charset=iso-8859-1").title == "Fähre zurück"


def test_text_is_its_paragraphs_and_subheads_point_into_them() -> None:
    story = read_article(page(), URL)
    assert story.text == "\n\n".join(story.paragraphs)
    assert [story.paragraphs[index] for index in story.subheads] == ["What it cost", "What comes next"]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<h1>", "<ul>", "<li>", "<table>", "<td>", "Key takeaways", FIRST, "&", "<!--"])
    )
)
def test_any_soup_of_tags_is_read_without_an_error(parts: list[str]) -> None:
    story = read_article("".join(parts), URL)
    assert story.title
    assert story.text == "\n\n".join(story.paragraphs)
