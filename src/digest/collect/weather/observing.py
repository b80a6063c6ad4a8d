"""The weather for the masthead: of the hour and believable, or none.

A provider is a module with two functions: `address_for` a place, and `read_observation` of its answer.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from digest.collect.weather import met_norway, open_meteo
from digest.errors import SourceError
from digest.model import SourceProblem, Weather
from digest.ports import Fetcher
from digest.settings import Place, WeatherProvider

__all__ = ["read_weather"]

_SOURCE = "weather"
_PROVIDERS = {WeatherProvider.OPEN_METEO: open_meteo, WeatherProvider.MET_NORWAY: met_norway}
_FRESH_FOR_SECONDS = 3600.0  # providers move every 15 minutes or so; a masthead needs no more than an hour
_MAX_AGE = timedelta(hours=3)
_ABSURD_CELSIUS = (-90.0, 60.0)  # colder and hotter than ever measured (WMO archive of extremes)
_WITHOUT = "The masthead goes without it."


def read_weather(place: Place, fetcher: Fetcher, *, now: datetime) -> Weather | SourceProblem:
    """Return the weather at `place`, or what keeps it off the masthead.

    An observation more than three hours away from `now` is as bad as none.
    """
    provider = _PROVIDERS[place.provider]
    url = provider.address_for(place)
    try:
        answer = fetcher.get(url, allow_private=place.allow_private, fresh_for_seconds=_FRESH_FOR_SECONDS)
        return _believable(provider.read_observation(_parsed(answer.body), place, now), now)
    except SourceError as error:
        return SourceProblem(_SOURCE, error.what, error.hint or _WITHOUT, place.weather_url or url.partition("?")[0])


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("gave no JSON.", "Check publication.place.weather_url.") from None
    return answer if isinstance(answer, dict) else {}


def _believable(weather: Weather, now: datetime) -> Weather:
    if abs(now - weather.observed_at) > _MAX_AGE:
        raise SourceError(f"is of {weather.observed_at:%Y-%m-%d %H:%M} UTC, too far from now.", _WITHOUT)
    celsius = (weather.temperature - 32) / 1.8 if weather.unit == "°F" else weather.temperature
    if not _ABSURD_CELSIUS[0] <= celsius <= _ABSURD_CELSIUS[1]:
        raise SourceError(f"gave {weather.temperature:g} {weather.unit}, which can't be.", _WITHOUT)
    return weather
