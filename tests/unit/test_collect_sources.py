"""Sources of every kind over loopback: content APIs, fallbacks, --since, the first run, and unchanged documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.gathering import Gathered, SourceReport, gather
from digest.collect.reading import Attempt
from digest.collect.sandbox.parsers import Parsers
from digest.model import SourceProblem, Story
from digest.settings import Fallback, Source, SourceKind
from tests.standins.content_apis import GHOST_KEY, serve_ghost, serve_wordpress
from tests.standins.sites import MemoryCache, Site, serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TEXT = "The harbour office said on Monday that the crane would be moved to the new quay before the winter."


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


class Seen:
    """Remembers when stories were first met, as the store does."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}

    def __call__(self, ids: Collection[str]) -> Mapping[str, datetime]:
        return {key: self.at[key] for key in ids if key in self.at}

    def remember(self, gathered: Gathered) -> None:
        for story in (*gathered.stories, *gathered.put_aside):
            assert story.fetched_at is not None
            self.at.setdefault(story.id, story.fetched_at)


def run(
    *sources: Source,
    now: datetime = NOW,
    cache: MemoryCache | None = None,
    seen: Seen | None = None,
    since: datetime | None = None,
    environment: Mapping[str, str] | None = None,
) -> Gathered:
    with HttpFetcher("Digest/1", cache, now=lambda: now, deadline_seconds=5) as fetcher:
        return gather(
            sources,
            fetcher,
            now=now,
            cache=cache,
            first_seen=seen,
            since=since,
            environment=environment or {},
        )


def at(hours_ago: float) -> datetime:
    return NOW - timedelta(hours=hours_ago)


def rss(site: Site, *names: str, hours_ago: Sequence[float] = ()) -> bytes:
    items = ""
    for index, name in enumerate(names):
        date = f"<pubDate>{at(hours_ago[index]):%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if hours_ago else ""
        items += f"<item><title>About {name}</title><link>{site.url}/{name}</link>{date}</item>"
    return f'<rss version="2.0"><channel><title>H</title>{items}</channel></rss>'.encode()


def feed_source(site: Site, **changes: Any) -> Source:
    told: dict[str, Any] = {"name": "all", "fetch_articles": False, "allow_private": True, **changes}
    return Source(SourceKind.FEED, url=f"{site.url}/feed", **told)


# --- WordPress and Ghost --------------------------------------------------------------------------


def wordpress_post(site: Site, number: int, hours_ago: float = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "guid": {"rendered": f"{site.url}/?p={number}"},
        "date": f"{at(hours_ago) + timedelta(hours=5):%Y-%m-%dT%H:%M:%S}",  # the site's own zone
        "date_gmt": f"{at(hours_ago):%Y-%m-%dT%H:%M:%S}",
        "modified_gmt": f"{at(hours_ago):%Y-%m-%dT%H:%M:%S}",
        "status": "publish",
        "link": f"{site.url}/crane-{number}",
        "title": {"rendered": f"Crane {number} &#8211; moved &amp; gone"},
        "excerpt": {"rendered": "<p>It stood there for years [&hellip;]</p>\n", "protected": False},
        "content": {"rendered": f"<p>{TEXT}</p>\n<h2>What is next</h2>\n<p>{TEXT} {number}</p>", "protected": False},
        "_embedded": {
            "author": [{"id": 1, "name": "Ada Quill"}],
            "wp:featuredmedia": [
                {
                    "source_url": f"{site.url}/crane.jpg",
                    "alt_text": "A crane",
                    "caption": {"rendered": "<p>The crane. Photo: Bo Lens</p>\n"},
                }
            ],
            "wp:term": [
                [{"taxonomy": "category", "name": "Uncategorized"}, {"taxonomy": "category", "name": "Sea &amp; Port"}],
                [{"taxonomy": "post_tag", "name": "cranes"}],
            ],
        },
        **changes,
    }


def wordpress_source(site: Site, **changes: Any) -> Source:
    return Source(SourceKind.WORDPRESS, url=site.url, name="site", allow_private=True, **changes)


def test_wordpress_post_is_a_whole_story_without_its_page(site: Site) -> None:
    serve_wordpress(site, [wordpress_post(site, 1)])
    (story,) = run(wordpress_source(site)).stories
    paragraphs = (TEXT, "What is next", f"{TEXT} 1")
    assert story == Story(
        url=f"{site.url}/crane-1",
        title="Crane 1 – moved & gone",
        source="site",
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        subheads=(1,),
        summary="It stood there for years […]",
        authors=("Ada Quill",),
        section="Sea & Port",
        published_at=at(1),
        fetched_at=NOW,
        image_url=f"{site.url}/crane.jpg",
        image_alt="A crane",
        image_credit="Bo Lens",
        position=1,
        guid=f"{site.url}/?p=1",
    )
    assert [path.partition("?")[0] for path in site.asked] == ["/wp-json/wp/v2/posts"]


@pytest.mark.parametrize(
    ("posts", "limit", "requests", "stories"),
    [(3, 40, 1, 3), (120, 40, 1, 40), (120, 110, 3, 110), (100, 150, 3, 100), (60, 150, 2, 60)],
)
def test_wordpress_is_paged_as_far_as_the_limit(
    site: Site, posts: int, limit: int, requests: int, stories: int
) -> None:
    serve_wordpress(site, [wordpress_post(site, number) for number in range(posts)])
    gathered = run(wordpress_source(site, limit=limit))
    assert (len(gathered.stories), gathered.problems, len(site.asked)) == (stories, (), requests)
    assert [story.position for story in gathered.stories] == list(range(1, stories + 1))


def test_wordpress_pages_end_where_posts_are_old(site: Site) -> None:
    serve_wordpress(site, [wordpress_post(site, number, hours_ago=number * 4) for number in range(200)])
    gathered = run(wordpress_source(site, limit=200))
    assert (len(site.asked), len(gathered.stories)) == (1, 50)


def test_wordpress_authors_of_co_authors_plus_are_all_named(site: Site) -> None:
    terms = [[{"taxonomy": "author", "name": "Ada Quill"}, {"taxonomy": "author", "name": "Bo Lens"}]]
    embedded = {"author": [{"name": "Ada Quill"}], "wp:term": terms}
    serve_wordpress(site, [wordpress_post(site, 1, _embedded=embedded)])
    assert run(wordpress_source(site)).stories[0].authors == ("Ada Quill", "Bo Lens")


def test_wordpress_post_behind_a_password_or_with_hidden_parts_gives_what_is_open(site: Site) -> None:
    hidden = {"code": "rest_forbidden", "message": "Sorry", "data": {"status": 401}}
    embedded = {"author": [hidden], "wp:featuredmedia": [hidden]}
    closed = {"rendered": "<form>Password</form>", "protected": True}
    serve_wordpress(site, [wordpress_post(site, 1, content=closed, excerpt=closed, _embedded=embedded)])
    (story,) = run(wordpress_source(site, fetch_articles=False)).stories
    assert (story.title, story.text, story.summary, story.authors, story.image_url) == (
        "Crane 1 – moved & gone",
        "",
        "",
        (),
        "",
    )


def test_wordpress_takeaways_in_the_post_are_read(site: Site) -> None:
    points = ("The crane goes to the new quay.", "It will be gone before the winter comes.")
    listed = "".join(f"<li>{point}</li>" for point in points)
    body = f"<h3>Key Takeaways</h3><ul>{listed}</ul><p>{TEXT}</p><p>{TEXT} Again.</p>"
    serve_wordpress(site, [wordpress_post(site, 1, content={"rendered": body})])
    (story,) = run(wordpress_source(site)).stories
    assert (story.takeaways_given, story.paragraphs) == (points, (TEXT, f"{TEXT} Again."))


def test_wordpress_address_may_be_a_query_of_its_own(site: Site) -> None:
    serve_wordpress(site, [wordpress_post(site, 1)], path="/blog/wp-json/wp/v2/posts")
    source = Source(SourceKind.WORDPRESS, url=f"{site.url}/blog/wp-json/wp/v2/posts?categories=5", allow_private=True)
    assert len(run(source).stories) == 1
    assert "categories=5&_embed=" in site.asked[0]


def test_list_that_is_not_of_posts_is_a_named_problem(site: Site) -> None:
    site.serve("/wp-json/wp/v2/posts", b'[{"id": 1, "name": "Ada"}]', Content_Type="application/json")
    (problem,) = run(wordpress_source(site)).problems
    assert "no list of WordPress posts" in problem.what


def ghost_post(site: Site, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"5ddc{number}",
        "url": f"{site.url}/crane-{number}/",
        "title": f"Crane {number} < 2 & gone",
        "html": f"<p>{TEXT}</p><h2>What is next</h2><p>{TEXT} {number}</p>",
        "custom_excerpt": None,
        "excerpt": "It stood there for years",
        "feature_image": f"{site.url}/crane.jpg",
        "feature_image_alt": None,
        "feature_image_caption": "<span>Photo by <a href='/bo'>Bo Lens</a></span>",
        "published_at": f"{at(2):%Y-%m-%dT%H:%M:%S}.000+00:00",
        "updated_at": f"{at(1):%Y-%m-%dT%H:%M:%S}.000+00:00",
        "tags": [{"name": "#internal", "visibility": "internal"}, {"name": "Port", "visibility": "public"}],
        "authors": [{"name": "Ada Quill"}, {"name": "Cy Ink"}],
        **changes,
    }


def ghost_source(site: Site, **changes: Any) -> Source:
    return Source(SourceKind.GHOST, url=site.url, name="ghost", key_env="GHOST_KEY", allow_private=True, **changes)


def test_ghost_post_is_a_whole_story_without_its_page(site: Site) -> None:
    serve_ghost(site, [ghost_post(site, 1)])
    (story,) = run(ghost_source(site), environment={"GHOST_KEY": GHOST_KEY}).stories
    paragraphs = (TEXT, "What is next", f"{TEXT} 1")
    assert story == Story(
        url=f"{site.url}/crane-1/",
        title="Crane 1 < 2 & gone",
        source="ghost",
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        subheads=(1,),
        summary="It stood there for years",
        authors=("Ada Quill", "Cy Ink"),
        section="Port",
        published_at=at(2),
        updated_at=at(1),
        fetched_at=NOW,
        image_url=f"{site.url}/crane.jpg",
        image_credit="Bo Lens",
        position=1,
        guid="5ddc1",
    )
    assert len(site.asked) == 1


def test_ghost_is_paged_as_far_as_the_limit(site: Site) -> None:
    serve_ghost(site, [ghost_post(site, number) for number in range(120)])
    gathered = run(ghost_source(site, limit=70), environment={"GHOST_KEY": GHOST_KEY})
    assert (len(gathered.stories), len(site.asked)) == (70, 2)


def test_ghost_key_that_is_missing_or_wrong_is_named_and_never_shown(site: Site) -> None:
    serve_ghost(site, [ghost_post(site, 1)])
    (problem,) = run(ghost_source(site)).problems
    assert "the environment variable GHOST_KEY is not set" in problem.what
    (problem,) = run(ghost_source(site), environment={"GHOST_KEY": "wr0ng"}).problems
    assert "answered 401" in problem.what
    assert "wr0ng" not in str(problem)


# --- fallbacks ------------------------------------------------------------------------------------


def test_fallback_gives_what_the_source_can_not_and_the_report_says_so(site: Site) -> None:
    site.serve("/feed", b"", status=404)
    site.serve("/empty", b"<urlset></urlset>")
    urls = "".join(
        f"<url><loc>{site.url}/crane-{n}</loc><lastmod>{at(n):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>" for n in (1, 2)
    )
    site.serve("/map", f"<urlset>{urls}</urlset>".encode())
    fallbacks = (Fallback(SourceKind.SITEMAP, f"{site.url}/empty"), Fallback(SourceKind.SITEMAP, f"{site.url}/map"))
    gathered = run(feed_source(site, section="sea", fallbacks=fallbacks))
    assert [(story.title, story.source, story.section) for story in gathered.stories] == [
        ("Crane 1", "all", "sea"),
        ("Crane 2", "all", "sea"),
    ]
    told = "feed failed: answered 404 Not Found; sitemap has no stories; sitemap gave 2."
    hint = "Check the address: the site may have moved it."
    assert gathered.problems == (SourceProblem("all", told, hint, f"{site.url}/feed"),)
    assert gathered.reports == (
        SourceReport(
            "all",
            (
                Attempt(SourceKind.FEED, f"{site.url}/feed", error="answered 404 Not Found."),
                Attempt(SourceKind.SITEMAP, f"{site.url}/empty"),
                Attempt(SourceKind.SITEMAP, f"{site.url}/map", stories=2, in_window=2),
            ),
        ),
    )


def test_fallback_is_tried_when_the_source_has_nothing_new(site: Site) -> None:
    site.serve("/feed", rss(site, "old", hours_ago=(500,)))
    site.serve(
        "/home", f'<main><h2><a href="{site.url}/new-crane">The new crane is on its quay</a></h2></main>'.encode()
    )
    gathered = run(feed_source(site, fallbacks=(Fallback(SourceKind.FRONT_PAGE, f"{site.url}/home"),)))
    assert [story.title for story in gathered.stories] == ["The new crane is on its quay"]
    assert [problem.what for problem in gathered.problems] == ["feed has nothing new; front-page gave 1."]
    assert len(gathered.front_pages) == 1


def test_source_that_works_leaves_its_fallbacks_alone(site: Site) -> None:
    site.serve("/feed", rss(site, "a", hours_ago=(1,)))
    gathered = run(feed_source(site, fallbacks=(Fallback(SourceKind.SITEMAP, f"{site.url}/map"),)))
    assert (len(gathered.stories), gathered.problems, site.asked) == (1, (), ["/feed"])


def test_source_whose_fallbacks_fail_too_keeps_its_old_stories_and_names_each(site: Site) -> None:
    site.serve("/feed", rss(site, "old", hours_ago=(500,)))
    gathered = run(feed_source(site, fallbacks=(Fallback(SourceKind.SITEMAP, f"{site.url}/map"),)))
    assert [story.title for story in gathered.stories] == ["About old"]
    assert [problem.what for problem in gathered.problems] == [
        "feed has nothing new; sitemap failed: answered 404 Not Found."
    ]


# --- what is new ----------------------------------------------------------------------------------


def test_since_leaves_out_what_is_older_and_takes_what_the_window_would_not(site: Site) -> None:
    site.serve("/feed", rss(site, "a", "b", "c", hours_ago=(1, 100, 300)))
    assert [story.title for story in run(feed_source(site), since=at(200)).stories] == ["About a", "About b"]
    serve_wordpress(site, [wordpress_post(site, number, hours_ago=number * 20) for number in range(10)])
    assert len(run(wordpress_source(site), since=at(50)).stories) == 3


def test_undated_stories_of_a_first_run_are_old_and_later_ones_new(site: Site) -> None:
    seen = Seen()
    site.serve("/feed", rss(site, "a", "b"))
    first = run(feed_source(site), seen=seen)
    assert (first.stories, [story.title for story in first.put_aside]) == ((), ["About a", "About b"])
    assert "gives 2 of its stories no date" in first.problems[0].what
    seen.remember(first)
    site.serve("/feed", rss(site, "c", "a", "b"))
    for hours in (24, 48):
        later = run(feed_source(site), seen=seen, now=NOW + timedelta(hours=hours))
        assert ([story.title for story in later.stories], later.put_aside) == (["About c"], ())
        assert later.stories[0].fetched_at == NOW + timedelta(hours=24)
        seen.remember(later)
    assert run(feed_source(site), seen=seen, now=NOW + timedelta(hours=24 + 73)).stories == ()


def test_first_run_reads_pages_for_the_dates_that_the_source_leaves_out(site: Site) -> None:
    date = at(3).isoformat()
    page = f'<html><head><meta property="article:published_time" content="{date}"></head><body><article>'
    site.serve("/a", f"{page}<h1>About a</h1><p>{TEXT}</p><p>{TEXT}</p></article></body></html>".encode())
    site.serve("/feed", rss(site, "a", "b"))
    gathered = run(feed_source(site, fetch_articles=True), seen=Seen())
    assert [(story.title, story.published_at) for story in gathered.stories] == [("About a", at(3))]
    assert [story.title for story in gathered.put_aside] == ["About b"]


def test_front_page_of_a_first_run_is_of_today(site: Site) -> None:
    site.serve("/", f'<main><h2><a href="{site.url}/new-crane">The new crane is on its quay</a></h2></main>'.encode())
    source = Source(SourceKind.FRONT_PAGE, url=f"{site.url}/", allow_private=True, fetch_articles=False)
    assert [story.title for story in run(source, seen=Seen()).stories] == ["The new crane is on its quay"]


# --- what didn't change ---------------------------------------------------------------------------


def test_unchanged_documents_are_not_parsed_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    home = f'<main><h2><a href="{site.url}/a">The new crane is on its quay</a></h2></main>'
    site.serve("/feed", rss(site, "a", "b", hours_ago=(1, 2)), ETag='"1"')
    site.serve("/map", f"<urlset><url><loc>{site.url}/c-d-e-f</loc></url></urlset>".encode())
    site.serve("/", home.encode())
    sources = (
        feed_source(site),
        Source(SourceKind.SITEMAP, url=f"{site.url}/map", allow_private=True, fetch_articles=False),
        Source(SourceKind.FRONT_PAGE, url=f"{site.url}/", allow_private=True, fetch_articles=False),
    )
    cache = MemoryCache()
    first = run(*sources, cache=cache)
    for name in ("feed", "sitemap", "sitemap_index", "front_page"):
        monkeypatch.delattr(Parsers, name)
    assert run(*sources, cache=cache) == first
    assert len(first.stories) == 3


def test_document_that_changed_is_parsed_again(site: Site) -> None:
    cache = MemoryCache()
    site.serve("/feed", rss(site, "a", hours_ago=(1,)))
    run(feed_source(site), cache=cache)
    site.serve("/feed", rss(site, "b", "a", hours_ago=(1, 1)))
    assert [story.title for story in run(feed_source(site), cache=cache).stories] == ["About b", "About a"]


def test_host_that_is_busy_is_told_once_and_known_stories_are_used(site: Site) -> None:
    cache = MemoryCache()
    site.serve("/feed", rss(site, "a", hours_ago=(1,)))
    run(feed_source(site), cache=cache)
    site.serve("/feed", b"", status=429, Retry_After="60")
    gathered = run(feed_source(site), cache=cache)
    assert [story.title for story in gathered.stories] == ["About a"]
    assert [problem.source for problem in gathered.problems] == [site.url.removeprefix("http://")]
    assert "answered 429 Too Many Requests (retry after 60): it was left alone" in gathered.problems[0].what
