"""robots.txt, turns, pauses, Retry-After and freshness, against a loopback site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from digest.collect.fetching.answers import AnswerError
from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.fetching.freshness import fresh_seconds, wait_seconds
from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits
from digest.errors import SourceError
from digest.ports import CachedResponse
from digest.settings import Source, SourceKind
from tests.standins.sites import MemoryCache, Site, serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


class Clock:
    """Seconds that pass only by waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


class Run:
    """One run's visits at one moment, over a cache that outlives it."""

    def __init__(self, cache: MemoryCache | None = None, now: datetime = NOW) -> None:
        self.cache = cache or MemoryCache()
        self.clock = Clock()
        self.fetcher = HttpFetcher("Digest/1", self.cache, now=lambda: now, deadline_seconds=2)
        robots = Robots(self.fetcher, self.cache, now)
        self.visits = Visits(self.fetcher, robots, self.cache, now=now, clock=self.clock, wait=self.clock.wait)

    def get(self, url: str, *, ignore_robots: bool = False, ends_at: float = float("inf")) -> CachedResponse:
        source = Source(SourceKind.FEED, url=url, allow_private=True, ignore_robots=ignore_robots)
        try:
            return self.visits.get(url, source, ends_at=ends_at)
        finally:
            self.fetcher.close()


def test_what_robots_txt_disallows_is_not_asked_for(site: Site) -> None:
    site.serve(
        "/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: Digest\nDisallow: /drafts\nAllow: /drafts/open\n"
    )
    for path in ("/news", "/drafts/1", "/drafts/open"):
        site.serve(path, b"text")
    run = Run()
    assert run.get(f"{site.url}/news").body == b"text"
    assert run.get(f"{site.url}/drafts/open").body == b"text"
    with pytest.raises(SourceError, match=r"robots\.txt disallows it.*ignore_robots = true"):
        run.get(f"{site.url}/drafts/1")
    assert run.get(f"{site.url}/drafts/1", ignore_robots=True).body == b"text"
    assert site.asked == ["/news", "/drafts/open", "/drafts/1"]


def test_busy_site_behind_a_redirect_is_the_one_that_is_left_alone(site: Site) -> None:
    with serve_site() as busy:
        site.serve("/moved", b"", status=302, Location=f"{busy.url}/feed")
        site.serve("/news", b"text")
        busy.serve("/feed", b"", status=429, **{"Retry-After": "600"})
        cache = MemoryCache()
        run = Run(cache)
        with pytest.raises(AnswerError, match="429"):
            run.get(f"{site.url}/moved")
        assert run.get(f"{site.url}/news").body == b"text"
        with pytest.raises(SourceError, match="is left alone for now"):
            Run(cache, NOW + timedelta(minutes=5)).get(f"{site.url}/moved")
        assert busy.asked == ["/feed"]


def test_robots_txt_is_asked_for_once_a_day(site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /no\n")
    site.serve("/a", b"text")
    cache = MemoryCache()
    for hours in (0, 1, 23, 25):
        Run(cache, NOW + timedelta(hours=hours)).get(f"{site.url}/a")
    assert [path for path, _ in site.requests].count("/robots.txt") == 2


def test_site_without_robots_txt_may_be_read_and_is_not_asked_again_that_day(site: Site) -> None:
    site.serve("/a", b"text")
    cache = MemoryCache()
    for hours in (0, 1, 23):
        assert Run(cache, NOW + timedelta(hours=hours)).get(f"{site.url}/a").body == b"text"
    assert [path for path, _ in site.requests].count("/robots.txt") == 1


def test_site_whose_robots_txt_fails_is_not_read_unless_its_rules_are_known(site: Site) -> None:
    site.serve("/robots.txt", b"", status=500)
    site.serve("/a", b"text")
    with pytest.raises(SourceError, match=r"robots\.txt answered 500"):
        Run().get(f"{site.url}/a")
    assert site.asked == []
    cache = MemoryCache()
    cache.put(
        CachedResponse(f"{site.url}/robots.txt", b"User-agent: *\nDisallow: /b", "", "", "", NOW - timedelta(days=3))
    )
    assert Run(cache).get(f"{site.url}/a").body == b"text"
    with pytest.raises(SourceError, match="disallows"):
        Run(cache).get(f"{site.url}/b")


def test_page_that_says_not_found_in_place_of_robots_txt_allows_all(site: Site) -> None:
    site.serve("/robots.txt", b"<!DOCTYPE html><p>Disallow: /</p>")
    site.serve("/a", b"text")
    assert Run().get(f"{site.url}/a").body == b"text"


def test_crawl_delay_is_kept_between_two_requests_and_bounded(site: Site) -> None:
    site.serve("/robots.txt", b"User-agent: *\nCrawl-delay: 4000\n")
    for path in ("/a", "/b"):
        site.serve(path, b"text")
    run = Run()
    run.get(f"{site.url}/a")
    run.get(f"{site.url}/b")
    assert run.clock.waits == [30.0]
    with pytest.raises(SourceError, match="time is up"):
        run.get(f"{site.url}/a", ends_at=40.0)


def test_one_request_at_a_time_is_made_of_a_host(site: Site) -> None:
    at_once: list[int] = []
    lock, met = threading.Lock(), threading.Event()
    here = 0

    def answer(request: BaseHTTPRequestHandler) -> None:
        nonlocal here
        with lock:
            here += 1
            at_once.append(here)
            if here > 1:
                met.set()
        met.wait(0.02)  # a second request would come in meanwhile
        with lock:
            here -= 1
        site.answer(request, b"text")

    site.routes["/a"] = answer
    run = Run()
    threads = [threading.Thread(target=run.get, args=(f"{site.url}/a",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert at_once == [1] * 8


@pytest.mark.parametrize("status", [429, 503])
def test_busy_host_is_left_alone_and_its_last_answer_used(site: Site, status: int) -> None:
    site.serve("/a", b"old")
    cache = MemoryCache()
    Run(cache).get(f"{site.url}/a")
    site.serve("/a", b"", status=status, Retry_After="120")
    site.serve("/b", b"new")
    run = Run(cache)
    assert run.get(f"{site.url}/a").body == b"old"
    with pytest.raises(SourceError, match=rf"left alone for now: its site answered {status}.*retry after 120"):
        run.get(f"{site.url}/b")
    (told,) = run.visits.left_alone.items()
    assert told[0] == site.url.removeprefix("http://")
    assert told[1].startswith(f"answered {status}")
    run.clock.seconds += 121
    assert run.get(f"{site.url}/b").body == b"new"
    assert site.asked == ["/a", "/a", "/b"]


def test_busy_host_without_an_earlier_answer_is_a_problem(site: Site) -> None:
    site.serve("/a", b"", status=429)
    with pytest.raises(AnswerError) as caught:
        Run().get(f"{site.url}/a")
    assert (caught.value.status, caught.value.wait_seconds) == (429, None)


def test_fresh_answer_costs_no_request_and_a_stale_one_a_conditional_one(site: Site) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        status = 304 if request.headers.get("If-None-Match") else 200
        site.answer(request, b"" if status == 304 else b"text", status=status, ETag='"1"', Cache_Control="max-age=60")

    site.routes["/a"] = answer
    moments = {"now": NOW}
    with HttpFetcher("Digest/1", MemoryCache(), now=lambda: moments["now"]) as fetcher:
        for seconds in (0, 59, 61, 100, 122):
            moments["now"] = NOW + timedelta(seconds=seconds)
            assert fetcher.get(f"{site.url}/a", allow_private=True).body == b"text"
    assert [headers.get("if-none-match") for _, headers in site.requests] == [None, '"1"', '"1"']


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "900"}, 0),
        ({"cache-control": "no-cache, max-age=300"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "max-age=31536000"}, 3600),
        ({"cache-control": "max-age=soon", "expires": "0"}, 0),
        ({"expires": "Tue, 24 Nov 2026 07:10:00 GMT"}, 600),
        ({"expires": "Tue, 24 Nov 2026 07:10:00 GMT", "date": "Tue, 24 Nov 2026 07:05:00 GMT"}, 300),
        ({"expires": "Tue, 24 Nov 2020 07:10:00 GMT"}, 0),
    ],
)
def test_freshness_is_what_the_headers_say_within_an_hour(headers: dict[str, str], seconds: float) -> None:
    assert fresh_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Tue, 24 Nov 2026 07:02:00 GMT", 120),
        ("Tue, 24 Nov 2026 06:00:00 GMT", 0),
        ("999999999", 86400),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert wait_seconds(header, NOW) == seconds


def test_a_host_that_asked_for_time_is_left_alone_by_later_runs_too(site: Site) -> None:
    site.routes["/feed"] = lambda request: site.refuse(request, 429, Retry_After="3600")
    cache = MemoryCache()
    asked = []
    for minutes in (0, 59, 61):
        run, before = Run(cache, NOW + timedelta(minutes=minutes)), len(site.asked)
        with pytest.raises(SourceError):
            run.get(f"{site.url}/feed")
        assert "answered 429" in next(iter(run.visits.left_alone.values()))
        asked.append(len(site.asked) - before)
    assert asked == [1, 0, 1]


def test_an_answer_stays_fresh_from_run_to_run(site: Site) -> None:
    site.serve("/feed", b"<rss/>", Cache_Control="max-age=600")
    cache = MemoryCache()
    asked = []
    for minutes in (0, 9, 11, 20):
        Run(cache, NOW + timedelta(minutes=minutes)).get(f"{site.url}/feed")
        asked.append(len(site.asked))
    assert asked == [1, 1, 2, 2]
