"""/c/TOKEN: leads on whatever happens, counts people once, and lets clicks break ties only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.app import App
from digest.canonical import canonical_url
from digest.model import Cluster, DeliveryState, Popularity, Story, Window
from digest.select import rank
from digest.store.clicks import Clicked, add_clicks, clicks_of, clicks_since
from digest.store.database import Database
from digest.web.clicks import ClickCounter
from tests.unit.audience_setup import EDITION, file_of, opened
from tests.unit.feedback_setup import made, put
from tests.unit.test_web_hooks import ACCOUNT, opened_app, serving

NOW = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
HOUR = datetime(2026, 11, 24, 7, tzinfo=UTC)
STORY = "https://h.example/politics/quay?id=7&part=two words#lead"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        put(database, made(database, 1), DeliveryState.ACCEPTED, attempts=1)
        yield database


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened_app(tmp_path_factory.mktemp("clicks"), ACCOUNT.public_key) as app:
        put(app.database, made(app.database, 1), DeliveryState.ACCEPTED, attempts=1)
        yield app


def path_of(app: App, edition_id: str, url: str) -> str:
    parts = urlsplit(app.links.click_url(edition_id, url))
    return f"{parts.path}?{parts.query}"


def test_a_click_leads_to_the_story_and_is_counted_once_for_a_reader(app: App) -> None:
    with serving(app) as client:
        path = path_of(app, EDITION, STORY)
        for agent in (BROWSER, BROWSER, "curl/8.1", "Googlebot/2.1 (+http://www.google.com/bot.html)"):
            answer = client.get(path, headers={"user-agent": agent})
            assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
            assert answer.headers["location"] == STORY.replace(" ", "%20")
        client.head(path, headers={"user-agent": BROWSER})
        client.get(path, headers={"user-agent": BROWSER.replace("130", "131"), "sec-purpose": "prefetch"})
        client.get(path_of(app, "politics/2026-11-25", STORY), headers={"user-agent": BROWSER})  # never left: a preview
    assert clicks_of(app.database, EDITION) == {canonical_url(STORY): 1}
    assert clicks_of(app.database, "politics/2026-11-25") == {}


@pytest.mark.parametrize(
    "change", [("quay", "key"), ("politics.2026", "science.2026"), ("to=", "at="), (".politics", "")]
)
def test_no_other_address_passes(app: App, change: tuple[str, str]) -> None:
    with serving(app) as client:
        path = path_of(app, EDITION, STORY)
        assert client.get(path.replace(*change), headers={"user-agent": BROWSER}).status_code == 404


def test_a_visitor_counts_again_after_half_an_hour_and_hours_are_kept_apart(database: Database) -> None:
    moments = iter([NOW, NOW + timedelta(minutes=29), NOW + timedelta(minutes=60), NOW + timedelta(minutes=61)])
    counter = ClickCounter(database, lambda: next(moments))
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"):
        counter.count(EDITION, STORY, address=address, agent=BROWSER)
    counter.write()
    counter.write()
    url, hour = canonical_url(STORY), timedelta(hours=1)
    assert clicks_since(database, HOUR) == (
        Popularity(url, 1.0, Window(HOUR, HOUR + hour)),
        Popularity(url, 2.0, Window(HOUR + hour, HOUR + 2 * hour)),
    )
    assert clicks_of(database, EDITION) == {url: 3}


def test_what_cannot_be_written_is_written_later(database: Database, tmp_path: Path) -> None:
    counter = ClickCounter(database, lambda: NOW)
    counter.count(EDITION, STORY, address="192.0.2.1", agent=BROWSER)
    away = tmp_path / "away.db"
    file_of(database).rename(away)
    counter.write()
    away.rename(file_of(database))
    counter.write()
    assert clicks_of(database, EDITION) == {canonical_url(STORY): 1}


def test_clicks_of_a_story_add_up(database: Database) -> None:
    clicked = Clicked(EDITION, canonical_url(STORY), HOUR)
    add_clicks(database, {clicked: 2})
    add_clicks(database, {clicked: 3})
    add_clicks(database, {})
    assert clicks_of(database, EDITION) == {clicked.url: 5}


def test_clicks_decide_between_equals_and_never_against_a_score() -> None:
    older, newer = (
        Cluster(Story(f"https://h.example/{name}", name, published_at=NOW - timedelta(hours=age)))
        for name, age in (("older", 5), ("newer", 2))
    )
    twin = Cluster(Story("https://h.example/twin", "twin", published_at=NOW - timedelta(hours=5)))
    clicks = [Popularity(cluster.lead.url, 9.0, Window(HOUR, HOUR)) for cluster in (older,)]
    picks = rank([twin, older, newer], (), NOW, clicks=clicks)
    assert [pick.cluster.lead.title for pick in picks] == ["newer", "older", "twin"]
    assert [pick.cluster.lead.title for pick in rank([twin, older, newer], (), NOW)] == ["newer", "older", "twin"]
    clicks = [Popularity(twin.lead.url, 9.0, Window(HOUR, HOUR))]
    assert [pick.cluster.lead.title for pick in rank([twin, older, newer], (), NOW, clicks=clicks)] == [
        "newer",
        "twin",
        "older",
    ]
