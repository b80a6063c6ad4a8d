"""The second weather provider, and an answer that is kept for the hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.weather.observing import read_weather
from digest.model import Condition, SourceProblem, Weather
from digest.settings import Place, WeatherProvider
from tests.standins.sites import MemoryCache

NOW = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


class MetNorway:
    """On loopback: refuses an agent without a way to reach it and more than four decimals, as the real one does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.symbol = "clearsky_night"
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                standin.asked.append(self.path)
                is_named = "+http" in self.headers["User-Agent"]
                body = json.dumps(standin.forecast()).encode()
                self.send_response(200 if is_named else 403)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/compact"

    def forecast(self) -> object:
        hours = [
            {
                "time": f"2026-11-24T{hour:02}:00:00Z",
                "data": {
                    "instant": {"details": {"air_temperature": hour + 0.5}},
                    "next_1_hours": {"summary": {"symbol_code": self.symbol}},
                },
            }
            for hour in range(6, 12)
        ]
        return {"properties": {"timeseries": hours}}


@pytest.fixture
def met() -> Iterator[MetNorway]:
    standin = MetNorway()
    thread = Thread(target=standin.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield standin
    standin.server.shutdown()
    thread.join()
    standin.server.server_close()


def place(met: MetNorway) -> Place:
    return Place(
        "Port Ellery", 54.123456, -3.2, provider=WeatherProvider.MET_NORWAY, weather_url=met.url, allow_private=True
    )


def fetcher(kept: MemoryCache, now: datetime = NOW) -> HttpFetcher:
    return HttpFetcher("Digest/test (+https://example.com)", kept, now=lambda: now)


def test_met_norway_tells_the_hour_that_it_is(met: MetNorway) -> None:
    with fetcher(MemoryCache()) as fetch:
        weather = Weather(7.5, "°C", Condition.CLEAR_NIGHT, datetime(2026, 11, 24, 7, tzinfo=UTC))
        assert read_weather(place(met), fetch, now=NOW) == weather
        assert read_weather(replace(place(met), units="imperial"), fetch, now=NOW) == replace(
            weather, temperature=45.5, unit="°F"
        )
    assert met.asked[0] == "/compact?lat=54.1235&lon=-3.2000"


def test_weather_is_asked_for_once_an_hour(met: MetNorway) -> None:
    kept = MemoryCache()
    for minutes, asked in ((0, 1), (59, 1), (60, 2)):
        now = NOW + timedelta(minutes=minutes)
        with fetcher(kept, now) as fetch:
            assert isinstance(read_weather(place(met), fetch, now=now), Weather)
        assert len(met.asked) == asked


@pytest.mark.parametrize(
    ("symbol", "condition"),
    [
        ("clearsky_day", Condition.CLEAR),
        ("fair_night", Condition.PARTLY_CLOUDY),
        ("partlycloudy_day", Condition.PARTLY_CLOUDY),
        ("cloudy", Condition.CLOUDY),
        ("fog", Condition.FOG),
        ("lightrainshowers_day", Condition.RAIN),
        ("heavysleet", Condition.SNOW),
        ("snowshowersandthunder_day", Condition.THUNDER),
    ],
)
def test_met_norway_s_symbols_have_their_condition(met: MetNorway, symbol: str, condition: Condition) -> None:
    met.symbol = symbol
    with fetcher(MemoryCache()) as fetch:
        weather = read_weather(place(met), fetch, now=NOW)
    assert isinstance(weather, Weather)
    assert weather.condition is condition


def test_stale_forecast_and_unknown_symbol_are_left_out(met: MetNorway) -> None:
    met.symbol = "frogs"
    with fetcher(MemoryCache()) as fetch:
        unknown = read_weather(place(met), fetch, now=NOW)
        met.symbol = "cloudy"
        stale = read_weather(replace(place(met), latitude=1.0), fetch, now=NOW + 8 * HOUR)
    assert isinstance(unknown, SourceProblem)
    assert "'frogs', which is not known" in unknown.what
    assert isinstance(stale, SourceProblem)
    assert "too far from now" in stale.what
