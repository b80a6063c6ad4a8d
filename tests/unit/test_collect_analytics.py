"""Views from Plausible and Matomo stand-ins: what is counted, and how a refusal reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect.fetching.asking import HttpAsker
from digest.collect.popularity.inputs import PopularityReading, read_popularity
from digest.errors import SourceError
from digest.model import Popularity, SourceProblem, Window
from digest.settings import PopularityInput, PopularityKind, PopularitySettings
from tests.standins.analytics import KEY, AnalyticsStandin, View

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = "https://example.com"
STORIES = tuple(f"/news/story-{number}" for number in range(6))
VIEWS = tuple(View(page, NOW - (number + 1) * HOUR, 10 + number) for number, page in enumerate(STORIES))


def told(kind: PopularityKind, url: str, *, site_id: str = "", private: bool = True) -> PopularityInput:
    return PopularityInput(kind, url=SITE, api_url=url, site_id=site_id, key_env="STATS_KEY", allow_private=private)


def plausible(server: AnalyticsStandin) -> PopularityInput:
    return told(PopularityKind.PLAUSIBLE, server.url)


def matomo(server: AnalyticsStandin) -> PopularityInput:
    return told(PopularityKind.MATOMO, server.url, site_id="1")


def read(
    told: PopularityInput, *, key: str = KEY, known: tuple[str, ...] = (), now: datetime = NOW
) -> PopularityReading:
    return read_popularity(
        PopularitySettings(inputs=(told,)),
        open_path=Path,
        front_pages=(),
        now=now,
        known_urls=known,
        asker=HttpAsker("Digest/test", deadline_seconds=5.0),
        environment={"STATS_KEY": key} if key else {},
    )


def problem_of(reading: PopularityReading) -> str:
    assert reading.popularity == ()
    (problem,) = reading.problems
    assert KEY not in f"{problem.what} {problem.hint}"
    return problem.what


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_plausible_tells_visitors_by_page_and_hour_of_any_zone(zone: str) -> None:
    with AnalyticsStandin(VIEWS, zone=zone) as server:
        reading = read(plausible(server))
        assert reading.popularity == tuple(
            Popularity(SITE + view.page, float(view.visitors), Window(view.at, view.at + HOUR))
            for view in reversed(VIEWS)
        )
        assert reading.input == f"plausible {server.url}"


def test_plausible_is_asked_for_every_page_of_a_long_answer() -> None:
    many = [View(f"/news/story-{number}", NOW - HOUR, 10) for number in range(10_001)]
    with AnalyticsStandin(many) as server:
        assert len(read(plausible(server)).popularity) == 10_001
        assert [question["pagination"]["offset"] for question in server.questions] == [0, 10_000]


def test_only_stories_count_when_they_are_known() -> None:
    home = View("/", NOW - HOUR, 10_000)
    with AnalyticsStandin([home, *VIEWS]) as server:
        known = tuple(SITE + page for page in STORIES[:5])
        assert {bucket.url for bucket in read(plausible(server), known=known).popularity} == set(known)


def test_matomo_tells_visits_by_page_and_day_of_the_site_s_zone() -> None:
    late = View(STORIES[0], datetime(2026, 11, 23, 23, 0, tzinfo=UTC), 100)  # the 24th in Berlin already
    with AnalyticsStandin([late, *VIEWS], zone="Europe/Berlin") as server:
        reading = read(matomo(server))
    today = Window(datetime(2026, 11, 23, 23, 0, tzinfo=UTC), NOW)
    assert set(reading.popularity) == {
        Popularity(SITE + view.page, float(view.visitors + 100 * (view.page == late.page)), today) for view in VIEWS
    }


def test_matomo_s_yesterday_is_a_bucket_of_its_own() -> None:
    with AnalyticsStandin([View(page, NOW - 9 * HOUR, 20) for page in STORIES]) as server:
        reading = read(matomo(server))
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert {bucket.window for bucket in reading.popularity} == {Window(day, day + timedelta(days=1))}


def test_matomo_is_asked_with_the_token_in_the_body_only() -> None:
    with AnalyticsStandin(VIEWS) as server:
        read(matomo(server))
        assert [question["token_auth"] for question in server.questions] == [KEY, KEY]


@pytest.mark.parametrize("kind", [PopularityKind.PLAUSIBLE, PopularityKind.MATOMO])
def test_wrong_key_is_refused_in_words(kind: PopularityKind) -> None:
    with AnalyticsStandin(VIEWS) as server:
        what = problem_of(
            read(told(kind, server.url, site_id="" if kind is PopularityKind.PLAUSIBLE else "1"), key="no")
        )
    assert what.startswith("answered 401 Unauthorized: ")


def test_matomo_before_version_5_refuses_with_200() -> None:
    with AnalyticsStandin(VIEWS, wrong_is_200=True) as server:
        assert problem_of(read(matomo(server), key="no")).startswith("refuses: Unable to authenticate")
        assert "website id = 7" in problem_of(read(told(PopularityKind.MATOMO, server.url, site_id="7")))


def test_unknown_metric_is_refused_with_its_name() -> None:
    asker = HttpAsker("Digest/test")
    body = b'{"site_id": "example.com", "metrics": ["reads"], "date_range": "day"}'
    with (
        AnalyticsStandin(VIEWS) as server,
        pytest.raises(SourceError, match=r"400 Bad Request: Unknown metric '\"reads\"'"),
    ):
        headers = {"Authorization": f"Bearer {KEY}"}
        asker.post(f"{server.url}/api/v2/query", body, headers=headers, secret=KEY, allow_private=True)


@pytest.mark.parametrize("kind", [PopularityKind.PLAUSIBLE, PopularityKind.MATOMO])
def test_busy_api_is_not_asked_again_and_says_until_when(kind: PopularityKind) -> None:
    with AnalyticsStandin(VIEWS, busy="1800") as server:
        what = problem_of(read(told(kind, server.url, site_id="1")))
    assert what.startswith("answered 429 Too Many Requests (retry after 1800): Too many API requests")


@pytest.mark.parametrize(
    "raw", [b"<html>", b"[]", b'"x"', b'{"results": 1}', b'{"results": [7], "query": {}}', b"{}", b"[" * 9999]
)
@pytest.mark.parametrize("kind", [PopularityKind.PLAUSIBLE, PopularityKind.MATOMO])
def test_answer_that_is_none_is_a_problem(kind: PopularityKind, raw: bytes) -> None:
    with AnalyticsStandin(raw=raw) as server:
        assert problem_of(read(told(kind, server.url, site_id="1")))


def test_key_leaves_over_an_open_line_only_within_the_own_network() -> None:
    with AnalyticsStandin(VIEWS) as server:
        open_line = told(PopularityKind.PLAUSIBLE, server.url, private=False)
        assert problem_of(read(open_line)) == "would carry the key unencrypted."
        secure = told(PopularityKind.PLAUSIBLE, server.url.replace("http:", "https:"), private=False)
        assert problem_of(read(secure)) == "leads to 127.0.0.1, which is no public address."


def test_missing_key_is_named() -> None:
    with AnalyticsStandin(VIEWS) as server:
        reading = read(plausible(server), key="")
    problem = SourceProblem(
        f"plausible {server.url}",
        "the environment variable 'STATS_KEY' is not set.",
        "Set it, or name another as key_env.",
    )
    assert reading.problems == (problem,)
