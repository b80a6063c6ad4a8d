"""A year of mornings in six zones: both changes of the clocks, a leap day, and three days without anybody there.

`make faults` goes through all of 2028 hour by hour; the ordinary run through the days on which something happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from digest.app import App
from digest.config import load_config
from digest.model import Addressed, DeliveryState, Edition, EditionStatus, Letter, Masthead, Outcome
from digest.ports import Mark, Session
from digest.schedule import catch_up
from digest.slots import Slot, instant_of
from digest.store import editions, settings
from digest.wiring import open_app
from tests.faults.harness import IS_FULL

AT = time(2, 30)  # the hour that clocks skip in spring and repeat in autumn
ZONES = {
    "york": "America/New_York",
    "berlin": "Europe/Berlin",
    "howe": "Australia/Lord_Howe",  # by half an hour
    "auckland": "Pacific/Auckland",
    "tokyo": "Asia/Tokyo",
    "johns": "America/St_Johns",
}
HEAD = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[[sources]]
kind = "folder"
path = "stories"
[delivery]
surprise_percent = 0
"""
OUTAGE = (datetime(2028, 6, 10, 9, tzinfo=UTC), datetime(2028, 6, 13, 9, tzinfo=UTC))
DAYS = [
    (date(2028, 2, 28), date(2028, 3, 1)),
    (date(2028, 3, 11), date(2028, 3, 13)),
    (date(2028, 3, 25), date(2028, 3, 27)),
    (date(2028, 4, 1), date(2028, 4, 3)),
    (date(2028, 6, 9), date(2028, 6, 15)),
    (date(2028, 9, 23), date(2028, 9, 25)),
    (date(2028, 9, 30), date(2028, 10, 2)),
    (date(2028, 10, 28), date(2028, 10, 30)),
    (date(2028, 11, 4), date(2028, 11, 6)),
    (date(2028, 12, 31), date(2029, 1, 1)),
]
PERIODS = [(date(2028, 1, 1), date(2029, 1, 2))] if IS_FULL else DAYS


@dataclass
class Recorder:
    """Accepts every letter, and notes when which edition's came for whom."""

    now: datetime
    got: list[tuple[str, str, datetime]] = field(default_factory=list)
    name: str = "recorder"
    reaches_people: bool = False
    batch_size: int = 10
    connections: int = 1

    def clock(self) -> datetime:
        return self.now

    @contextmanager
    def open(self, letter: Letter) -> Iterator[Session]:
        yield self

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterator[Outcome]:
        leaving = mark([reader.delivery.id for reader in readers])
        for reader in readers:
            if reader.delivery.id in leaving:
                self.got.append((reader.delivery.edition_id, reader.delivery.email, self.now))
                yield Outcome(reader.delivery.id, DeliveryState.ACCEPTED)


def freeze(app: App, slot: Slot, *_: object, **__: object) -> tuple[Letter, tuple[str, ...]]:
    """Store a letter without composing one: this is about when, not about what."""
    publication = app.config.publication_noun()
    edition = Edition(
        slot.edition_id, slot.section, slot.at, publication, "News", "News", "", Masthead("today"), lead=None
    )
    letter = Letter(slot.edition_id, "all", "News", "<p>News</p>", "News", (("Subject", "News"),), "m4rk")
    return editions.freeze(app.database, edition, letter, app.now()), ()


@contextmanager
def opened(folder: Path, recorder: Recorder) -> Iterator[App]:
    for name in ("stories", "subscribers"):
        (folder / name).mkdir()
    text = HEAD
    for section, zone in ZONES.items():
        text += f'[sections.{section}]\nat = "{AT:%H:%M}"\ntimezone = "{zone}"\n'
        (folder / "subscribers" / f"{section}.csv").write_text(f"email\nreader@{section}.example\n", "utf-8")
    (folder / "config.toml").write_text(text, "utf-8")
    with open_app(load_config(folder / "config.toml")) as app:
        settings.first_served(app.database, recorder.now)
        yield replace(app, now=recorder.clock, sender=recorder)


@pytest.mark.parametrize(("first", "last"), PERIODS)
def test_every_slot_has_its_edition_once_or_is_missed_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: date, last: date
) -> None:
    monkeypatch.setattr(
        "digest.pipeline.collect_stories",
        lambda _: SimpleNamespace(stories=(), moves=(), problems=(), popularity_input=""),
    )
    monkeypatch.setattr("digest.pipeline._freeze", freeze)
    # From noon in the west before the first day to noon in the west after the last.
    start = datetime.combine(first, time(0), UTC) - timedelta(hours=11)
    end = datetime.combine(last, time(0), UTC) + timedelta(hours=14)
    recorder = Recorder(start)
    with opened(tmp_path, recorder) as app:
        while recorder.now < end:
            recorder.now += timedelta(minutes=30)
            if OUTAGE[0] <= recorder.now < OUTAGE[1]:
                continue
            catch_up(app)
            catch_up(app)
        rows = {row.id: row for row in editions.list_editions(app.database, limit=5000)}

    expected = {
        f"{section}/{day}": at
        for section, zone in ZONES.items()
        for day in _days(first - timedelta(days=1), last + timedelta(days=1))
        if start < (at := instant_of(day, AT, ZoneInfo(zone))) <= end
    }
    assert rows.keys() == expected.keys()
    came = Counter(edition for edition, _, _ in recorder.got)
    late = timedelta(minutes=app.config.delivery.too_late_minutes)
    for edition, at in expected.items():
        is_missed = OUTAGE[0] <= at and at + late < OUTAGE[1]
        assert rows[edition].status is (EditionStatus.MISSED if is_missed else EditionStatus.DONE), edition
        assert came[edition] == (0 if is_missed else 1), edition
        assert not is_missed or rows[edition].reason.startswith("nothing was running at ")
    for edition, _, moment in recorder.got:
        assert timedelta(0) <= moment - expected[edition] < late + timedelta(minutes=30), edition


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
