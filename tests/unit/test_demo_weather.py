import json
from datetime import UTC, datetime, timedelta

from digest.demo.weather import forecast, sky_at

NOW = datetime(2026, 7, 24, 14, 52, 9, tzinfo=UTC)
ASKED = {"latitude": "54.11", "longitude": "-3.23", "current": "temperature_2m,weather_code,is_day", "timezone": "UTC"}


def test_the_answer_has_the_shape_of_open_meteo() -> None:
    status, body = forecast(ASKED, NOW)
    sky = sky_at(NOW.replace(minute=45, second=0))
    assert (status, json.loads(body)) == (
        200,
        {
            "latitude": 54.11,
            "longitude": -3.23,
            "generationtime_ms": 0.04,
            "utc_offset_seconds": 0,
            "timezone": "UTC",
            "timezone_abbreviation": "UTC",
            "elevation": 4.0,
            "current_units": {
                "time": "iso8601",
                "interval": "seconds",
                "temperature_2m": "°C",
                "weather_code": "wmo code",
                "is_day": "",
            },
            "current": {
                "time": "2026-07-24T14:45",
                "interval": 900,
                "temperature_2m": sky.celsius,
                "weather_code": sky.weather_code,
                "is_day": 1,
            },
        },
    )


def test_fahrenheit_and_local_time_are_honoured() -> None:
    answer = json.loads(forecast(ASKED | {"temperature_unit": "fahrenheit", "timezone": "auto"}, NOW)[1])
    celsius = json.loads(forecast(ASKED, NOW)[1])["current"]["temperature_2m"]
    assert answer["current_units"]["temperature_2m"] == "°F"
    assert answer["current"]["temperature_2m"] == round(celsius * 1.8 + 32, 1)
    assert (answer["current"]["time"], answer["utc_offset_seconds"]) == ("2026-07-24T15:45", 3600)


def test_what_the_api_would_refuse_is_refused() -> None:
    for change in (
        {"latitude": "91"},
        {"current": "mood"},
        {"temperature_unit": "kelvin"},
        {"timezone": "Port/Ellery"},
    ):
        status, body = forecast(ASKED | change, NOW)
        assert (status, json.loads(body)["error"]) == (400, True)
    assert forecast({}, NOW)[0] == 400


def test_the_weather_of_a_year_stays_believable() -> None:
    year = [sky_at(NOW + timedelta(hours=5 * step)) for step in range(1_700)]
    assert -5 < min(sky.celsius for sky in year) < 6
    assert 16 < max(sky.celsius for sky in year) < 26
    assert {sky.is_day for sky in year} == {True, False}
