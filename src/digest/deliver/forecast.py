"""Whether everything will be accepted by `finish_by`: computed before, and told again from what was reached.

A pace says how fast letters may leave, not how fast a server takes them. So what is told before is
the earliest, and what a run has reached is told after it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.slots import instant_of, local_date

__all__ = ["Forecast", "Target", "forecast", "reached", "target_of"]

_LONGEST_SECONDS = 366 * 86_400.0  # nothing is told beyond a year


@dataclass(frozen=True, slots=True)
class Target:
    """The instant by which everything should be accepted, and the zone that it is told in."""

    at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the pace makes of a target."""

    finishes_at: datetime | None  # at the earliest; None when no pace tells it
    can_be_met: bool | None  # None when no pace tells it
    needed_per_second: float  # over all connections; infinite when the target is past
    words: str


@dataclass(frozen=True, slots=True)
class _Limit:
    """So many letters at so many a second."""

    key: str
    letters: int
    per_second: float
    whom: str = ""

    @property
    def seconds(self) -> float:
        return min(self.letters / self.per_second, _LONGEST_SECONDS)


def target_of(day: date, slot_at: datetime, finish_by: str, zone: ZoneInfo) -> Target | None:
    """Return what `finish_by` ("08:00", or "" for none) means for the slot of the local date `day`.

    A time that is not after the slot's own is one of the next day: an evening letter may have all night.
    """
    if not finish_by:
        return None
    at = time.fromisoformat(finish_by)
    instant = instant_of(day, at, zone)
    return Target(instant if instant > slot_at else instant_of(day + timedelta(days=1), at, zone), zone)


def forecast(
    letters: int,
    target: Target,
    start: datetime,
    *,
    per_second: float,
    per_domain_per_second: float = 0.0,
    largest: tuple[str, int] | None = None,
    allowance: int | None = None,
) -> Forecast:
    """Return when `letters` that begin to leave at `start` will be accepted at the earliest.

    Args:
        per_second, per_domain_per_second: As in the settings; 0 or less is no limit.
        largest: The recipient domain with the most of the letters, and how many; no other takes longer.
        allowance: How many of the letters may leave today at all, None for all of them.
    """
    count = letters if allowance is None else min(letters, allowance)
    what = f"{_letters(count)} that the warm-up allows" if count < letters else _letters(count)
    by = _clock(target.at, start, target.zone)
    left = (target.at - start).total_seconds()
    needed = count / left if left > 0 else math.inf if count else 0.0
    if needed == math.inf:
        return Forecast(None, False, needed, f"finish_by can't be met: {by} is past, with {what} still to leave.")
    domain, most = largest or ("", 0)
    limits = [
        limit
        for limit in (
            _Limit("per_second", count, per_second),
            _Limit("per_domain_per_second", min(most, count), per_domain_per_second, f" to {domain}"),
        )
        if limit.per_second > 0
    ]
    if not limits:
        return Forecast(None, None, needed, f"For {what} by {by}, {_enough(needed)} must be accepted a second.")
    slowest = max(limits, key=lambda limit: limit.seconds)
    finishes_at = start + timedelta(seconds=slowest.seconds)
    told = f"at {slowest.per_second:,g} a second{slowest.whom}, {what}"
    done = _clock(finishes_at, start, target.zone)
    if finishes_at <= target.at:
        return Forecast(
            finishes_at, True, needed, f"{told[0].upper()}{told[1:]} are done by {done}; finish_by is {by}."
        )
    advice = " and ".join(
        f"delivery.{limit.key} = {_enough(limit.letters / left)}" for limit in limits if limit.seconds > left
    )
    words = f"finish_by {by} can't be met: {told} take until {done}. It takes {advice}, and a server that keeps up."
    return Forecast(finishes_at, False, needed, words)


def reached(accepted: int, left: int, start: datetime, end: datetime, target: Target | None) -> str:
    """Return what a run came to: how many were accepted between `start` and `end`, and how many are left."""
    seconds = (end - start).total_seconds()
    rate = f", {accepted / seconds:,.3g} a second" if accepted and seconds >= 1 else ""
    told = f"{_letters(accepted)} accepted in {_duration(seconds)}{rate}."
    if target is None:
        return told
    by = _clock(target.at, start, target.zone)
    if left:
        return f"{told} {_letters(left)} left; finish_by is {by}."
    done = _clock(end, start, target.zone)
    return f"{told} Done by {done}; finish_by was {by}{'' if end <= target.at else ' and is missed'}."


def _letters(count: int) -> str:
    return f"{count:,} letter{'' if count == 1 else 's'}"


def _enough(rate: float) -> str:
    """Return a rate that is never less than `rate`, as config.toml takes it."""
    decimals = 0 if rate >= 10 else 1 if rate >= 1 else 3
    enough = math.ceil(round(rate * 10**decimals, 6)) / 10**decimals
    return f"{enough:.{decimals}f}".removesuffix(".0")


def _clock(instant: datetime, start: datetime, zone: ZoneInfo) -> str:
    """Return the first whole minute at or after `instant`; with its date when that is not the date of `start`."""
    minute = instant + timedelta(seconds=-instant.timestamp() % 60)
    local = minute.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == local_date(start, zone) else f"{local:%Y-%m-%d %H:%M}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0) + [f"{rest} s"] * (not hours and rest > 0)
    return " ".join(parts) or "less than a second"
