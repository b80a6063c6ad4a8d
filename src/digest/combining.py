"""Editions that go out at the same time: one letter for each reader, with all the sections that they read.

    ready editions | by slot | the sets of sections in use | a letter for each set | one transaction freezes all

A letter is made once for a set, never for a reader. Whoever's set has no letter, because it came into use a moment
ago, gets each section's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import digest.render as render
from digest.app import App
from digest.composing import compose_letter
from digest.deliver.candidates import MOST_SECTIONS, sets_in_use
from digest.deliver.envelope import encode_letter
from digest.deliver.freezing import Audience, freeze_together
from digest.deliver.segments import sections_of
from digest.errors import DigestError, EditionError, StoreError
from digest.mishaps import note_mishap
from digest.model import Edition, EditionStatus, Letter
from digest.slots import Slot, Wave, waves_of
from digest.store import editions
from digest.store.subscribers import zones_in_use
from digest.store.workers import count_live
from digest.trying import trial_part

__all__ = ["Ready", "freeze_audiences", "remaining_letter"]

SHARED_BATCH = 250  # letters; a worker's job for a batch costs about as much as ten of them
_UNFROZEN = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED})


@dataclass(frozen=True, slots=True)
class Ready:
    """An edition whose letter is frozen, and what is worth telling about it."""

    slot: Slot
    letter: Letter
    notes: tuple[str, ...] = ()


def freeze_audiences(app: App, ready: Sequence[Ready], *, is_asked_for: bool) -> tuple[Ready, ...]:
    """Decide who gets each of the editions; return them with those of several sections that were made of them.

    Args:
        is_asked_for: Somebody wants them now: whose hour has passed already gets theirs at once.
    """
    found: list[Ready] = list(ready)
    for group in _by_slot(app, ready):
        combined = list(_combined(app, group)) if len(group) > 1 else []
        waves = _waves(app, group[0].slot, is_asked_for=is_asked_for)
        frozen = freeze_together(
            app.database,
            [_audience(app, one, waves) for one in (*group, *combined)],
            app.now(),
            _batch_size(app),
        )
        for one in combined:
            if one.slot.edition_id in frozen:
                found.append(one)
            else:
                _give_up(app, one.slot, "its sections' readers were decided on without it")
    return tuple(found)


def remaining_letter(app: App, edition_id: str, segment: str) -> Letter:
    """Return the letter of those who left a section of a combined one: what the readers of the others get.

    Raises:
        EditionError: `segment` is not of such readers, or a section's edition is not there any more.
        DigestError: it can't be rendered, or couldn't leave.
    """
    kept, day = sections_of(segment), edition_id.rpartition("/")[2]
    if not kept:
        raise EditionError(f"no letter is stored for {segment!r}; `digest audit {edition_id}` tells more")
    own_id = f"{'+'.join(kept)}/{day}"
    letter = editions.get_letter(app.database, own_id)
    if letter is None:
        parts = [_content(app, f"{key}/{day}") for key in kept]
        letter = compose_letter(app, render.combine(parts, own_id) if len(parts) > 1 else parts[0])[1]
        encode_letter(letter)
    return replace(letter, edition_id=edition_id, segment=segment)


def _content(app: App, edition_id: str) -> Edition:
    content = editions.get_content(app.database, edition_id)
    if content is None:
        raise EditionError(f"there is no edition {edition_id} to make it of")
    return content


def _by_slot(app: App, ready: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Yield those that may share a letter, and each of the others alone; frozen ones are passed over."""
    order = {key: place for place, key in enumerate(app.config.sections)}
    groups: dict[tuple[object, ...], list[Ready]] = {}
    for one in ready:
        row = editions.get_edition(app.database, one.slot.edition_id)
        if row is None or row.candidates is not None:
            continue
        slot, told = one.slot, app.config.sections.get(one.slot.section)
        key: tuple[object, ...] = (slot.edition_id,)
        if told is not None and told.combine and not slot.part and trial_part(app, slot) is None:
            key = (slot.at, slot.day, told.is_at_readers_hour)
        groups.setdefault(key, []).append(one)
    for group in groups.values():
        yield sorted(group, key=lambda one: order.get(one.slot.section, len(order)))


def _combined(app: App, group: Sequence[Ready]) -> Iterator[Ready]:
    """Yield an edition with its letter for each set of the group's sections that readers have."""
    by_section = {one.slot.section: one for one in group}
    contents = {key: editions.get_content(app.database, one.slot.edition_id) for key, one in by_section.items()}
    known = [key for key, content in contents.items() if content is not None]
    for wanted in sets_in_use(app.database, known[:MOST_SECTIONS]):
        parts = [content for key in wanted if (content := contents[key]) is not None]
        slot = Slot(group[0].slot.at, "+".join(wanted), group[0].slot.day, until=group[0].slot.until)
        try:
            made = _letter(app, slot, parts)
        except StoreError:
            raise
        except Exception as error:  # each section's own letter is there all the same
            if not isinstance(error, DigestError):
                note_mishap(slot.edition_id, error)
            _give_up(app, slot, f"no letter can be made: {error}")
            continue
        if made is not None:
            yield made


def _letter(app: App, slot: Slot, parts: Sequence[Edition]) -> Ready | None:
    belonging = [(part.section, part.id) for part in parts]
    row = editions.open_edition(app.database, slot.section, slot.at, app.now(), slot.edition_id, belonging)
    if row.status not in _UNFROZEN:
        return None
    given = [part.late_at for _, part_id in belonging if (part := editions.get_edition(app.database, part_id))]
    if late := max(filter(None, given), default=None):
        editions.set_late(app.database, slot.edition_id, late)
    standing = editions.get_letter(app.database, slot.edition_id)
    if standing is not None:
        return Ready(slot, standing)
    edition, letter, cuts = compose_letter(app, render.combine(parts, slot.edition_id))
    encode_letter(letter)  # what can't leave is told now, not once a reader
    return Ready(slot, editions.freeze(app.database, edition, letter, app.now()), cuts)


def _waves(app: App, slot: Slot, *, is_asked_for: bool) -> tuple[Wave, ...]:
    """Return when the readers' hours of a slot come; none where all have one hour."""
    section = app.config.sections.get(slot.section)
    if section is None or not section.is_at_readers_hour or slot.part:
        return ()
    zones = {app.config.zone_of(slot.section).key, *zones_in_use(app.database)}
    waves = waves_of(slot.day, section.at_time, zones)
    if not is_asked_for:
        return waves
    now = app.now()
    passed = tuple(zone for wave in waves if wave.at <= now for zone in wave.zones)
    ahead = tuple(wave for wave in waves if wave.at > now)
    return (Wave(now, passed), *ahead) if passed else ahead


def _audience(app: App, one: Ready, waves: tuple[Wave, ...]) -> Audience:
    sections = tuple(one.slot.section.split("+"))
    late_at: datetime | None = None
    if waves:
        late_at = waves[-1].at + timedelta(minutes=app.config.delivery.too_late_minutes)
    return Audience(
        one.slot.edition_id,
        sections,
        waves,
        base_zone=app.config.zone_of(one.slot.section).key if waves else "",
        late_at=late_at,
        part=trial_part(app, one.slot) if len(sections) == 1 else None,
        hand_over=not (app.config.delivery.warm_up and app.sender.reaches_people),
    )


def _batch_size(app: App) -> int:
    """Return how many letters are handed to a sender at a time; fewer where workers are to share them."""
    return min(app.sender.batch_size, SHARED_BATCH) if count_live(app.database) else app.sender.batch_size


def _give_up(app: App, slot: Slot, why: str) -> None:
    """End an edition of several sections whose readers get each section's own letter."""
    row = editions.get_edition(app.database, slot.edition_id)
    if row is not None and row.candidates is None:
        reason = f"{why}; its readers get each section's own"
        editions.set_status(
            app.database, slot.edition_id, EditionStatus.CANCELLED, expected=_UNFROZEN, reason=reason, now=app.now()
        )
