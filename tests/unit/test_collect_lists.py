"""Sitemaps, folders and the weather."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect.feeds.sitemaps import parse_sitemap, sitemap_index_urls
from digest.collect.folders import read_folder
from digest.collect.weather.observing import read_weather
from digest.errors import SourceError
from digest.model import Condition, SourceProblem, Story, Weather
from digest.ports import CachedResponse
from digest.settings import Place

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
URL = "https://example.com/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://example.com/old-story-here</loc><lastmod>2026-11-20</lastmod></url>
<url><loc> https://example.com/ferry </loc>
 <news:news><news:publication><news:name>Herald</news:name><news:language>en</news:language></news:publication>
 <news:publication_date>2026-11-24T07:00:00Z</news:publication_date>
 <news:title>Ferry &amp; quay</news:title></news:news>
 <image:image><image:loc>https://example.com/f.jpg</image:loc></image:image></url>
<url><loc>javascript:alert(1)</loc></url><url><loc>https://example.com/undated-page</loc></url>
</urlset>"""
NEWS_STORIES = (
    Story(
        url="https://example.com/ferry",
        title="Ferry & quay",
        language="en",
        published_at=NOW,
        image_url="https://example.com/f.jpg",
        position=1,
    ),
    Story(
        url="https://example.com/old-story-here",
        title="Old story here",
        updated_at=datetime(2026, 11, 20, tzinfo=UTC),
        position=2,
    ),
    Story(url="https://example.com/undated-page", title="Undated page", position=3),
)


@pytest.mark.parametrize("data", [NEWS, gzip.compress(NEWS, mtime=0), b"\xef\xbb\xbf" + NEWS, NEWS.decode()])
def test_news_sitemap_gives_stories_newest_first(data: bytes | str) -> None:
    assert parse_sitemap(data, URL) == NEWS_STORIES
    assert sitemap_index_urls(data, URL) == ()


def test_sitemap_index_names_news_then_the_newest_first() -> None:
    index = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://example.com/1.xml</loc><lastmod>2026-11-01</lastmod></sitemap>
    <sitemap><loc>/2.xml</loc><lastmod>2026-11-20</lastmod></sitemap>
    <sitemap><loc>https://example.com/news.xml</loc></sitemap></sitemapindex>"""
    assert sitemap_index_urls(index, URL) == tuple(f"https://example.com/{n}.xml" for n in ("news", "2", "1"))
    assert parse_sitemap(index, URL) == ()


def test_plain_list_of_addresses_is_a_sitemap() -> None:
    story = Story(url="https://example.com/a-b", title="A b", position=1)
    assert parse_sitemap(b"https://example.com/a-b\nnot one\n", URL) == (story,)


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://example.com/secret", "utf-8")
    data = f'<!DOCTYPE u [<!ENTITY x SYSTEM "{secret.as_uri()}">]><urlset><url><loc>&x;</loc></url></urlset>'
    assert parse_sitemap(data, URL) == ()


CUT = gzip.compress(b"<urlset><url><loc>https://example.com/a</loc></url></urlset>", mtime=0)[:-8]


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\x1f\x8bbroken", CUT, b"<urlset", b"\xff\xfe<"])
def test_what_is_no_sitemap_is_named(data: bytes) -> None:
    if data == b"<urlset":
        assert parse_sitemap(data, URL) == ()
        return
    with pytest.raises(SourceError, match=r"is not a sitemap|damaged"):
        parse_sitemap(data, URL)


# --- folders ---------------------------------------------------------------------------------


def test_folder_of_mixed_files_gives_stories_and_problems(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        '+++\ntitle = "Ferry"\nurl = "https://example.com/ferry"\ndate = 2026-11-24T07:00:00Z\nauthors = ["Ada"]\n'
        'takeaways = ["It sails."]\n+++\n# Ferry\n\nIt *sails*\nagain,'
        " [they say](https://x.org).\n\n## When\n\n- Monday\n- Friday\n",
        "utf-8",
    )
    (tmp_path / "b.md").write_text(
        "---\ntitle: 'Quay: news'\nurl: https://example.com/quay\ntags:\n  - x\nauthor: Ben\n---\nThe quay.\n", "utf-8"
    )
    (tmp_path / "c.json").write_text(json.dumps({"url": "https://example.com/c", "title": "C", "text": "One.\n\nTwo."}))
    (tmp_path / "d.html").write_text('<link rel="canonical" href="https://example.com/d"><title>D is a title</title>')
    (tmp_path / "e.md").write_text("+++\ntitle = \n+++\n", "utf-8")
    (tmp_path / "f.json").write_text("{", "utf-8")
    (tmp_path / "g.md").write_text("# No address\n\nText.\n", "utf-8")
    (tmp_path / "notes.txt").write_text("not a story", "utf-8")
    stories, problems = read_folder(tmp_path)
    paragraphs = ("It sails again, they say.", "When", "Monday", "Friday")
    assert stories == (
        Story(
            url="https://example.com/ferry",
            title="Ferry",
            text="\n\n".join(paragraphs),
            paragraphs=paragraphs,
            subheads=(1,),
            takeaways_given=("It sails.",),
            authors=("Ada",),
            published_at=NOW,
            position=1,
        ),
        Story(
            url="https://example.com/quay",
            title="Quay: news",
            text="The quay.",
            paragraphs=("The quay.",),
            authors=("Ben",),
            position=2,
        ),
        Story(url="https://example.com/c", title="C", text="One.\n\nTwo.", paragraphs=("One.", "Two."), position=3),
        Story(url="https://example.com/d", title="D is a title", position=4),
    )
    assert [problem.partition(":")[0] for problem in problems] == ["e.md", "f.json", "g.md"]
    assert "says no url" in problems[2]


def test_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        read_folder(tmp_path / "nowhere")


# --- weather ---------------------------------------------------------------------------------


class Answering:
    """A fetcher with one answer, or one refusal, for everything."""

    def __init__(self, body: bytes | SourceError) -> None:
        self.body = body
        self.asked: list[str] = []

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        self.asked.append(url)
        if isinstance(self.body, SourceError):
            raise self.body
        return CachedResponse(url, self.body, "application/json", "", "", NOW, url)


PLACE = Place(name="Port Ellery", latitude=54.11, longitude=-3.23)


def current(**changes: object) -> bytes:
    fields = {"time": "2026-11-24T06:45", "temperature_2m": 8.5, "weather_code": 3, "is_day": 1, **changes}
    return json.dumps({"current": fields}).encode()


def test_weather_is_read_in_metric_units() -> None:
    fetcher = Answering(current())
    seen = datetime(2026, 11, 24, 6, 45, tzinfo=UTC)
    assert read_weather(PLACE, fetcher, now=NOW) == Weather(8.5, "°C", Condition.CLOUDY, seen)
    assert "latitude=54.11&longitude=-3.23" in fetcher.asked[0]


def test_weather_is_read_in_imperial_units() -> None:
    fetcher = Answering(current(temperature_2m=71))
    weather = read_weather(replace(PLACE, units="imperial"), fetcher, now=NOW)
    assert isinstance(weather, Weather)
    assert (weather.temperature, weather.unit) == (71.0, "°F")
    assert "temperature_unit=fahrenheit" in fetcher.asked[0]


@pytest.mark.parametrize(
    ("code", "is_day", "condition"),
    [
        (0, 1, Condition.CLEAR),
        (1, 0, Condition.CLEAR_NIGHT),
        (2, 0, Condition.PARTLY_CLOUDY),
        (3, 1, Condition.CLOUDY),
        (45, 1, Condition.FOG),
        (51, 1, Condition.RAIN),
        (67, 1, Condition.RAIN),
        (71, 1, Condition.SNOW),
        (77, 1, Condition.SNOW),
        (82, 1, Condition.RAIN),
        (86, 1, Condition.SNOW),
        (99, 1, Condition.THUNDER),
    ],
)
def test_wmo_codes_have_their_condition(code: int, is_day: int, condition: Condition) -> None:
    weather = read_weather(PLACE, Answering(current(weather_code=code, is_day=is_day)), now=NOW)
    assert isinstance(weather, Weather)
    assert weather.condition is condition


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (current(time="2026-11-24T03:00"), "too far from now"),
        (current(time="2026-11-24T11:00"), "too far from now"),
        (current(time="soon"), "no time"),
        (current(temperature_2m=71), "can't be"),
        (current(temperature_2m=None), "no temperature_2m"),
        (b'{"current": {"temperature_2m": NaN, "weather_code": 1}}', "no temperature_2m"),
        (b'{"current": {"temperature_2m": 1e999, "weather_code": 1}}', "no temperature_2m"),
        (current(weather_code=200), "weather_code 200"),
        (b"[]", "no current weather"),
        (b"<html>", "no JSON"),
        (SourceError("answered 503 Service Unavailable."), "answered 503"),
    ],
)
def test_weather_that_can_not_be_trusted_is_a_problem(body: bytes | SourceError, what: str) -> None:
    problem = read_weather(PLACE, Answering(body), now=NOW)
    assert isinstance(problem, SourceProblem)
    assert what in problem.what
    assert problem.source == "weather"


def test_weather_of_three_hours_ago_still_counts() -> None:
    assert isinstance(read_weather(PLACE, Answering(current()), now=NOW + timedelta(hours=2)), Weather)
