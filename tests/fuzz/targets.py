"""What must hold of every parser of `collect`, whatever the bytes: its own named error, or sound nouns.

Each target takes bytes and raises when something else happens. Used by the unit tests with Hypothesis, and by
`python -m tests.fuzz` with atheris.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from digest.collect.dates import parse_date
from digest.collect.feeds.documents import parse_feed
from digest.collect.feeds.facts import feed_facts
from digest.collect.feeds.sitemaps import parse_sitemap, sitemap_index_urls
from digest.collect.fetching.freshness import fresh_seconds, wait_seconds
from digest.collect.fetching.robots import Robots
from digest.collect.folders import read_folder
from digest.collect.pages.articles import read_article
from digest.collect.pages.branding import read_branding
from digest.collect.pages.discovery import discover
from digest.collect.pages.front_pages import read_front_page
from digest.collect.popularity.log_lines import LogLines
from digest.collect.popularity.matomo import read_matomo
from digest.collect.popularity.plausible import read_plausible
from digest.collect.popularity.view_tables import read_view_list, read_view_table
from digest.collect.weather import met_norway, open_meteo
from digest.errors import SourceError
from digest.model import Link, Popularity, Story, Window
from digest.ports import CachedResponse
from digest.settings import Place, PopularityInput, PopularityKind

__all__ = ["NOW", "TARGETS", "Target"]

Target = Callable[[bytes], None]

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
URL = "https://example.com/news/"
WINDOW = Window(NOW - timedelta(hours=24), NOW)
_PLACE = Place("Harbour City", 53.5, 10.0)
_LANGUAGE = re.compile(r"|[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def _feed(data: bytes) -> None:
    content_type = "text/xml; charset=iso-8859-1" if data[-1:] == b" " else ""
    for story in parse_feed(data, URL, content_type=content_type):
        check_story(story)
    facts = feed_facts(data, URL, now=NOW, content_type=content_type)
    assert facts.newest is None or facts.newest.tzinfo is UTC


def _sitemap(data: bytes) -> None:
    for story in parse_sitemap(data, URL):
        check_story(story)
    for address in sitemap_index_urls(data, URL):
        check_address(address)


def _article(data: bytes) -> None:
    check_story(read_article(data, URL, content_type="text/html; charset=undefined" if data[-1:] == b" " else ""))


def _front_page(data: bytes) -> None:
    page = read_front_page(data, URL)
    for link in (*page.stories, *page.popular):
        check_link(link)


def _discovery(data: bytes) -> None:
    facts = discover(data, URL)
    check_text(facts.name)
    assert _LANGUAGE.fullmatch(facts.language)
    for url, title in ((link.url, link.title) for links in (facts.feeds, facts.sections) for link in links):
        check_address(url)
        check_text(title)
    read_branding(data, URL)


def _folder_file(name: str) -> Target:
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(data)
            stories, problems = read_folder(Path(folder))
        assert stories or problems or name.endswith(".json")
        for story in stories:
            check_story(story)
        assert all(problem.startswith(name) and problem.isprintable() for problem in problems), problems

    return read


def _access_log(data: bytes) -> None:
    lines = LogLines()
    for line in data.split(b"\n"):
        view = lines.read(line)
        assert view is None or (isinstance(view.at, int) and isinstance(view.path, bytes))


def _table_file(name: str, read: Callable[..., Iterable[Popularity]]) -> Target:
    def target(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            for bucket in read(path, site="https://example.com/", window=WINDOW):
                check_bucket(bucket)

    return target


class _Answers:
    """An `Asker` that answers one after the other, the last for ever."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str], secret: str, allow_private: bool) -> bytes:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def _plausible(data: bytes) -> None:
    told = PopularityInput(PopularityKind.PLAUSIBLE, url="https://example.com")
    for bucket in read_plausible(told, "key", _Answers(data), WINDOW):
        check_bucket(bucket)


def _matomo(data: bytes) -> None:
    told = PopularityInput(PopularityKind.MATOMO, url="https://example.com", api_url="https://m.example", site_id="1")
    try:
        answers = json.loads(data)
    except (ValueError, RecursionError):
        answers = None
    parts = [data]
    if isinstance(answers, dict) and {"site", "tables"} <= answers.keys():  # the seed holds both answers
        parts = [json.dumps(answers["site"]).encode(), json.dumps(answers["tables"]).encode()]
    for bucket in read_matomo(told, "key", _Answers(*parts), WINDOW):
        check_bucket(bucket)


def _weather(provider: object) -> Target:
    def target(data: bytes) -> None:
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            return
        if isinstance(answer, dict):
            weather = provider.read_observation(answer, _PLACE, NOW)  # type: ignore[attr-defined]  # a module
            assert math.isfinite(weather.temperature)
            assert weather.observed_at.tzinfo is UTC

    return target


class _Serves:
    """A `Fetcher` that has one body for every address."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        return CachedResponse(url, self._body, "text/plain", "", "", NOW, url)


def _robots(data: bytes) -> None:
    robots = Robots(_Serves(data), None, NOW)
    for path in ("/", "/drafts/xaxb", "/%00%zz", "/\u202e", "/" + "a" * 1_000):
        try:
            delay = robots.check(f"https://example.com{path}", allow_private=False)
        except SourceError as error:
            assert "robots.txt" in error.what
        else:
            assert 0 <= delay <= 30


def _headers(data: bytes) -> None:
    for line in data.decode("latin-1").split("\n"):
        for headers in ({"cache-control": line}, {"expires": line}, {"cache-control": "max-age=60", "age": line}):
            assert 0 <= fresh_seconds(headers, NOW) <= 3600
        wait = wait_seconds(line, NOW)
        assert wait is None or 0 <= wait <= 24 * 3600
        check_date(parse_date(line))


TARGETS: dict[str, Target] = {
    "feed": _feed,
    "sitemap": _sitemap,
    "article": _article,
    "front page": _front_page,
    "discovery": _discovery,
    "markdown": _folder_file("a.md"),
    "json stories": _folder_file("a.json"),
    "access log": _access_log,
    "view table": _table_file("views.csv", read_view_table),
    "view list": _table_file("views.json", read_view_list),
    "plausible": _plausible,
    "matomo": _matomo,
    "open-meteo": _weather(open_meteo),
    "met-norway": _weather(met_norway),
    "robots": _robots,
    "headers": _headers,
}


def check_story(story: Story) -> None:
    check_address(story.url)
    if story.image_url:
        check_address(story.image_url)
    assert story.title
    texts = (story.title, story.summary, story.section, story.image_alt, story.image_credit, story.guid)
    for text in (*texts, story.site_name, *story.paragraphs, *story.takeaways_given, *story.authors):
        check_text(text)
    assert story.text == "\n\n".join(story.paragraphs)
    assert all(0 <= index < len(story.paragraphs) for index in story.subheads)
    assert _LANGUAGE.fullmatch(story.language), story.language
    for moment in (story.published_at, story.updated_at):
        check_date(moment)


def check_link(link: Link) -> None:
    check_address(link.url)
    check_text(link.title)


def check_address(url: str) -> None:
    parts = urlsplit(url)
    assert parts.scheme in ("http", "https"), url
    assert parts.hostname, url
    assert url.isprintable() and " " not in url, url
    url.encode()


def check_text(text: str) -> None:
    """Fail for what changes how the text around it looks: control characters, direction overrides, half characters."""
    assert all(unicodedata.category(letter) not in ("Cc", "Cs") for letter in text), text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029]", text), text


def check_date(moment: datetime | None) -> None:
    assert moment is None or (moment.tzinfo is UTC and 1900 <= moment.year <= 2100), moment


def check_bucket(bucket: Popularity) -> None:
    check_address(bucket.url)
    assert math.isfinite(bucket.views) and bucket.views >= 0
    assert bucket.window.start < bucket.window.end
