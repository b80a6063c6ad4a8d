"""The weather of Port Ellery, answered in the shape of Open-Meteo's forecast API.

Only what a masthead asks for: `current` with temperature, weather code and day or night
(open-meteo.com/en/docs). The weather is invented: it depends on the date and the hour alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

__all__ = ["PORT_ELLERY", "Sky", "forecast", "sky_at"]

PORT_ELLERY = ZoneInfo("Europe/London")
_UNITS = {"weather_code": "wmo code", "is_day": ""}
_INTERVAL_SECONDS = 900
# WMO 4677 as Open-Meteo shortens it: clear, mainly clear, partly cloudy, overcast, fog, drizzle, rain, showers.
_CODES = (0, 1, 2, 2, 3, 3, 45, 51, 61, 80)


@dataclass(frozen=True, slots=True)
class Sky:
    """What the weather is at one moment."""

    celsius: float
    weather_code: int  # WMO 4677
    is_day: bool


def sky_at(moment: datetime) -> Sky:
    """Return the invented weather: mild and maritime, warmest in July and at three in the afternoon."""
    local = moment.astimezone(PORT_ELLERY)
    dice = Random(local.date().isoformat())  # noqa: S311 - weather guards nothing
    season = -math.cos(2 * math.pi * (local.timetuple().tm_yday - 20) / 365)
    hour = local.hour + local.minute / 60
    warmth = 10.5 + 5.5 * season + 2.5 * math.cos(2 * math.pi * (hour - 15) / 24) + dice.uniform(-2.5, 2.5)
    daylight_hours = 12 + 4.6 * season
    return Sky(round(warmth, 1), dice.choice(_CODES), abs(hour - 12.4) < daylight_hours / 2)


def forecast(query: Mapping[str, str], now: datetime) -> tuple[int, bytes]:
    """Return the status and the JSON body for the parameters of a request to /v1/forecast."""
    try:
        return 200, _encoded(_answer(query, now))
    except (KeyError, ValueError) as error:
        return 400, _encoded({"error": True, "reason": str(error).strip("'\"")})


def _answer(query: Mapping[str, str], now: datetime) -> dict[str, object]:
    latitude, longitude = _coordinate(query, "latitude", 90), _coordinate(query, "longitude", 180)
    unit = query.get("temperature_unit", "celsius")
    if unit not in ("celsius", "fahrenheit"):
        raise ValueError(f"Cannot initialize TemperatureUnit from invalid String value {unit}.")
    zone = _zone(query.get("timezone", "GMT"))
    observed = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    sky, local = sky_at(observed), observed.astimezone(zone)
    values = {
        "temperature_2m": sky.celsius if unit == "celsius" else round(sky.celsius * 9 / 5 + 32, 1),
        "weather_code": sky.weather_code,
        "is_day": int(sky.is_day),
    }
    units = {"temperature_2m": "°C" if unit == "celsius" else "°F", **_UNITS}
    asked = [name for name in query.get("current", "").split(",") if name]
    if strange := [name for name in asked if name not in values]:
        raise ValueError(f"Cannot initialize CurrentVariable from invalid String value {strange[0]}.")
    offset = local.utcoffset()
    answer: dict[str, object] = {
        "latitude": latitude,
        "longitude": longitude,
        "generationtime_ms": 0.04,
        "utc_offset_seconds": int(offset.total_seconds()) if offset else 0,
        "timezone": zone.key,
        "timezone_abbreviation": local.tzname() or "GMT",
        "elevation": 4.0,
    }
    if asked:
        stamp = {"time": local.strftime("%Y-%m-%dT%H:%M"), "interval": _INTERVAL_SECONDS}
        answer["current_units"] = {"time": "iso8601", "interval": "seconds"} | {name: units[name] for name in asked}
        answer["current"] = stamp | {name: values[name] for name in asked}
    return answer


def _coordinate(query: Mapping[str, str], name: str, limit: float) -> float:
    try:
        degrees = float(query[name])
    except KeyError:
        raise ValueError(f"Parameter '{name}' must be given.") from None
    if not -limit <= degrees <= limit:
        raise ValueError(f"{name.capitalize()} must be in range of -{limit} to {limit}°. Given: {degrees}.")
    return degrees


def _zone(name: str) -> ZoneInfo:
    try:
        return PORT_ELLERY if name == "auto" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("Invalid timezone") from None


def _encoded(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()
