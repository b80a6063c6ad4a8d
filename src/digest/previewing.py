"""Today's edition as it would go out now, or as it was frozen: of one section, or of several in one letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import digest.render as render
from digest.app import App
from digest.composing import Collected, compose_letter, draft
from digest.errors import EditionError
from digest.model import Edition, Letter
from digest.pipeline import today
from digest.slots import Slot
from digest.store import editions
from digest.store.edits import edits_of

__all__ = ["edition_and_letter", "require_combinable"]


def edition_and_letter(app: App, sections: Sequence[str], collect: Callable[[], Collected]) -> tuple[Edition, Letter]:
    """Return today's frozen edition and letter, or compose them of what `collect` gives.

    Args:
        sections: In the order of config.toml; of several, what those get who read all of them.

    Raises:
        EditionError: they never stand in one letter, or there are too few stories.
    """
    require_combinable(app, sections)
    slot = today(app, sections[0])
    edition_id = Slot(slot.at, "+".join(sections), slot.day).edition_id
    letter, content = editions.get_letter(app.database, edition_id), editions.get_content(app.database, edition_id)
    if letter is not None and content is not None:
        return content, letter
    if len(sections) == 1:
        return _composed(app, _drafted(app, slot, collect()))
    frozen = {key: editions.get_content(app.database, today(app, key).edition_id) for key in sections}
    collected = collect() if None in frozen.values() else None
    parts = [
        content
        if content is not None or collected is None
        else _composed(app, _drafted(app, today(app, key), collected))[0]
        for key, content in frozen.items()
    ]
    return _composed(app, render.combine([part for part in parts if part is not None], edition_id))


def _composed(app: App, edition: Edition) -> tuple[Edition, Letter]:
    fitted, letter, _ = compose_letter(app, edition)
    return fitted, letter


def _drafted(app: App, slot: Slot, collected: Collected) -> Edition:
    made = draft(app, slot, collected)
    if made.edition is None:
        raise EditionError(f"{slot.edition_id} would be skipped: {' '.join(made.choice.notes)}")
    return made.edition


def require_combinable(app: App, sections: Sequence[str]) -> None:
    """Pass when the sections come in one letter to whoever reads all of them; one alone always does.

    Raises:
        EditionError: says which two never do, and why.
    """
    first, *others = sections
    for section in sections if others else ():
        if not app.config.sections[section].combine:
            raise EditionError(f"{_listed(sections)} never stand in one letter: {section} has combine = false.")
        if _tries_subjects(app, section):
            raise EditionError(f"{section} tries two subjects today, and comes in a letter of its own.")
    for other in others:
        if why := _parted_by(app, first, other):
            raise EditionError(f"{first} and {other} never stand in one letter: {why}.")


def _parted_by(app: App, one: str, other: str) -> str:
    """Return why two sections aren't decided on together, "" when they are."""
    first, second = app.config.sections[one], app.config.sections[other]
    hours = [f"{key} goes out at {_hour(app, key)}" for key in (one, other)]
    if first.is_at_readers_hour != second.is_at_readers_hour or _moment(app, one) != _moment(app, other):
        return " and ".join(hours)
    if first.weekdays.isdisjoint(second.weekdays):
        return f"{one} goes out {first.days} and {other} {second.days}"
    return ""


def _moment(app: App, section: str) -> tuple[object, object]:
    slot = today(app, section)
    return slot.at, slot.day


def _hour(app: App, section: str) -> str:
    told = app.config.sections[section]
    clock = "by each reader's own clock" if told.is_at_readers_hour else f"in {app.config.zone_of(section).key}"
    return f"{told.at} {clock}"


def _tries_subjects(app: App, section: str) -> bool:
    if app.config.sections[section].is_at_readers_hour:
        return False
    return bool(edits_of(app.database, today(app, section).edition_id).other_subject)


def _listed(sections: Sequence[str]) -> str:
    return f"{', '.join(sections[:-1])} and {sections[-1]}"
