"""Readers' own hours: one edition in waves, and everyone once. Real SQLite, letters as files, a clock of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from digest.app import App
from digest.config import load_config
from digest.deliver import ledger
from digest.deliver.auditing import audit
from digest.deliver.waves import wave_counts
from digest.model import DeliveryState, EditionStatus
from digest.schedule import catch_up, due_slots, readers_zones, scheduled, slots_of
from digest.slots import instant_of, waves_of
from digest.store import editions, settings
from digest.wiring import open_app

DAY = date(2026, 11, 24)
SEVEN = time(7)
# A zone for each of the 38 offsets that clocks are at in winter or summer.
ZONES = (
    "Pacific/Kiritimati Pacific/Tongatapu Pacific/Chatham Pacific/Auckland Pacific/Fiji Asia/Kamchatka Pacific/Norfolk"
    " Pacific/Noumea Australia/Sydney Australia/Adelaide Australia/Brisbane Australia/Darwin Asia/Tokyo"
    " Australia/Eucla Asia/Shanghai Asia/Bangkok Asia/Yangon Asia/Dhaka Asia/Kathmandu Asia/Kolkata Asia/Karachi"
    " Asia/Kabul Asia/Dubai Asia/Tehran Europe/Moscow Europe/Athens Europe/Berlin Europe/London Atlantic/Azores"
    " Atlantic/South_Georgia America/Sao_Paulo America/St_Johns America/Halifax America/New_York America/Chicago"
    " America/Denver America/Los_Angeles America/Anchorage Pacific/Marquesas Pacific/Honolulu Pacific/Pago_Pago"
).split()
CONFIG = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
timezone = "Europe/Berlin"
[[sources]]
kind = "folder"
path = "stories"
section = "politics"
[sections.politics]
at = "07:00"
timezone = "subscriber"
minimum = 1
[delivery]
surprise_percent = 0
"""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def opened(folder: Path, readers: dict[str, str], clock: Clock, database: str = "") -> Iterator[App]:
    """Open a paper whose `readers` have zones: {"ana": "Asia/Tokyo"}; "" for none."""
    (folder / "stories").mkdir(exist_ok=True)
    (folder / "subscribers").mkdir(exist_ok=True)
    story = {
        "url": "https://example.com/dues",
        "title": "Dues rise by six per cent",
        "text": "The harbour board has raised the mooring dues by 6 per cent from the first of January, it said. " * 3,
        "published_at": (clock.now - timedelta(hours=1)).isoformat(),
    }
    (folder / "stories" / "dues.json").write_text(json.dumps(story), "utf-8")
    told = f'[database]\nurl = "{database}"\n' if database else ""
    (folder / "config.toml").write_text(CONFIG + told, "utf-8")
    rows = [f"{name}@example.com,{zone}" for name, zone in readers.items()]
    (folder / "subscribers" / "politics.csv").write_text("\n".join(["email,timezone", *rows, ""]), "utf-8")
    with open_app(load_config(folder / "config.toml")) as app:
        settings.first_served(app.database, clock.now)
        yield replace(app, now=clock)


def got(folder: Path) -> list[str]:
    return sorted(path.name.partition("@")[0] for path in (folder / "var" / "outbox").rglob("*.eml"))


def test_readers_of_every_offset_get_one_letter_at_their_hour(tmp_path: Path, database_url: str) -> None:
    readers = {f"r{place}": zone for place, zone in enumerate(ZONES)} | {"nowhere": ""}
    hours = {name: instant_of(DAY, SEVEN, ZoneInfo(zone or "Europe/Berlin")) for name, zone in readers.items()}
    clock = Clock(min(hours.values()) - timedelta(hours=2))
    end = max(hours.values()) + timedelta(hours=1)
    with opened(tmp_path, readers, clock, database_url) as app:
        while clock.now < end:
            clock.now += timedelta(minutes=15)
            catch_up(app)
            today = {name for name in hours if hours[name] <= clock.now}
            editions_seen = [row.id for row in editions.list_editions(app.database)]
            mine = (tmp_path / "var" / "outbox" / "politics" / f"{DAY}").glob("*.eml")
            assert sorted(path.name.partition("@")[0] for path in mine) == sorted(today), clock.now
            assert editions_seen.count(f"politics/{DAY}") <= 1
        row = editions.get_edition(app.database, f"politics/{DAY}")
        assert not audit(app.database, f"politics/{DAY}").has_failed
        waves = wave_counts(app.database, f"politics/{DAY}")
    assert row is not None
    assert row.status is EditionStatus.DONE
    assert sum(count for _, count in waves) == len(readers)
    assert len(waves) == len(set(hours.values())) >= 35


def test_readers_whose_hour_passed_while_nothing_ran_are_withdrawn_and_told(tmp_path: Path) -> None:
    readers = {"tokyo": "Asia/Tokyo", "berlin": "Europe/Berlin", "york": "America/New_York"}
    clock = Clock(instant_of(DAY, SEVEN, ZoneInfo("Asia/Tokyo")) - timedelta(hours=1))
    with opened(tmp_path, readers, clock) as app:
        clock.now = instant_of(DAY, SEVEN, ZoneInfo("Europe/Berlin"))  # eight hours later
        report = catch_up(app)
        assert report is not None
        assert "Withdrawn, since their hour had passed too long ago: 1." in report.editions[0].notes
        assert got(tmp_path) == ["berlin"]
        clock.now = instant_of(DAY, SEVEN, ZoneInfo("America/New_York"))
        catch_up(app)
        counts = dict(ledger.counts(app.database, f"politics/{DAY}"))
    assert got(tmp_path) == ["berlin", "york"]
    assert counts == {DeliveryState.ACCEPTED: 2, DeliveryState.WITHDRAWN: 1}


def test_a_run_by_hand_serves_at_once_whose_hour_has_passed(tmp_path: Path) -> None:
    from digest.pipeline import run, today

    readers = {"tokyo": "Asia/Tokyo", "york": "America/New_York"}
    clock = Clock(instant_of(DAY, SEVEN, ZoneInfo("Asia/Tokyo")) + timedelta(hours=5))
    with opened(tmp_path, readers, clock) as app:
        run(app, [today(app, "politics")], is_asked_for=True)
        assert got(tmp_path) == ["tokyo"]
        clock.now = instant_of(DAY, SEVEN, ZoneInfo("America/New_York"))
        catch_up(app)
    assert got(tmp_path) == ["tokyo", "york"]


def test_a_section_with_one_hour_for_all_is_not_drawn_into_the_waves_of_another(tmp_path: Path) -> None:
    from digest.pipeline import run, today

    clock = Clock(instant_of(DAY, SEVEN, ZoneInfo("Europe/Berlin")))
    with opened(tmp_path, {"york": "America/New_York"}, clock) as app:
        pass
    sports = '[sections.sports]\nat = "07:00"\nminimum = 1\nspans = "all"\n'
    (tmp_path / "config.toml").write_text(CONFIG + sports, "utf-8")
    (tmp_path / "subscribers" / "sports.csv").write_text("email,timezone\njoe@example.com,America/New_York\n", "utf-8")
    with open_app(load_config(tmp_path / "config.toml")) as app:
        app = replace(app, now=clock)
        run(app, [today(app, "sports"), today(app, "politics")], is_asked_for=True)
        assert got(tmp_path) == ["joe"]
        clock.now = instant_of(DAY, SEVEN, ZoneInfo("America/New_York"))
        run(app, [today(app, "politics")], is_asked_for=True)
    assert got(tmp_path) == ["joe", "york"]


def test_the_slot_begins_with_the_first_zone_and_ends_with_the_last(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    with opened(tmp_path, {"apia": "Pacific/Apia", "pago": "Pacific/Pago_Pago", "odd": ""}, clock) as app:
        catch_up(app)
        [slot] = [
            slot
            for slot in slots_of(app.config, clock.now, clock.now + timedelta(days=2), zones=readers_zones(app))
            if slot.day == DAY
        ]
        assert slot.at == datetime(2026, 11, 23, 18, tzinfo=UTC)
        assert slot.until == datetime(2026, 11, 24, 18, tzinfo=UTC)
        clock.now = slot.until + timedelta(hours=3)
        due, missed = due_slots(app)
        assert [one.edition_id for one in missed] == [f"politics/{DAY}"]
        assert [one.day for one in due] == [date(2026, 11, 25)]


def test_there_is_an_alarm_at_the_next_readers_hour(tmp_path: Path) -> None:
    readers = {"tokyo": "Asia/Tokyo", "york": "America/New_York"}
    clock = Clock(instant_of(DAY, SEVEN, ZoneInfo("Asia/Tokyo")) - timedelta(minutes=1))
    with opened(tmp_path, readers, clock) as app:
        clock.now += timedelta(minutes=1)
        catch_up(app)
        reports: list[object] = []
        with scheduled(app, reports.append) as scheduler:
            scheduler.get_job("catch-up").func()
            alarm = scheduler.get_job("readers-hour")
            assert alarm is not None
            assert alarm.trigger.run_date == instant_of(DAY, SEVEN, ZoneInfo("Europe/Berlin"))


ANY_ZONE = st.sampled_from(ZONES)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.times(), st.sets(ANY_ZONE, min_size=1))
@examples(derandomize=True, max_examples=100, deadline=None)
def test_every_zone_is_in_one_wave_of_every_day(day: date, at: time, zones: set[str]) -> None:
    at = at.replace(second=0, microsecond=0)
    waves = waves_of(day, at, zones)
    assert sorted(zone for wave in waves for zone in wave.zones) == sorted(zones)
    assert [wave.at for wave in waves] == sorted({wave.at for wave in waves})


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # skipped
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # repeated
        ("America/New_York", date(2028, 2, 29), SEVEN, datetime(2028, 2, 29, 12, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_wave_comes_once_on_the_days_that_clocks_change(zone: str, day: date, at: time, utc: datetime) -> None:
    assert [wave.at for wave in waves_of(day, at, [zone])] == [utc]
