from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.slots import Slot, instant_of, slots_between

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 11, 24), time(7), datetime(2026, 11, 24, 6, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # skipped
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # repeated
        ("America/New_York", date(2026, 3, 8), time(2, 15), datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        (
            "Pacific/Apia",
            date(2011, 12, 30),
            time(7),
            datetime(2011, 12, 30, 10, tzinfo=UTC),
        ),  # a day that was left out
        ("Asia/Kathmandu", date(2028, 2, 29), time(7), datetime(2028, 2, 29, 1, 15, tzinfo=UTC)),
    ],
)
def test_local_time_becomes_one_instant(zone: str, day: date, at: time, expected: datetime) -> None:
    assert instant_of(day, at, ZoneInfo(zone)) == expected


def test_slots_are_open_at_the_start_and_closed_at_the_end() -> None:
    start = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert list(slots_between("politics", time(7), EVERY_DAY, BERLIN, start, start + timedelta(days=1))) == [
        Slot(datetime(2026, 11, 24, 6, tzinfo=UTC), "politics", date(2026, 11, 24))
    ]


def test_a_year_has_one_slot_a_day_whatever_the_clocks_do() -> None:
    for zone in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"):
        for at in (time(0, 0), time(2, 30), time(23, 59)):
            start = instant_of(date(2025, 12, 31), time(23, 59), ZoneInfo(zone))
            slots = list(slots_between("s", at, EVERY_DAY, ZoneInfo(zone), start, start + timedelta(days=365)))
            assert [slot.day for slot in slots] == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
            assert len({slot.at for slot in slots}) == 365


def test_only_the_named_weekdays_have_slots() -> None:
    start = datetime(2026, 11, 22, tzinfo=UTC)
    days = [
        s.day.isoformat()
        for s in slots_between("s", time(7), frozenset({0, 2}), BERLIN, start, start + timedelta(days=7))
    ]
    assert days == ["2026-11-23", "2026-11-25"]
