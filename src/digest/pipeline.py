"""The path of one edition. Read this first.

    sources | collect | cluster | rank | choose | compress | compose | render | freeze | combine | deliver

`run` takes slots and gives each of them exactly one edition. Everything up to `freeze` may be done
again and gives the same bytes (`composing`); from there on the stored letter and the ledger's rows
are the truth, and a restart goes on from them (`deliver.dispatch`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from digest.app import App
from digest.approval import is_unwanted, told_deadline, waits_for_approval
from digest.audience import ReaderLinks
from digest.combining import Ready, freeze_audiences, remaining_letter
from digest.composing import Collected, collect_stories, compose_letter, draft, recheck
from digest.deliver import arming, dispatch, ledger, surprise
from digest.deliver.envelope import encode_letter
from digest.deliver.forecast import target_of
from digest.deliver.segments import sections_of
from digest.deliver.settling import settle_orphans
from digest.deliver.warm_up import allowance
from digest.deliver.waves import next_wave
from digest.errors import DeliveryError, DisarmedError, EditionError, StoreError, TemplateError
from digest.feedback.reconciling import reconcile
from digest.mishaps import note_mishap
from digest.model import Addressed, Delivery, EditionStatus, Letter
from digest.reports import EditionReport, RunReport, report_on
from digest.slots import Slot, instant_of, local_date, read_edition_id
from digest.store import editions, subscribers
from digest.store.considered import keep_considered
from digest.store.editions import EditionRow
from digest.store.edits import edits_of
from digest.subscribing import import_lists
from digest.trying import FIRST_PART, linked_anew, second_letter, settle_trial, told_trial

__all__ = ["addressed", "freeze_approved", "run", "settle", "today", "too_late_at", "unfinished"]

# A refusal that may pass is waited for this long at a time; the next run or alarm goes on with it.
PATIENCE_SECONDS = 90.0
_BEGUN = frozenset({EditionStatus.APPROVED, EditionStatus.SENDING})
_UNFROZEN = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED})
_REOPENED = frozenset({EditionStatus.SKIPPED, EditionStatus.MISSED})


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a run is to be done."""

    stop: threading.Event
    tell: Callable[[str], None]
    is_asked_for: bool


def run(
    app: App,
    slots: Sequence[Slot],
    *,
    stop: threading.Event | None = None,
    tell: Callable[[str], None] | None = None,
    is_asked_for: bool = False,
) -> RunReport:
    """Fill each slot with its one edition, from the sources to the inboxes.

    An edition that exists is gone on with, or left alone when it is finished.

    Args:
        stop: Set it to end early; what is in flight is finished.
        tell: Gets what is worth knowing while letters leave.
        is_asked_for: Somebody wants it now, whatever the clock says: `too_late_minutes` count from here,
            and an edition that was skipped or missed before anything was submitted gets another try.
    """
    wish = _Wish(stop or threading.Event(), tell or (lambda _: None), is_asked_for)
    list_faults = import_lists(app.config, app.database, app.now())
    rows = [_open(app, slot, is_asked_for=is_asked_for) for slot in slots]
    started = time.monotonic()
    needs_stories = any(_needs_stories(app, slot, row) for slot, row in zip(slots, rows, strict=True))
    collected = collect_stories(app) if needs_stories else None
    seconds = time.monotonic() - started
    together = [slot for slot in _together(app, slots) if slot not in slots]
    prepared = [_alone(app, slot, partial(_prepare, app, slot, collected, wish)) for slot in (*slots, *together)]
    ready = freeze_audiences(app, [one for one in prepared if isinstance(one, Ready)], is_asked_for=is_asked_for)
    delivered = [_alone(app, one.slot, partial(_deliver, app, one, wish)) for one in ready]
    reports = [one for one in (*prepared, *delivered) if isinstance(one, EditionReport)]
    if collected is None:
        return RunReport(tuple(reports), list_faults=list_faults)
    return RunReport(
        tuple(reports),
        stories=len(collected.stories),
        sources=len(app.config.sources),
        seconds=seconds,
        popularity_input=collected.popularity_input,
        moves=collected.moves,
        problems=collected.problems,
        list_faults=list_faults,
    )


def settle(app: App) -> tuple[str, ...]:
    """Settle what earlier runs left uncertain, as far as it can be told now; return what to tell.

    An edition that something is queued again of is among the unfinished ones then.
    """
    orphans = settle_orphans(app.database, app.now())
    told = (f"In flight when an earlier run stopped, and uncertain now: {orphans}.",) if orphans else ()
    return (*told, *reconcile(app.database, app.now(), app.config.delivery).notes)


def today(app: App, section: str) -> Slot:
    """Return the slot of `section` for today's local date, whether its time has come or not."""
    zone = app.config.zone_of(section)
    day = local_date(app.now(), zone)
    return Slot(instant_of(day, app.config.sections[section].at_time, zone), section, day)


def _together(app: App, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Return the slots of editions of several sections that were made of these before, in their order."""
    ids = dict.fromkeys(
        whole for slot in slots for whole in editions.within(app.database, slot.edition_id) if whole != slot.edition_id
    )
    rows = (editions.get_edition(app.database, whole) for whole in ids)
    return tuple(
        Slot(row.slot, *read_edition_id(row.id)) for row in rows if row is not None and row.candidates is not None
    )


def unfinished(app: App, section: str = "") -> tuple[Slot, ...]:
    """Return the slots of earlier editions that letters are still queued for, oldest first.

    Args:
        section: Only of those that have it in them; "" for all.
    """
    return tuple(
        Slot(row.slot, *read_edition_id(row.id))
        for row in editions.list_unfinished(app.database)
        if not section or section in row.section.split("+")
    )


def too_late_at(app: App, slot: Slot, row: EditionRow | None) -> datetime:
    """Return when the edition of `slot` is given up, counted from its time or from when somebody wanted it."""
    return (row.late_at if row is not None else None) or (slot.until or slot.at) + _slack(app)


def _slack(app: App) -> timedelta:
    return timedelta(minutes=app.config.delivery.too_late_minutes)


def _open(app: App, slot: Slot, *, is_asked_for: bool) -> EditionRow:
    row = editions.open_edition(app.database, slot.section, slot.at, app.now(), slot.edition_id)
    if not is_asked_for:
        return row
    if row.status is not EditionStatus.SENDING:  # what was begun and is too late now is for an operator to judge
        editions.set_late(app.database, row.id, app.now() + _slack(app))
    if row.status in _REOPENED and not ledger.has_begun(app.database, row.id):
        has_letter = editions.get_letter(app.database, row.id) is not None
        status = EditionStatus.APPROVED if has_letter else EditionStatus.DRAFT
        editions.set_status(app.database, row.id, status, expected=_REOPENED, now=app.now())
    return editions.get_edition(app.database, row.id) or row


def _needs_stories(app: App, slot: Slot, row: EditionRow) -> bool:
    if row.status.is_finished or editions.get_letter(app.database, row.id) is not None:
        return False
    return not (waits_for_approval(app, slot) or is_unwanted(app, slot))


def _alone(app: App, slot: Slot, work: Callable[[], Ready | EditionReport]) -> Ready | EditionReport:
    """Do one slot's work so that whatever goes wrong with it stops no other section's."""
    try:
        return work()
    except StoreError:
        raise
    except EditionError as error:  # held, cancelled or frozen by someone else meanwhile
        return report_on(app.database, slot.edition_id, (str(error),))
    except Exception as error:
        note_mishap(slot.edition_id, error)
        reason = f"a fault in Digest, {type(error).__name__}: {error}. Report it; `digest approve` tries again."
        _set_status(app, slot, EditionStatus.HELD, reason)
        return report_on(app.database, slot.edition_id)


def _prepare(app: App, slot: Slot, collected: Collected | None, wish: _Wish) -> Ready | EditionReport:
    """Bring the edition of `slot` to where its audience can be decided, or say why it stays where it is."""
    row = editions.get_edition(app.database, slot.edition_id)
    if row is not None and row.status is EditionStatus.HELD:
        return report_on(app.database, slot.edition_id, (f"It is held; `digest resume {row.id}` lets it go on.",))
    if row is None or row.status.is_finished:
        return report_on(app.database, slot.edition_id, ("It was finished before; nothing new is submitted.",))
    if wish.stop.is_set():
        return report_on(app.database, slot.edition_id)
    if row.candidates is None and not dict(subscribers.count_by_section(app.database)).get(slot.section):
        where = f"subscribers/{slot.section}.csv"
        return report_on(
            app.database, slot.edition_id, (f"Nobody gets it: there are no readers. Add some to {where}.",)
        )
    letter = editions.get_letter(app.database, slot.edition_id)
    notes: tuple[str, ...] = ()
    if letter is None:
        if waits_for_approval(app, slot):
            note = f"It waits for `digest approve {slot.section}` until {told_deadline(app, slot)}."
            return replace(report_on(app.database, slot.edition_id, (note,)), waits=True)
        if is_unwanted(app, slot):
            _set_status(app, slot, EditionStatus.SKIPPED, f"nobody approved it by {told_deadline(app, slot)}")
            return report_on(app.database, slot.edition_id)
        if collected is None:
            return report_on(app.database, slot.edition_id)
        letter, notes = _freeze(app, slot, collected, may_wait=not wish.is_asked_for)
        if letter is None:
            return report_on(app.database, slot.edition_id, notes)
    objection = _objection(app, slot, is_frozen=row.candidates is not None)
    if objection:
        return report_on(app.database, slot.edition_id, (*notes, objection))
    return Ready(slot, letter, notes)


def freeze_approved(app: App, slot: Slot) -> tuple[str, ...]:
    """Compose the edition that an editor has approved and freeze its letter; it leaves at its time.

    Returns:
        What is worth telling.

    Raises:
        EditionError: it can't be composed, or is no longer a draft.
    """
    editions.open_edition(app.database, slot.section, slot.at, app.now(), slot.edition_id)
    letter, notes = _freeze(app, slot, collect_stories(app), may_wait=True)
    if letter is None:
        row = editions.get_edition(app.database, slot.edition_id)
        raise EditionError(f"{slot.edition_id} can't be approved: {' '.join(notes) or (row.reason if row else '')}")
    return notes


def _freeze(app: App, slot: Slot, collected: Collected, *, may_wait: bool) -> tuple[Letter | None, tuple[str, ...]]:
    """Compose the edition and store its letter; without stories enough, skip it or wait for the sources."""
    made = draft(app, slot, collected)
    collected, changes = recheck(app, collected, made)
    if changes:
        made = draft(app, slot, collected)
    notes = (*changes, *made.choice.notes)
    if made.edition is None:
        reason = " ".join(notes)
        if may_wait and collected.problems:
            return None, (f"{reason} Sources have failed: the next alarm tries again until it is too late.",)
        _set_status(app, slot, EditionStatus.SKIPPED, reason)
        return None, ()
    try:
        draft_edition = linked_anew(app, made.edition, FIRST_PART) if made.edits.other_subject else made.edition
        edition, letter, cuts = compose_letter(app, draft_edition)
        other = second_letter(app, edition, made.edits.other_subject) if made.edits.other_subject else None
        for each in filter(None, (letter, other)):
            encode_letter(each)  # what can't leave is told now, not once a reader
    except (TemplateError, DeliveryError) as error:
        _set_status(app, slot, EditionStatus.HELD, f"no letter can be made: {error}")
        return None, notes
    if edits_of(app.database, slot.edition_id) != made.edits:  # an editor was at work meanwhile
        return _freeze(app, slot, collected, may_wait=may_wait)
    if other is not None:
        editions.put_variant(app.database, other, app.now())
    frozen = editions.freeze(app.database, edition, letter, app.now())
    keep_considered(app.database, slot.edition_id, collected.at, made.picks)
    return frozen, (*notes, *cuts)


def _objection(app: App, slot: Slot, *, is_frozen: bool) -> str:
    """Return why nothing may be submitted of an edition now, "" when all is well."""
    try:
        arming.require_armed(app.database, app.sender, app.host)
    except DisarmedError as error:
        return str(error)
    if is_frozen:
        return ""
    found = surprise.check(app.database, slot.edition_id, slot.section, app.config.delivery.surprise_percent)
    if not found:
        return ""
    _set_status(app, slot, EditionStatus.HELD, surprise.reason(found))
    return "`digest approve` lets it go on as it is."


def _deliver(app: App, ready: Ready, wish: _Wish) -> EditionReport:
    """Walk the ledger of an edition whose audience is frozen."""
    slot, told = ready.slot, app.config.delivery
    trial = settle_trial(app, slot)
    zone = app.config.zone_of(slot.section)
    has_waves = next_wave(app.database, slot.edition_id, app.now()) is not None
    delivered = dispatch.deliver(
        app.database,
        slot.edition_id,
        ready.letter,
        app.sender,
        partial(addressed, app.links, slot.section),
        told,
        now=app.now,
        stop=wish.stop,
        patience_seconds=PATIENCE_SECONDS,
        domains=app.domains,
        allowance=_allowance(app, slot.section, zone),
        target=None if has_waves else target_of(slot.day, slot.at, told.finish_by, zone),
        make_letter=partial(remaining_letter, app, slot.edition_id),
        tell=wish.tell,
    )
    notes = (*ready.notes, *told_trial(app, slot, trial), *delivered.notes)
    report = report_on(app.database, slot.edition_id, notes)
    is_tried = trial is not None and not trial.winner
    return replace(report, waits=(is_tried or has_waves) and delivered.status is EditionStatus.SENDING)


def _allowance(app: App, section: str, zone: ZoneInfo) -> int | None:
    """Return how many letters may leave today, None for all of them."""
    if not (app.config.delivery.warm_up and app.sender.reaches_people):
        return None
    return allowance(app.database, section, len(app.config.sections), app.now(), zone)


def addressed(links: ReaderLinks, section: str, delivery: Delivery) -> Addressed:
    """Return a delivery with its reader's own links; they leave what of `section` their letter has."""
    reader, kept = delivery.subscriber_id, "+".join(sections_of(delivery.segment))
    return Addressed(delivery, links.unsubscribe_url(reader, kept or section), links.preferences_url(reader))


def _set_status(app: App, slot: Slot, status: EditionStatus, reason: str) -> None:
    editions.set_status(app.database, slot.edition_id, status, expected=_UNFROZEN, reason=reason, now=app.now())
