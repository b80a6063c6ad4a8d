"""Two subjects for one edition: the second letter, and the clicks that decide between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

import digest.render as render
from digest.app import App
from digest.deliver.trials import FEWEST_READERS, SECOND, Trial, begin_trial, decide, trial_of
from digest.model import Brief, Edition, Letter
from digest.slots import Slot
from digest.store import editions
from digest.store.clicks import clicks_of

__all__ = [
    "FIRST_PART",
    "SECOND_PART",
    "WHY_ONE_HOUR",
    "linked_anew",
    "second_letter",
    "settle_trial",
    "told_trial",
    "trial_part",
]

FIRST_PART, SECOND_PART = "-a", "-b"
"""What the edition's id ends with in the links of the two letters, so that clicks tell which was opened."""


WHY_ONE_HOUR = (
    "Two subjects are tried where all readers have one hour: at their own, whoever is furthest east would decide "
    "for all, from a few countries and long before the others wake."
)


def linked_anew(app: App, edition: Edition, part: str) -> Edition:
    """Return the edition with the links of one of the two letters."""

    def linked(brief: Brief) -> Brief:
        is_counted = bool(brief.link)
        return replace(brief, link=app.links.click_url(edition.id + part, brief.story.url)) if is_counted else brief

    return replace(
        edition,
        lead=linked(edition.lead) if edition.lead else None,
        top=tuple(map(linked, edition.top)),
        popular=tuple(map(linked, edition.popular)),
        more=tuple(map(linked, edition.more)),
    )


def second_letter(app: App, edition: Edition, subject: str) -> Letter:
    """Return the same edition under the other subject."""
    other = replace(linked_anew(app, edition, SECOND_PART), subject=subject)
    return replace(render.render(other, app.theme), segment=SECOND)


def settle_trial(app: App, slot: Slot) -> Trial | None:
    """Decide the edition's trial if it is time; return it as it stands, None when there is none."""
    if trial_of(app.database, slot.edition_id) is None:
        return None
    first, second = (
        sum(clicks_of(app.database, slot.edition_id + part).values()) for part in (FIRST_PART, SECOND_PART)
    )
    return decide(app.database, slot.edition_id, first, second, app.now())


def trial_part(app: App, slot: Slot) -> Callable[[Connection], object] | None:
    """Return what parts the edition's new audience for a trial, None where there is but one subject."""
    section = app.config.sections.get(slot.section)
    if section is None or section.is_at_readers_hour:
        return None
    if SECOND not in editions.segments_of(app.database, slot.edition_id):
        return None
    told = section.subject_trial
    return partial(
        begin_trial,
        edition_id=slot.edition_id,
        share=told.share,
        decide_at=app.now() + timedelta(minutes=told.decide_after_minutes),
        batch_size=app.sender.batch_size,
    )


def told_trial(app: App, slot: Slot, trial: Trial | None) -> tuple[str, ...]:
    """Say where a trial stands, and why there is none where two subjects were given."""
    if trial is None:
        is_wanted = SECOND in editions.segments_of(app.database, slot.edition_id)
        section = app.config.sections.get(slot.section)
        if is_wanted and section is not None and section.is_at_readers_hour:
            return (f"All get the first subject. {WHY_ONE_HOUR}",)
        few = f"Too few readers to try two subjects ({FEWEST_READERS} for each are needed): all get the first."
        return (few,) if is_wanted else ()
    if not trial.winner:
        at = trial.decide_at.astimezone(app.config.zone_of(slot.section))
        return (f"Two subjects are tried until {at:%H:%M}; the rest gets the winner at the next run or alarm then.",)
    which = "second" if trial.winner == SECOND else "first"
    return (f"The {which} subject won: {trial.why}.",)
