"""The weather as Open-Meteo tells it (open-meteo.com/en/docs): worldwide, no key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.model import Condition, Weather
from digest.settings import Place

__all__ = ["address_for", "read_observation"]

_ADDRESS = "https://api.open-meteo.com/v1/forecast"
_CHECK = "Check publication.place.weather_url."
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


def address_for(place: Place) -> str:
    """Return what to fetch."""
    query = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "current": "temperature_2m,weather_code,is_day",
        "temperature_unit": "fahrenheit" if place.units == "imperial" else "celsius",
        "timezone": "UTC",
    }
    base = place.weather_url or _ADDRESS
    return f"{base}{'&' if '?' in base else '?'}{urlencode(query)}"


def read_observation(answer: Mapping[str, Any], place: Place, now: datetime) -> Weather:
    """Return what is told of now, however likely it is.

    Raises:
        SourceError: something that the masthead needs is missing.
    """
    current = answer.get("current")
    if not isinstance(current, dict):
        raise SourceError("gave no current weather.", _CHECK)
    temperature, code = _number(current.get("temperature_2m")), _number(current.get("weather_code"))
    if temperature is None or code is None:
        raise SourceError("gave no temperature_2m or no weather_code.", _CHECK)
    at = _time(current.get("time"))
    if at is None:
        raise SourceError(f"gave no time that can be read: {str(current.get('time'))[:40]!r}.", _CHECK)
    condition = _condition(int(code), is_day=current.get("is_day") != 0)
    if condition is None:
        raise SourceError(
            f"gave weather_code {code:g}, which the WMO table doesn't have.", "The masthead goes without it."
        )
    return Weather(temperature, "°F" if place.units == "imperial" else "°C", condition, at)


def _condition(code: int, *, is_day: bool) -> Condition | None:
    if code in _SUN:
        return Condition.CLEAR_NIGHT if _SUN[code] is Condition.CLEAR and not is_day else _SUN[code]
    return next((condition for first, condition in reversed(_GROUPS) if first <= code <= 99), None)


def _time(text: Any) -> datetime | None:
    """Return the API's time: ISO 8601 without a zone, UTC because it was asked for, or seconds."""
    seconds = _number(text)
    if seconds is not None:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1e11 else None
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
