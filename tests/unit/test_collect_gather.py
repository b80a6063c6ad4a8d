"""Sources, pages and troubles → one ordered, deterministic result; hostile documents die alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect.fetching.answers import AnswerError
from digest.collect.gathering import Gathered, gather
from digest.collect.sandbox.parsers import Parsers
from digest.errors import SourceError
from digest.model import Link, Prominence, SourceProblem, Story
from digest.ports import CachedResponse
from digest.settings import Source, SourceKind

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = "https://example.com"
SENTENCES = (
    "The harbour office said on Monday that the crane number {n} would be moved to the new quay before the winter.",
    "It had stood in the same place for eleven years, and nobody in the office could say who had put it there.",
)


class Web:
    """A fetcher over a dictionary; remembers what was asked for."""

    def __init__(self, pages: dict[str, bytes | SourceError]) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        body = self.pages.get(url, AnswerError("answered 404 Not Found.", "Check the address.", url, 404))
        if not url.endswith("/robots.txt"):
            with self.lock:
                self.asked.append(url)
        if isinstance(body, SourceError):
            raise body
        return CachedResponse(url, body, "", "", "", NOW, url)


def article(number: int) -> bytes:
    paragraphs = "".join(f"<p>{sentence.format(n=number)}</p>" for sentence in SENTENCES)
    return f"<html><body><article><h1>Crane {number} is moved today</h1>{paragraphs}</article></body></html>".encode()


def feed(*numbers: int, updated: str = "") -> bytes:
    items = "".join(
        f"<item><title>Crane {n}</title><link>{SITE}/crane-{n}</link><pubDate>Tue, 24 Nov 2026 06:00:00 GMT</pubDate>"
        f"{updated}</item>"
        for n in numbers
    )
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>H</title>{items}</channel></rss>'
    ).encode()


def story(number: int, *, source: str, section: str = "", position: int | None = 1) -> Story:
    paragraphs = tuple(sentence.format(n=number) for sentence in SENTENCES)
    return Story(
        url=f"{SITE}/crane-{number}",
        title=f"Crane {number} is moved today",
        source=source,
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        section=section,
        published_at=NOW - timedelta(hours=1),
        fetched_at=NOW,
        position=position,
    )


def feed_source(name: str, section: str = "") -> Source:
    return Source(SourceKind.FEED, url=f"{SITE}/{name}.xml", name=name, section=section)


def test_sources_and_pages_are_merged_in_the_order_of_the_sources() -> None:
    web = Web(
        {
            f"{SITE}/all.xml": feed(1, 2, 3),
            f"{SITE}/sea.xml": feed(2),
            f"{SITE}/crane-1": article(1),
            f"{SITE}/crane-2": article(2),
            f"{SITE}/dead.xml": SourceError("answered 503 Service Unavailable.", "The next run tries again."),
        }
    )
    gathered = gather([feed_source("all"), feed_source("dead"), feed_source("sea", "sea")], web, now=NOW)
    assert replace(gathered, reports=()) == Gathered(
        stories=(
            story(1, source="all", position=1),
            story(2, source="all", section="sea", position=2),
            Story(
                url=f"{SITE}/crane-3",
                title="Crane 3",
                source="all",
                published_at=NOW - timedelta(hours=1),
                fetched_at=NOW,
                position=3,
            ),
        ),
        problems=(
            SourceProblem("all", "answered 404 Not Found.", "Check the address.", f"{SITE}/crane-3"),
            SourceProblem("dead", "answered 503 Service Unavailable.", "The next run tries again.", f"{SITE}/dead.xml"),
        ),
        fetched=4,
    )
    assert web.asked.count(f"{SITE}/crane-2") == 1


def test_known_page_is_fetched_again_only_when_its_source_says_updated() -> None:
    held = story(1, source="all")
    pages: dict[str, bytes | SourceError] = {f"{SITE}/all.xml": feed(1), f"{SITE}/crane-1": article(1)}
    web = Web(pages)
    assert gather([feed_source("all")], web, now=NOW, known={held.id: held}).stories == (held,)
    assert web.asked == [f"{SITE}/all.xml"]
    later = NOW + timedelta(hours=2)
    pages[f"{SITE}/all.xml"] = feed(1, updated="<atom:updated>2026-11-24T08:00:00Z</atom:updated>")
    again = Web(pages)
    gather([feed_source("all")], again, now=later, known={held.id: held})
    assert again.asked == [f"{SITE}/all.xml", f"{SITE}/crane-1"]


def test_pages_of_old_stories_are_not_fetched_and_future_dates_are_unknown() -> None:
    items = (
        f"<item><title>Old</title><link>{SITE}/old</link><pubDate>Tue, 10 Nov 2026 06:00:00 GMT</pubDate></item>"
        f"<item><title>Ahead</title><link>{SITE}/ahead</link><pubDate>Tue, 24 Nov 2099 06:00:00 GMT</pubDate></item>"
    )
    web = Web({f"{SITE}/all.xml": f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()})
    gathered = gather([feed_source("all")], web, now=NOW)
    assert web.asked == [f"{SITE}/all.xml", f"{SITE}/ahead"]
    assert [(found.title, found.published_at) for found in gathered.stories] == [
        ("Old", datetime(2026, 11, 10, 6, tzinfo=UTC)),
        ("Ahead", None),
    ]


def test_front_page_gives_stories_links_and_its_popular_block() -> None:
    popular = "".join(f'<li><a href="/crane-{n}">Crane {n} is moved today</a></li>' for n in (3, 1, 2))
    html = (
        '<main><h2><a href="/crane-1">Crane 1 is moved today</a></h2></main>'
        f"<aside><h3>Most popular</h3><ol>{popular}</ol></aside>"
    )
    web = Web({f"{SITE}/": html.encode(), **{f"{SITE}/crane-{n}": article(n) for n in (1, 2, 3)}})
    gathered = gather([Source(SourceKind.FRONT_PAGE, url=f"{SITE}/", name="home")], web, now=NOW)
    assert [(found.url, found.position) for found in gathered.stories] == [
        (f"{SITE}/crane-1", 1),
        (f"{SITE}/crane-3", None),
        (f"{SITE}/crane-2", None),
    ]
    (page,) = gathered.front_pages
    assert page.stories == (Link("Crane 1 is moved today", f"{SITE}/crane-1", 1, Prominence.LEAD),)
    assert [link.url for link in page.popular] == [f"{SITE}/crane-{n}" for n in (3, 1, 2)]
    assert gathered.problems == ()


def test_sitemap_index_is_followed_and_a_broken_part_is_named() -> None:
    parts = "".join(f"<sitemap><loc>{SITE}/{name}.xml</loc></sitemap>" for name in ("news", "b"))
    index = f"<sitemapindex>{parts}</sitemapindex>"
    web = Web(
        {
            f"{SITE}/sitemap.xml": index.encode(),
            f"{SITE}/news.xml": f"<urlset><url><loc>{SITE}/crane-1</loc></url></urlset>".encode(),
            f"{SITE}/crane-1": article(1),
        }
    )
    gathered = gather([Source(SourceKind.SITEMAP, url=f"{SITE}/sitemap.xml", name="map")], web, now=NOW)
    assert [found.title for found in gathered.stories] == ["Crane 1 is moved today"]
    assert gathered.problems == (
        SourceProblem("map", "answered 404 Not Found.", "Check the address.", f"{SITE}/b.xml"),
    )


def test_folder_is_read_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories" / "a.md").write_text(f"---\ntitle: A\nurl: {SITE}/a\n---\nText.\n", "utf-8")
    (tmp_path / "stories" / "b.md").write_text("Nothing to go by.", "utf-8")
    sources = [
        Source(SourceKind.FOLDER, path="stories", section="sea"),
        Source(SourceKind.FOLDER, path="gone"),
    ]
    gathered = gather(sources, Web({}), now=NOW, root=tmp_path)
    assert [(found.title, found.section, found.source) for found in gathered.stories] == [("A", "sea", "stories")]
    assert [problem.source for problem in gathered.problems] == ["stories", "gone"]


def test_many_pages_with_one_trouble_are_one_line() -> None:
    web = Web({f"{SITE}/all.xml": feed(1, 2, 3, 4)})
    (problem,) = gather([feed_source("all")], web, now=NOW).problems
    assert problem == SourceProblem(
        "all", "answered 404 Not Found (so are 3 more of its pages).", "Check the address.", f"{SITE}/crane-1"
    )


def test_run_whose_time_is_up_begins_no_page() -> None:
    web = Web({f"{SITE}/all.xml": feed(1), f"{SITE}/crane-1": article(1)})
    gathered = gather([feed_source("all")], web, now=NOW, deadline_seconds=-1)
    assert web.asked == [f"{SITE}/all.xml"]
    assert "time is up" in gathered.problems[0].what


# --- hostile documents -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parsers() -> Iterator[Parsers]:
    with Parsers(wall_seconds=2) as parsers:
        yield parsers


def test_document_that_takes_too_long_is_one_bad_source(parsers: Parsers) -> None:
    with pytest.raises(SourceError, match="could not be read within 2 s"):
        parsers.feed(b'<rss version="2.0"><channel><item><title>' + b"<a b='" * 400_000, f"{SITE}/feed")
    assert parsers.article(article(1), f"{SITE}/crane-1").title == "Crane 1 is moved today"


def test_errors_of_the_parsers_come_back_as_they_are(parsers: Parsers) -> None:
    with pytest.raises(SourceError, match="is not a feed: it is an HTML page") as caught:
        parsers.feed(b"<html></html>", f"{SITE}/feed")
    assert "application/rss" in caught.value.hint


def test_children_start_for_a_program_without_a_main_module_that_can_be_imported() -> None:
    program = (
        "from digest.collect.sandbox.parsers import Parsers\n"
        "with Parsers() as parsers: print(parsers.article(b'<h1>Crane 1 is moved</h1>', 'https://example.com/a').title)"
    )
    done = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.returncode) == ("Crane 1 is moved\n", 0)
