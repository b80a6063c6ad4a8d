"""Key points in one line or cut off: parted, completed from the body, or left out; never as they were cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.feeds.documents import parse_feed
from digest.collect.pages.articles import read_article
from digest.collect.pages.key_lines import key_points_of, sentences_of, whole_points, whole_summary
from tests.unit.test_collect_articles import BODY, FIRST, URL, page

POINTS = ("The ferry sails again from Monday.", "Repairs took eleven weeks.", "A noon crossing is tried out.")
LINE = " ".join(POINTS)
RENTS = ("Rents in the old town fell by a ninth last year, the council said. Wages rose.",)


@pytest.mark.parametrize(
    ("line", "points"),
    [
        (f"Key Takeaways: {LINE}", POINTS),
        (f"KEY POINTS – : {LINE}", POINTS),
        (f"Das Wichtigste in Kürze: {LINE}", POINTS),
        ("Key Takeaways: • One thing • Another thing", ("One thing", "Another thing")),
        ("At a glance: 1. One thing 2. Another thing", ("One thing", "Another thing")),
        ("Key points:\n- One thing\n- Another thing", ("One thing", "Another thing")),
        ("Key Takeaways: The mayor has asked 300...", ("The mayor has asked 300...",)),
        ("Key takeaways of a long winter at sea: the ships, the people", ()),
        ("In short: nobody knows.", ()),
        ("The key takeaways: nobody knows them.", ("nobody knows them.",)),
        ("Nobody: key points are for others.", ()),
        ("Key Takeaways:", ()),
        ("", ()),
    ],
)
def test_line_that_begins_as_key_points_is_parted_into_them(line: str, points: tuple[str, ...]) -> None:
    assert key_points_of(line) == points


@pytest.mark.parametrize(
    "cut",
    [
        "Rents in the old town fell…",
        "Rents in the old town fell by a ni…",
        "Rents in the old town fell by a ni",
        "Rents in the old town fell ...",
        "Rents in the old town fell [&hellip;]",
        "Rents in the old town fell [...]",
        "Rents in the old town fell &#8230;",
        "Rents in the old town fell … Read more",
        "Rents in the old town fell … Continue reading →",
    ],
)
def test_cut_point_is_completed_from_the_body(cut: str) -> None:
    assert whole_points((cut,), RENTS) == ("Rents in the old town fell by a ninth last year, the council said.",)
    if cut != "Rents in the old town fell by a ni":  # nothing says that it was cut
        assert whole_points((cut,), ("Another story.",)) == ()


@pytest.mark.parametrize("whole", ["Rents in the old town fell", "Rents in the old town fell by a ninth.", "Wages"])
def test_whole_point_stays_as_the_page_has_it(whole: str) -> None:
    assert whole_points((whole,), RENTS) == (whole,)


def test_sentences_end_at_full_stops_that_are_some() -> None:
    text = "They came from the U.S. The talks with Mr. Tar at 3 p.m. on Jan. 5 were short. “Nobody knew.” So it was."
    assert tuple(sentences_of(text)) == (
        "They came from the U.S.",
        "The talks with Mr. Tar at 3 p.m. on Jan. 5 were short.",
        "“Nobody knew.”",
        "So it was.",
    )


@pytest.mark.parametrize(
    ("block", "points"),
    [
        (f"<p><strong>Key Takeaways:</strong> {LINE}</p>", POINTS),
        (f"<div class='box'><div>Key Takeaways: {LINE}</div></div>", POINTS),
        (
            "<p>Key Takeaways:<br>• One thing at sea<br>• Another thing at sea</p>",
            ("One thing at sea", "Another thing at sea"),
        ),
        (
            "<h3>Key Takeaways</h3><p>• One thing happened at sea<br>• Another thing happened on land</p>",
            ("One thing happened at sea", "Another thing happened on land"),
        ),
        ("<p>Key Takeaways: The night ferry between Port El...</p>", (FIRST,)),
        ("<p>Key Takeaways: The mayor of the islands said that...</p>", ()),
        (
            f"<h2>Key Takeaways</h2><ul><li>{POINTS[0]}</li><li>The night ferry between Port El…</li></ul>",
            (POINTS[0], FIRST),
        ),
    ],
    ids=["paragraph", "box", "line breaks", "bullets in a paragraph", "cut", "cut for good", "cut in a list"],
)
def test_page_gives_its_key_points_whole_wherever_they_stand(block: str, points: tuple[str, ...]) -> None:
    story = read_article(page(block=block), URL)
    assert story.takeaways_given == points
    assert story.text == read_article(page(), URL).text


def test_key_points_below_the_text_are_found_too() -> None:
    story = read_article(page(body=f"{BODY}<p><b>Key takeaways:</b> {LINE}</p>"), URL)
    assert story.takeaways_given == POINTS


@pytest.mark.parametrize(
    "card",
    [
        "<div><h3><a href='/x'>Mayor wins by a whisker</a></h3><div>Key Takeaways: The mayor won.</div></div>",
        "<div><a href='/x'><h3>Mayor wins by a whisker</h3></a><p>Key Takeaways: The mayor won.</p></div>",
        "<aside><p>Key Takeaways: The mayor won.</p></aside>",
        "<div class='related'><p>Key Takeaways: The mayor won.</p></div>",
    ],
)
def test_key_points_of_another_story_are_not_this_one_s(card: str) -> None:
    assert read_article(page(body=BODY + card), URL).takeaways_given == ()


def test_lines_that_are_the_page_s_description_are_its_key_points() -> None:
    lines = ("Ferry sails again from Monday", "Eleven weeks of repairs at sea", "A noon crossing on trial")
    head = f"<meta name='description' content='{' '.join(lines)}'>"
    block = f"<div class='mid'>{'<br>'.join(lines)}</div>"
    assert read_article(page(head=head, block=block), URL).takeaways_given == lines
    assert read_article(page(head="", block=block), URL).takeaways_given == ()


def test_description_made_of_key_points_gives_them_and_no_label() -> None:
    head = (
        f"<meta property='og:description' content='Key Takeaways: {POINTS[0]} The night ferry between Port [&hellip;]'>"
    )
    story = read_article(page(head=head), URL)
    assert story.takeaways_given == (POINTS[0], FIRST)
    assert story.summary == f"{POINTS[0]} {FIRST}"


@pytest.mark.parametrize(
    ("summary", "points", "standfirst"),
    [
        (f"Key Takeaways: {LINE}", POINTS, LINE),
        (f"<p>Key Takeaways: {POINTS[0]} Repairs took elev [&hellip;]</p>", POINTS[:1], POINTS[0]),
        ("Key Takeaways: The mayor has asked 300...", (), ""),
        ("It sails on Monday, the office [&hellip;]", (), "It sails on Monday, the office […]"),
        ("It sails on Monday, the office...", (), "It sails on Monday, the office…"),
    ],
    ids=["whole", "cut", "cut alone", "no key points", "three dots"],
)
def test_feed_s_summary_gives_its_key_points_whole(summary: str, points: tuple[str, ...], standfirst: str) -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"url": URL, "title": "T", "summary": summary}]}
    (story,) = parse_feed(json.dumps(feed), "https://example.com/feed")
    assert (story.takeaways_given, story.summary) == (points, standfirst)


def test_feed_s_cut_summary_is_completed_from_its_text() -> None:
    item = {"url": URL, "title": "T", "summary": "Key Takeaways: The night ferry bet...", "content_html": BODY}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    (story,) = parse_feed(json.dumps(feed), "https://example.com/feed")
    assert story.takeaways_given == (FIRST,)


def test_key_points_in_a_text_without_markup_are_set_apart() -> None:
    item = {"url": URL, "title": "T", "content_text": f"Key Takeaways: {LINE}\n\n{FIRST}"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    (story,) = parse_feed(json.dumps(feed), "https://example.com/feed")
    assert (story.takeaways_given, story.paragraphs) == (POINTS, (FIRST,))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(), st.text())
def test_any_line_is_read_without_an_error_and_never_cut(line: str, body: str) -> None:
    points = whole_points(key_points_of(f"Key points: {line}"), (body,))
    assert not any(point.endswith("…") for point in points)
    assert not whole_summary(line, (body,)).endswith("..")
