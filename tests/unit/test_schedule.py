"""Which slots are due, whatever the alarms did. Real SQLite, and a folder of stories as the source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.config import load_config
from digest.model import EditionStatus
from digest.schedule import catch_up, due_slots, scheduled
from digest.store import editions, settings
from digest.wiring import open_app

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
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
minimum = 1
"""


@contextmanager
def opened(folder: Path, now: datetime) -> Iterator[App]:
    (folder / "stories").mkdir(exist_ok=True)
    (folder / "subscribers").mkdir(exist_ok=True)
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    (folder / "subscribers" / "politics.csv").write_text("email\nreader@example.com\n", "utf-8")
    with open_app(load_config(folder / "config.toml")) as app:
        settings.first_served(app.database, START)
        yield replace(app, now=lambda: now)


def write_story(folder: Path, published_at: datetime) -> None:
    folder.joinpath("stories").mkdir(exist_ok=True)
    text = "The harbour board has raised the mooring dues by 6 per cent from the first of January, it said. " * 3
    story = {
        "url": f"https://example.com/{published_at:%d}",
        "title": f"Dues of the {published_at:%d}th rise",
        "text": text,
        "published_at": published_at.isoformat(),
    }
    (folder / "stories" / f"{published_at:%d}.json").write_text(json.dumps(story), "utf-8")


def ids(slots: tuple[object, ...]) -> list[str]:
    return [str(getattr(slot, "edition_id", "")) for slot in slots]


@pytest.mark.parametrize(
    ("now", "fill", "missed"),
    [
        (START, [], []),  # slots from before the first start were promised to nobody
        (datetime(2026, 11, 21, 5, 59, tzinfo=UTC), [], []),
        (datetime(2026, 11, 21, 6, 0, tzinfo=UTC), ["politics/2026-11-21"], []),
        (datetime(2026, 11, 21, 8, 0, tzinfo=UTC), ["politics/2026-11-21"], []),
        (datetime(2026, 11, 21, 8, 1, tzinfo=UTC), [], ["politics/2026-11-21"]),
        (datetime(2026, 11, 22, 6, 30, tzinfo=UTC), ["politics/2026-11-22"], ["politics/2026-11-21"]),
    ],
)
def test_a_slot_is_due_from_its_time_until_it_is_too_late(
    tmp_path: Path, now: datetime, fill: list[str], missed: list[str]
) -> None:
    with opened(tmp_path, now) as app:
        due, late = due_slots(app)
        assert (ids(due), ids(late)) == (fill, missed)


def test_catching_up_fills_a_slot_once_and_records_what_was_missed(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    write_story(tmp_path, now - timedelta(hours=3))
    with opened(tmp_path, now) as app:
        first, second = catch_up(app), catch_up(app)
        assert first is not None
        assert second is None, "nothing is due any more"
        statuses = {row.id: row.status for row in editions.list_editions(app.database)}
    assert statuses == {"politics/2026-11-22": EditionStatus.DONE, "politics/2026-11-21": EditionStatus.MISSED}
    assert len(list((tmp_path / "var" / "outbox").rglob("*.eml"))) == 1


def test_an_edition_in_mid_delivery_is_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    write_story(tmp_path, now - timedelta(hours=3))
    with opened(tmp_path, now) as app:
        catch_up(app)
        editions.set_status(
            app.database,
            "politics/2026-11-21",
            EditionStatus.SENDING,
            expected=frozenset({EditionStatus.DONE}),
            now=now,
        )
        assert ids(due_slots(app)[0]) == ["politics/2026-11-21"]
        catch_up(app)
        row = editions.get_edition(app.database, "politics/2026-11-21")
    assert row is not None
    assert row.status is EditionStatus.DONE
    assert len(list((tmp_path / "var" / "outbox").rglob("*.eml"))) == 1


def test_each_section_has_an_alarm_in_its_own_zone_and_there_is_one_for_catching_up(tmp_path: Path) -> None:
    with opened(tmp_path, START) as app, scheduled(app, lambda _: None) as scheduler:
        jobs = {job.id: job for job in scheduler.get_jobs()}
        assert set(jobs) == {"politics", "catch-up"}
        local = jobs["politics"].next_run_time
        assert (local.hour, local.minute, str(local.tzinfo)) == (7, 0, "Europe/Berlin")
