"""`digest serve`'s clock: wakes up at each section's time and fills the slots that are due.

APScheduler is only the alarm. Which editions are to be made is worked out from the slots and the
editions that exist, so an alarm that rings twice, late or not at all makes no second edition and
loses none: the catch-up pass finds slots that should have an edition and don't.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.app import App
from digest.config import Config
from digest.deliver import arming, ledger
from digest.deliver.waves import next_wave_of_all
from digest.errors import DisarmedError, StoreError
from digest.events import log_trouble
from digest.model import EditionStatus
from digest.pipeline import run, settle, too_late_at, unfinished
from digest.reports import RunReport, report_on
from digest.slots import Slot, slots_between
from digest.store import editions, settings, subscribers
from digest.subscribing import import_lists

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

__all__ = ["catch_up", "due_slots", "readers_zones", "scheduled", "slots_of"]

LOOK_BACK = timedelta(days=7)  # older slots are history, not work
CATCH_UP_SECONDS = 60
_UNFROZEN = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED})


def slots_of(
    config: Config,
    start: datetime,
    end: datetime,
    sections: tuple[str, ...] = (),
    *,
    zones: Collection[str] = (),
) -> tuple[Slot, ...]:
    """Return the slots of `sections` (all when empty) with `start` < at <= `end`, in time order.

    Args:
        zones: That readers are in, for the sections that go out at each reader's own hour.
    """
    found: list[Slot] = []
    for key in sections or config.sections:
        told = config.sections[key]
        theirs = zones if told.is_at_readers_hour else None
        found += slots_between(key, told.at_time, told.weekdays, config.zone_of(key), start, end, readers_zones=theirs)
    return tuple(sorted(found))


def readers_zones(app: App) -> tuple[str, ...]:
    """Return the zones that readers are in, where a section goes out at their own hour."""
    return subscribers.zones_in_use(app.database) if _has_readers_hours(app.config) else ()


def _has_readers_hours(config: Config) -> bool:
    return any(section.is_at_readers_hour for section in config.sections.values())


def due_slots(app: App) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Return (to fill now, missed): the slots up to now whose edition is not finished.

    Slots from before this installation first served are neither.
    """
    now = app.now()
    since = max(now - LOOK_BACK, settings.first_served(app.database, now))
    fill: list[Slot] = []
    missed: list[Slot] = []
    for slot in slots_of(app.config, since, now, zones=readers_zones(app)):
        row = editions.get_edition(app.database, slot.edition_id)
        if row is not None and row.status.is_finished:
            continue
        is_missed = now > too_late_at(app, slot, row) and not ledger.has_begun(app.database, slot.edition_id)
        (missed if is_missed else fill).append(slot)
    known = {slot.edition_id for slot in (*fill, *missed)}
    fill += (slot for slot in unfinished(app) if slot.edition_id not in known)  # also corrections, combined letters
    return tuple(fill), tuple(missed)


def catch_up(app: App, *, stop: threading.Event | None = None) -> RunReport | None:
    """Fill the slots that are due, record the ones that are too late; None when there is nothing to do."""
    notes = settle(app)
    if _has_readers_hours(app.config):
        import_lists(app.config, app.database, app.now())  # their zones say when the day begins
    fill, missed = due_slots(app)
    for slot in missed:
        reason = _why_missed(app, slot)
        editions.open_edition(app.database, slot.section, slot.at, app.now(), slot.edition_id)
        editions.set_status(
            app.database, slot.edition_id, EditionStatus.MISSED, expected=_UNFROZEN, reason=reason, now=app.now()
        )
    done = run(app, fill, stop=stop) if fill else RunReport(())
    reports = (*(report_on(app.database, slot.edition_id) for slot in missed), *done.editions)
    return replace(done, editions=reports, notes=notes) if reports or notes else None


def _why_missed(app: App, slot: Slot) -> str:
    row = editions.get_edition(app.database, slot.edition_id)
    if row is None:
        return f"nothing was running at {slot.at:%Y-%m-%d %H:%M} UTC"
    if editions.get_letter(app.database, slot.edition_id) is None:
        return "there were not enough stories in time; see the sources' problems"
    try:
        arming.require_armed(app.database, app.sender, app.host)
    except DisarmedError as error:
        return str(error)
    return "it was composed, and not submitted in time"


@contextmanager
def scheduled(app: App, report: Callable[[RunReport], None]) -> Iterator[BackgroundScheduler]:
    """Keep the alarms running; on leaving, wait for what is in flight.

    `report` gets what each run did, on the scheduler's thread.
    """
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.date import DateTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    stop = threading.Event()
    one_at_a_time = threading.Lock()
    told: list[RunReport] = []

    def wake() -> None:
        with one_at_a_time:
            try:
                done = catch_up(app, stop=stop)
            except StoreError as error:
                log_trouble(error)
                return
            if done is not None and (not told or told[-1].editions != done.editions):
                told[:] = [done]  # what stays as it is, is told once and not every minute
                report(done)
            if not stop.is_set() and (next_hour := next_wave_of_all(app.database, app.now())) is not None:
                scheduler.add_job(wake, DateTrigger(next_hour), id="readers-hour", replace_existing=True)

    settings.first_served(app.database, app.now())
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": 3600})
    for key, section in app.config.sections.items():
        trigger = CronTrigger(
            day_of_week=",".join(str(day) for day in sorted(section.weekdays)),
            hour=section.at_time.hour,
            minute=section.at_time.minute,
            timezone=app.config.zone_of(key),
        )
        scheduler.add_job(wake, trigger, id=key)
    scheduler.add_job(
        wake, IntervalTrigger(seconds=CATCH_UP_SECONDS), id="catch-up", next_run_time=app.now(), max_instances=1
    )
    scheduler.start()
    try:
        yield scheduler
    finally:
        stop.set()
        scheduler.shutdown(wait=True)
