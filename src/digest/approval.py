"""Editions that need an editor's word before they leave: until when it is waited for, and what silence means."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.app import App
from digest.slots import Slot

__all__ = ["approve_by", "is_unwanted", "told_deadline", "waits_for_approval"]


def approve_by(app: App, slot: Slot) -> datetime | None:
    """Return until when an editor's word is waited for, None where none is needed."""
    section = app.config.sections[slot.section]
    if section.approval == "auto":
        return None
    return slot.at + timedelta(minutes=section.approve_by_minutes)


def waits_for_approval(app: App, slot: Slot) -> bool:
    """Say whether there is still time for an editor's word that is needed."""
    until = approve_by(app, slot)
    return until is not None and app.now() < until


def is_unwanted(app: App, slot: Slot) -> bool:
    """Say whether the time for an editor's word has passed, and that means no."""
    until = approve_by(app, slot)
    return until is not None and app.now() >= until and app.config.sections[slot.section].if_unanswered == "skip"


def told_deadline(app: App, slot: Slot) -> str:
    """Return the deadline in the section's own time, with its date where that is another day's."""
    until = approve_by(app, slot)
    if until is None:
        return ""
    local = until.astimezone(app.config.zone_of(slot.section))
    return f"{local:%H:%M}" if local.date() == slot.day else f"{local:%Y-%m-%d %H:%M}"
