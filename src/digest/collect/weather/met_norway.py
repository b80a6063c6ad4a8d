"""The weather as MET Norway tells it (api.met.no, Locationforecast 2.0): worldwide, no key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from digest.errors import SourceError
from digest.model import Condition, Weather
from digest.settings import Place

__all__ = ["address_for", "read_observation"]

_ADDRESS = "https://api.met.no/weatherapi/locationforecast/2.0/compact"
_CHECK = "Check publication.place.weather_url."
_HOUR = timedelta(hours=1)
# Its symbols (lightrainshowersandthunder_day, …) are made of these words; the first that stands in one decides.
_WORDS = (
    ("thunder", Condition.THUNDER),
    ("snow", Condition.SNOW),
    ("sleet", Condition.SNOW),
    ("rain", Condition.RAIN),
    ("fog", Condition.FOG),
    ("partlycloudy", Condition.PARTLY_CLOUDY),
    ("cloudy", Condition.CLOUDY),
    ("fair", Condition.PARTLY_CLOUDY),
    ("clearsky", Condition.CLEAR),
)


def address_for(place: Place) -> str:
    """Return what to fetch; more than four decimals of a degree are refused (its terms of service)."""
    base = place.weather_url or _ADDRESS
    query = urlencode({"lat": f"{place.latitude:.4f}", "lon": f"{place.longitude:.4f}"})
    return f"{base}{'&' if '?' in base else '?'}{query}"


def read_observation(answer: Mapping[str, Any], place: Place, now: datetime) -> Weather:
    """Return the forecast for the hour of `now`.

    Raises:
        SourceError: something that the masthead needs is missing.
    """
    try:
        hours = [(datetime.fromisoformat(hour["time"]), hour["data"]) for hour in answer["properties"]["timeseries"]]
        at, data = min(hours, key=lambda hour: abs(hour[0] - (now - _HOUR / 2)))
        at = at.astimezone(UTC)
        celsius = float(data["instant"]["details"]["air_temperature"])
        symbol = str(data["next_1_hours"]["summary"]["symbol_code"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SourceError("gave no air_temperature or no symbol_code for this hour.", _CHECK) from None
    if not math.isfinite(celsius):
        raise SourceError("gave an air_temperature that is no number.", _CHECK)
    condition = next((condition for word, condition in _WORDS if word in symbol), None)
    if condition is None:
        shown = re.sub(r"\W", "", symbol)[:40]
        raise SourceError(f"gave symbol_code {shown!r}, which is not known.", "The masthead goes without it.")
    if condition is Condition.CLEAR and symbol.endswith("_night"):
        condition = Condition.CLEAR_NIGHT
    imperial = place.units == "imperial"
    return Weather(celsius * 1.8 + 32 if imperial else celsius, "°F" if imperial else "°C", condition, at)
