"""Views from logs and tables, ranks from front pages; which input is used."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect.popularity.access_logs import count_views
from digest.collect.popularity.inputs import PopularityReading, read_popularity
from digest.collect.popularity.view_tables import read_view_list, read_view_table
from digest.errors import SourceError
from digest.model import FrontPage, Link, Popularity, SourceProblem, Window
from digest.settings import PopularityInput, PopularityKind, PopularitySettings

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAY = Window(NOW - timedelta(hours=24), NOW)
SITE = "https://example.com"
FERRY, QUAY = "https://example.com/news/ferry", "https://example.com/news/quay"
KNOWN = (FERRY, QUAY)
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def line(
    path: str = "/news/ferry",
    at: str = "24/Nov/2026:06:10:00 +0000",
    *,
    address: str = "192.0.2.1",
    request: str = "GET",
    status: int = 200,
    agent: str = READER,
    rest: str = "",
) -> str:
    return f'{address} - - [{at}] "{request} {path} HTTP/1.1" {status} 5120 "https://example.com/" "{agent}"{rest}\n'


def counted(tmp_path: Path, text: str) -> list[tuple[str, float, int]]:
    log = tmp_path / "access.log"
    log.write_text(text, "utf-8", "surrogateescape")
    found = count_views(log, site=SITE, known_urls=KNOWN, window=DAY)
    return [(bucket.url, bucket.views, bucket.window.start.hour) for bucket in found]


def test_views_are_counted_by_hour_and_story(tmp_path: Path) -> None:
    text = (
        line()
        + line(address="192.0.2.2", status=304)
        + line("/news/ferry/?utm_source=mail#top", address="192.0.2.3")
        + line("/news/quay", at="24/Nov/2026:07:10:00 +0200")
        + line("https://example.com/news/quay", at="24/Nov/2026:05:20:00 +0000", address="2001:db8::1")
    )
    log = tmp_path / "access.log"
    log.write_text(text, "utf-8")
    five, six = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    assert count_views(log, site=SITE, known_urls=KNOWN, window=DAY) == (
        Popularity(QUAY, 2.0, Window(five, six)),
        Popularity(FERRY, 3.0, Window(six, NOW)),
    )


@pytest.mark.parametrize(
    "other",
    [
        line(request="POST"),
        line(request="HEAD"),
        line(status=404),
        line(status=301),
        line("/news/unknown"),
        line("/style.css"),
        line("/news/ferry", at="22/Nov/2026:06:10:00 +0000"),
        line("/news/ferry", at="24/Nov/2026:07:00:00 +0000"),
        line("/news/ferry", at="99/Xxx/2026:07:00:00 +0000"),
        line(agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        line(agent="curl/8.5.0 and more words"),
        line(agent="-"),
        line(agent="Chrome Privacy Preserving Prefetch Proxy"),
        line(rest=' "prefetch"'),
        line(at="24/Nov/2026:06:15:00 +0000"),
        line("/news/ferry/?utm_source=mail"),
        "a line that is broken\n",
        '192.0.2.1 - - [24/Nov/2026:06:10:00 +0000] "\\x16\\x03\\x01" 400 0 "-" "-"\n',
        "\udcff\udcfe\n",
    ],
)
def test_what_is_no_reader_s_view_is_not_counted(tmp_path: Path, other: str) -> None:
    assert counted(tmp_path, line() + other) == [(FERRY, 1.0, 6)]


def test_second_view_counts_after_half_an_hour(tmp_path: Path) -> None:
    text = line(at="24/Nov/2026:06:00:00 +0000") + line(at="24/Nov/2026:06:29:59 +0000")
    assert counted(tmp_path, text) == [(FERRY, 1.0, 6)]
    assert counted(tmp_path, text + line(at="24/Nov/2026:06:30:00 +0000")) == [(FERRY, 2.0, 6)]


def test_common_format_and_host_prefix_are_read(tmp_path: Path) -> None:
    text = '192.0.2.1 - ada [24/Nov/2026:06:10:00 +0000] "GET /news/ferry HTTP/1.1" 200 5\n'
    text += "example.com:443 " + line("/news/quay")
    assert counted(tmp_path, text) == [(FERRY, 1.0, 6), (QUAY, 1.0, 6)]


def test_packed_and_rotated_logs_are_read(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(line(), "utf-8")
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress(line("/news/quay").encode()))
    found = count_views(tmp_path / "access.log.1.gz", site=SITE, known_urls=KNOWN, window=DAY)
    assert [bucket.url for bucket in found] == [QUAY]
    both = count_views(
        tmp_path / "access.log*", site=SITE, known_urls=KNOWN, window=Window(datetime(2020, 1, 1, tzinfo=UTC), NOW)
    )
    assert [bucket.url for bucket in both] == [FERRY, QUAY]


def test_without_known_stories_paths_that_look_like_articles_count(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(line("/news/ferry-sails-again") + line("/") + line("/politics") + line("/2026/11/24/quay"), "utf-8")
    found = count_views(log, site=SITE, known_urls=(), window=DAY)
    assert [bucket.url for bucket in found] == [f"{SITE}/2026/11/24/quay", f"{SITE}/news/ferry-sails-again"]


def test_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no access log"):
        counted(tmp_path, "url,views\n/a,10\n")
    with pytest.raises(SourceError, match="can't be read: No such file"):
        count_views(tmp_path / "none.log", site=SITE, known_urls=KNOWN, window=DAY)


# --- tables ------------------------------------------------------------------------------------


def test_table_rows_become_buckets(tmp_path: Path) -> None:
    table = tmp_path / "views.csv"
    table.write_text(
        "\ufeffURL;Views;Start;End\n/news/ferry;120;2026-11-24T05:00:00Z;2026-11-24T06:00:00Z\n"
        "https://example.com/news/quay;30;;\n/news/quay;9;2026-11-20T05:00:00Z;\n",
        "utf-8",
    )
    assert read_view_table(table, site=SITE, window=DAY) == (
        Popularity(FERRY, 120.0, Window(NOW - timedelta(hours=2), NOW - timedelta(hours=1))),
        Popularity(QUAY, 30.0, DAY),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 has no column"),
        ("a,b\n1,2\n", "1 has no column"),
        ("url,views\n/a,many\n", "2: 'many' is no number"),
        ("url,views\n/a,-1\n", "2: '-1' is no number"),
        ("url,views\njavascript:x,1\n", "2: 'javascript:x' is no address"),
        ("url,views,start\n/a,1,soon\n", "2: 'soon' is no time"),
        ("url,views,start,end\n/a,1,2026-11-24,2026-11-23\n", "2: ends before it starts"),
    ],
)
def test_bad_table_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    table = tmp_path / "views.csv"
    table.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message):
        read_view_table(table, site=SITE, window=DAY)


def test_json_list_means_what_a_table_means(tmp_path: Path) -> None:
    views = tmp_path / "views.json"
    views.write_text(
        '[{"url": "/news/ferry", "views": 120, "at": "2026-11-24T05:00:00Z"}, {"page": "/news/quay", "Count": "30"},'
        ' {"url": "/news/quay", "views": 9, "at": 1763000000}]',
        "utf-8",
    )
    assert read_view_list(views, site=SITE, window=DAY) == (
        Popularity(FERRY, 120.0, Window(NOW - timedelta(hours=2), NOW - timedelta(hours=1))),
        Popularity(QUAY, 30.0, DAY),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("{}", "is no list"),
        ("[1]", "item 1 is no object"),
        ('[{"url": "/a", "views": 1}, {"url": "/a"}]', "item 2: '' is no number"),
        ('[{"views": 1}]', "item 1: '' is no address"),
        ('[{"url": "/a", "views": 1, "at": "soon"}]', "item 1: 'soon' is no time"),
    ],
)
def test_bad_list_is_named_with_its_item(tmp_path: Path, text: str, message: str) -> None:
    views = tmp_path / "views.json"
    views.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message):
        read_view_list(views, site=SITE, window=DAY)


# --- which input -------------------------------------------------------------------------------

PAGE = FrontPage(SITE + "/", popular=(Link("Quay", QUAY, 1), Link("Ferry", FERRY, 2)))
RANKS = (Popularity(QUAY, 0.0, DAY, rank=1), Popularity(FERRY, 0.0, DAY, rank=2))


def table_of(tmp_path: Path, name: str, stories: int, views: int) -> PopularityInput:
    rows = "".join(f"/news/story-{number},{views}\n" for number in range(stories))
    (tmp_path / name).write_text("url,views\n" + rows, "utf-8")
    return PopularityInput(PopularityKind.CSV, path=name, url=SITE)


def read(tmp_path: Path, *inputs: PopularityInput) -> PopularityReading:
    settings = PopularitySettings(inputs=inputs)
    return read_popularity(settings, open_path=lambda name: tmp_path / name, front_pages=(PAGE,), now=NOW)


def test_first_input_with_enough_is_used_alone(tmp_path: Path) -> None:
    thin, full = table_of(tmp_path, "thin.csv", 5, 9), table_of(tmp_path, "full.csv", 5, 10)
    block = PopularityInput(PopularityKind.FRONT_PAGE, url=SITE)
    reading = read(tmp_path, block, thin, full, table_of(tmp_path, "more.csv", 9, 99))
    assert reading.input == "csv full.csv"
    assert [bucket.views for bucket in reading.popularity] == [10.0] * 5
    assert reading.problems == (
        SourceProblem(
            "csv thin.csv",
            "has 0 stories with 10 views or more in the last 24 hours; 5 are needed.",
            "The next input is used instead.",
        ),
    )


def test_order_of_the_front_page_is_the_last_resort(tmp_path: Path) -> None:
    block = PopularityInput(PopularityKind.FRONT_PAGE, url=SITE)
    missing = PopularityInput(PopularityKind.ACCESS_LOG, path="none.log", url=SITE)
    reading = read(tmp_path, missing, block)
    assert (reading.popularity, reading.input) == (RANKS, "front-page https://example.com")
    assert [problem.source for problem in reading.problems] == ["access-log none.log"]


def test_no_input_gives_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == PopularityReading()


def test_front_page_that_was_not_collected_is_named(tmp_path: Path) -> None:
    reading = read(tmp_path, PopularityInput(PopularityKind.FRONT_PAGE, url="https://other.example/"))
    assert reading.popularity == ()
    assert "was not collected" in reading.problems[0].what
