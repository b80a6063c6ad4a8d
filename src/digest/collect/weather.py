"""The weather for the masthead, from an API in Open-Meteo's shape (open-meteo.com/en/docs)."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.model import Condition, SourceProblem, Weather
from digest.ports import Fetcher
from digest.settings import Place

__all__ = ["read_weather"]

_SOURCE = "weather"
_MAX_AGE = timedelta(hours=3)
_ABSURD_CELSIUS = (-90.0, 60.0)  # colder and hotter than ever measured (WMO archive of extremes)
_SUN = {0: Condition.CLEAR, 1: Condition.CLEAR, 2: Condition.PARTLY_CLOUDY, 3: Condition.CLOUDY}
# WMO code table 4677, as Open-Meteo gives it: the first code of each group, and what it is.
_GROUPS = (
    (45, Condition.FOG),  # fog, rime fog
    (51, Condition.RAIN),  # drizzle, freezing drizzle, rain, freezing rain
    (71, Condition.SNOW),  # snow fall, snow grains
    (80, Condition.RAIN),  # rain showers
    (85, Condition.SNOW),  # snow showers
    (95, Condition.THUNDER),  # thunderstorm, with hail
)


_FRESH_FOR_SECONDS = 3600.0  # Open-Meteo's "current" moves every 15 minutes; a masthead needs no more than an hour


def read_weather(place: Place, fetcher: Fetcher, *, now: datetime) -> Weather | SourceProblem:
    """Return the weather at `place`, or what keeps it off the masthead.

    An observation more than three hours away from `now` is as bad as none.
    """
    imperial = place.units == "imperial"
    query = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "current": "temperature_2m,weather_code,is_day",
        "temperature_unit": "fahrenheit" if imperial else "celsius",
        "timezone": "UTC",
    }
    url = f"{place.weather_url}{'&' if '?' in place.weather_url else '?'}{urlencode(query)}"
    try:
        answer = fetcher.get(url, allow_private=place.allow_private, fresh_for_seconds=_FRESH_FOR_SECONDS)
        return _weather(answer.body, imperial=imperial, now=now)
    except SourceError as error:
        return SourceProblem(_SOURCE, error.what, error.hint or "The masthead goes without it.", place.weather_url)


def _weather(body: bytes, *, imperial: bool, now: datetime) -> Weather:
    current = _current(body)
    temperature, code, at = (
        _number(current.get("temperature_2m")),
        _number(current.get("weather_code")),
        current.get("time"),
    )
    if temperature is None or code is None:
        raise SourceError("gave no temperature_2m or no weather_code.", "Check publication.place.weather_url.")
    observed_at = _time(at)
    if observed_at is None:
        raise SourceError(f"gave no time that can be read: {str(at)[:40]!r}.", "Check publication.place.weather_url.")
    if abs(now - observed_at) > _MAX_AGE:
        raise SourceError(f"is of {observed_at:%Y-%m-%d %H:%M} UTC, too far from now.", "The masthead goes without it.")
    celsius = (temperature - 32) / 1.8 if imperial else temperature
    if not _ABSURD_CELSIUS[0] <= celsius <= _ABSURD_CELSIUS[1]:
        raise SourceError(
            f"gave {temperature:g} {'°F' if imperial else '°C'}, which can't be.", "The masthead goes without it."
        )
    condition = _condition(int(code), is_day=current.get("is_day") != 0)
    if condition is None:
        raise SourceError(
            f"gave weather_code {code:g}, which the WMO table doesn't have.", "The masthead goes without it."
        )
    return Weather(temperature, "°F" if imperial else "°C", condition, observed_at)


def _current(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("gave no JSON.", "Check publication.place.weather_url.") from None
    current = answer.get("current") if isinstance(answer, dict) else None
    if not isinstance(current, dict):
        raise SourceError("gave no current weather.", "Check publication.place.weather_url.")
    return current


def _condition(code: int, *, is_day: bool) -> Condition | None:
    if code in _SUN:
        return Condition.CLEAR_NIGHT if _SUN[code] is Condition.CLEAR and not is_day else _SUN[code]
    if not _GROUPS[0][0] <= code <= 99:
        return None
    return [condition for first, condition in _GROUPS if first <= code][-1]


def _time(text: Any) -> datetime | None:
    """Return the API's time: ISO 8601 without a zone, UTC because it was asked for, or seconds."""
    seconds = _number(text)
    if seconds is not None:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1e11 else None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None
