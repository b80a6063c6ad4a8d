"""Every parser of `collect` on hostile input: it gives sound nouns or its own named error, whatever the bytes.

Valid documents are mutated by their structure: cut, doubled, nested, their values replaced by what has broken
parsers before. `tests/fuzz/targets.py` says what must hold.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.collect.feeds.documents import _xml_items, parse_feed
from digest.collect.feeds.plain import plain_feed_items
from digest.collect.feeds.sitemaps import parse_sitemap
from digest.collect.folders import read_folder
from digest.collect.markup import decode
from digest.collect.pages.discovery import discover
from digest.collect.sandbox.parsers import Parsers
from digest.errors import SourceError
from tests.fuzz.seeds import NASTY_BYTES, NASTY_VALUES, SEEDS
from tests.fuzz.targets import TARGETS

URL = "https://example.com/"
_PIECES = re.compile(rb"<[^<>]*>|&\w+;|\w+|\s+|[^\s\w<>&]+|[<>&]")
_SLOW = frozenset(("article", "front page"))


def hold(name: str, data: bytes) -> None:
    """Run a target; its named error is as good an answer as any."""
    try:
        TARGETS[name](data)
    except SourceError as error:
        assert error.what


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Draw one of the seeds with a few of its pieces cut, doubled, nested, swapped or replaced."""
    seed = draw(st.sampled_from(seeds))
    if seed[:1] in (b"{", b"[") and draw(st.booleans()):
        return json.dumps(draw(mutated_value(json.loads(seed)))).encode()
    pieces = _PIECES.findall(seed)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(pieces) - 1, 0)))
        end = min(at + draw(st.integers(1, 12)), len(pieces))
        part = pieces[at:end]
        match draw(st.sampled_from(("cut", "double", "nest", "insert", "replace", "swap", "end", "byte"))):
            case "cut":
                pieces[at:end] = []
            case "double":
                pieces[at:end] = part * draw(st.sampled_from((2, 3, 50)))
            case "nest":
                pieces[at:at] = pieces[at : at + 1] * draw(st.sampled_from((2, 30, 300)))
            case "insert":
                pieces.insert(at, draw(st.sampled_from(NASTY_BYTES)))
            case "replace":
                pieces[at:end] = [draw(st.sampled_from(NASTY_BYTES))]
            case "swap":
                pieces[at:end] = part[::-1]
            case "end":
                del pieces[at:]
            case "byte":
                pieces.insert(at, draw(st.binary(min_size=1, max_size=4)))
    return b"".join(pieces)


@st.composite
def mutated_value(draw: st.DrawFn, told: Any) -> Any:
    """Draw `told` with a few of the values in it replaced, left out, or wrapped once more."""
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(told))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("replace", "replace", "drop", "wrap", "text"))):
            case "replace":
                holder[key] = deepcopy(draw(st.sampled_from(NASTY_VALUES)))
            case "drop":
                del holder[key]
            case "wrap":
                holder[key] = [holder[key]]
            case "text":
                holder[key] = draw(st.text(max_size=12))
    return told


def _places(told: Any) -> list[tuple[Any, Any]]:
    if isinstance(told, dict):
        keys: list[Any] = list(told)
    elif isinstance(told, list):
        keys = list(range(len(told)))
    else:
        return []
    return [(told, key) for key in keys] + [place for key in keys for place in _places(told[key])]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_seed_is_read_as_it_is(name: str) -> None:
    """A seed that is refused would test nothing."""
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_any_bytes_give_sound_nouns_or_a_named_error(name: str) -> None:
    pieces = st.lists(st.one_of(st.sampled_from(NASTY_BYTES), st.binary(max_size=20)), max_size=6).map(b"".join)

    @settings(derandomize=True, max_examples=25, deadline=None)
    @given(pieces)
    def run(data: bytes) -> None:
        hold(name, data)

    run()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_mutated_document_gives_sound_nouns_or_a_named_error(name: str) -> None:
    @settings(
        derandomize=True,
        max_examples=30 if name in _SLOW else 80,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(mutated(SEEDS[name]))
    def run(data: bytes) -> None:
        hold(name, data)

    run()


# --- the quick reader and feedparser -----------------------------------------------------------------


@settings(derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(SEEDS["feed"][:2]))
def test_quick_reader_gives_what_feedparser_gives_wherever_it_answers(data: bytes) -> None:
    quick = plain_feed_items(data)
    if quick is not None:
        assert quick == list(_xml_items(data, URL, "", data[:2000]))


# --- pieces that broke a parser once -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("json feed authors", {"items": [{"url": "/a", "title": "A", "authors": 5}], "authors": True}),
        ("ghost tags", {"posts": [{"url": "/a", "title": "A", "tags": {"name": "x"}, "primary_tag": 3}]}),
        ("wordpress terms", [{"link": "/a", "title": {"rendered": []}, "_embedded": {"wp:term": [3, None]}}]),
        ("long number", {"items": [{"url": "/a", "title": "A", "id": 10**4000}]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json_of_odd_shapes_gives_what_can_be_read(name: str, told: object) -> None:
    for story in parse_feed(json.dumps(told).encode(), URL):
        assert story.title == "A", name


@pytest.mark.parametrize("label", ["undefined", "utf-7", "UTF_7", "u7", "unicode-1-1-utf-7", "unicode-escape", "hex"])
def test_declared_encoding_that_hides_markup_or_reads_nothing_is_not_believed(label: str) -> None:
    text = decode(b"caf\xe9 +ADw-script+AD4- \\u003cscript\\u003e", f"text/html; charset={label}")
    assert "<" not in text
    assert text.startswith("caf")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", '{"url": "https://example.com/", "title": "A", "n": ' + "1" * 5000 + "}", "thousands of digits"),
        ("a.md", "+++\nn = " + "1" * 5000 + "\n+++\nText", "thousands of digits"),
        ("a.md", '+++\nurl = "http://"\n+++\nText', "its url is no address of the web: 'http://'"),
        ("a.json", '{"url": "http://[x", "title": "A"}', "its url is no address of the web: 'http://[x'"),
    ],
)
def test_file_of_a_folder_that_can_not_be_is_a_named_problem(
    tmp_path: Path, name: str, content: str, problem: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    stories, problems = read_folder(tmp_path)
    assert stories == ()
    assert problem in problems[0]


def test_file_of_a_folder_brings_no_address_that_is_none_and_no_date_out_of_range(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        '+++\nurl = "https://example.com/a\u202eb"\nimage = "javascript:x"\nlanguage = "\u202e"\n'
        'section = "A\\u0007B"\ndate = 0001-01-01T00:00:00+14:00\n+++\nText',
        "utf-8",
    )
    ((story,), problems) = read_folder(tmp_path)
    assert (story.url, story.image_url, story.language) == ("https://example.com/a%E2%80%AEb", "", "")
    assert (story.section, story.published_at, problems) == ("A B", None, ())


def test_link_that_is_no_address_is_not_announced() -> None:
    page = b'<link rel=alternate type="application/rss+xml" href="http://[x"><nav><a href="http://[x">News</a></nav>'
    facts = discover(page, URL)
    assert (facts.feeds, facts.sections) == ((), ())


# --- bombs: bounded by what is built from them, never by a stopwatch -------------------------------------

_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "ha">' + _ENTITIES + b"]>"
_SECRET = "root:x:0"


def _rss(title: bytes, before: bytes = b"") -> bytes:
    item = b"<item><title>A" + title + b"</title><link>https://example.com/a</link></item>"
    return before + b'<rss version="2.0"><channel>' + item + b"</channel></rss>"


def _urlset(location: bytes, before: bytes = b"") -> bytes:
    return before + b"<urlset><url><loc>https://example.com/a" + location + b"</loc></url></urlset>"


@pytest.mark.parametrize("wrap", [_rss, _urlset], ids=["feed", "sitemap"])
@pytest.mark.parametrize(
    ("before", "inside"),
    [
        (_LAUGHS, b"&e9;"),
        (b'<!DOCTYPE r [<!ENTITY e "' + b"x" * 50_000 + b'">]>', b"&e;" * 5_000),
        (b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b"&e;"),
        (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">', b""),
        (b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>', b""),
        (b"", b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        (b'<?xml-stylesheet href="file:///etc/passwd"?>', b""),
        (b"", b"<a>" * 5_000),
    ],
    ids=["laughs", "quadratic", "file", "dtd", "parameter", "xinclude", "stylesheet", "deep"],
)
def test_xml_bomb_stays_small_and_reads_no_file(wrap: Callable[..., bytes], before: bytes, inside: bytes) -> None:
    data = wrap(inside, before)
    read = parse_feed if wrap is _rss else parse_sitemap
    try:
        told = repr(read(data, URL))
    except SourceError as error:
        told = str(error)
    assert len(told) < 20_000
    assert _SECRET not in told


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 50_000 + b"text",
        b"<b><p>" * 3_000,
        b"<p " + b"a=1 " * 30_000 + b">text",
        b"x" * 1_000_000,
        b"<a href='/2026/11/24/a-b-c-d-e'>" * 2_000,
        b"<table><tr><td>" * 2_000 + b"words and more words",
        b"<h2>Most read</h2>" * 20_000,
        b"&amp;" * 100_000,
        b"<!--" * 50_000,
        b"<script type='application/ld+json'>" + b"[" * 100_000,
        b"<script type='application/ld+json'>" + b'{"@graph":[' * 400 + b"]}" * 400 + b"</script>",
        ("<p>" + "\u202e" * 1000 + "words</p>").encode("utf-16"),
        b"\x00" * 10_000 + b"<p>words</p>",
    ],
    ids=[
        "deep",
        "misnested",
        "attributes",
        "no tag",
        "anchors",
        "tables",
        "claims",
        "entities",
        "comments",
        "json",
        "graph",
        *("utf-16", "nul"),
    ],
)
def test_html_bomb_gives_a_story_or_nothing(page: bytes) -> None:
    for name in ("article", "front page", "discovery"):
        hold(name, page)


@pytest.mark.parametrize("piece", ["![", "[a](", "*a ", "_a ", "<![CDATA[", "`", "> a\n", "- a\n", "# "])
def test_markdown_that_begins_and_never_ends_is_text(tmp_path: Path, piece: str) -> None:
    """Of 200 KB: quadratic rules took minutes."""
    head = "---\nurl: https://example.com/a\ntitle: A\n---\n"
    (tmp_path / "a.md").write_text(head + piece * (200_000 // len(piece)), "utf-8")
    ((story,), problems) = read_folder(tmp_path)
    assert (story.title, problems) == ("A", ())


def test_packed_sitemap_is_unpacked_to_a_bound() -> None:
    with pytest.raises(SourceError, match="unpacks to more than 50 MB"):
        parse_sitemap(gzip.compress(bytes(60 * 1024 * 1024), 1, mtime=0), URL)


def test_packed_sitemap_inside_a_packed_one_is_no_sitemap() -> None:
    with pytest.raises(SourceError, match="is not a sitemap"):
        parse_sitemap(gzip.compress(gzip.compress(_urlset(b""), mtime=0), mtime=0), URL)


def test_feed_of_very_many_items_gives_the_first_thousand() -> None:
    item = b"<item><title>A</title><link>https://example.com/%d</link></item>"
    feed = b'<rss version="2.0"><channel>' + b"".join(item % n for n in range(20_000)) + b"</channel></rss>"
    assert len(parse_feed(feed, URL)) == 1_000


def test_document_that_takes_too_long_is_ended_and_the_next_one_read() -> None:
    """One deadline for whatever the rules above forgot: here 100,000 attributes behind a quoted ">"."""
    slow = b'<html><p b=">" ' + b"".join(b"a%d=1 " % n for n in range(100_000)) + b">text"
    with Parsers(workers=1, wall_seconds=2.0) as parsers:
        assert parsers.article(b"<h1>Warm and ready to read</h1>", URL).title
        with pytest.raises(SourceError, match="could not be read within"):
            parsers.article(slow, URL)
        assert parsers.article(b"<title>The next</title>", URL).title == "The next"
