"""A letter that says what was wrong, to those who got the wrong one: an edition of its own, so that once is once.

It goes the way of every letter from there: `pipeline.run` delivers it, goes on with it after a crash, and never twice.
"""

from __future__ import annotations

from dataclasses import replace

import digest.render as render
from digest.app import App
from digest.deliver import freezing
from digest.errors import EditionError
from digest.model import Brief, Edition, Masthead
from digest.render.dates import long_date
from digest.render.lines import clip
from digest.render.wording import wording_for
from digest.slots import Slot, local_date, read_edition_id
from digest.store import editions
from digest.store.corrections import Correction

__all__ = ["find_brief", "freeze_correction"]

_SUBJECT = 78  # characters (RFC 5322 §2.1.1)
_PREHEADER = 110


def find_brief(edition: Edition, wanted: str) -> Brief:
    """Return the story of a letter that is meant by an id, an address or words of its headline.

    Raises:
        EditionError: none is.
    """
    from digest.canonical import story_id

    ids, words = {wanted, story_id(wanted)}, wanted.casefold()
    found = [brief for brief in edition.briefs if brief.story.id in ids] or [
        brief for brief in edition.briefs if words in brief.headline.casefold()
    ]
    if not found:
        raise EditionError(f"No story of {edition.id} is meant by '{wanted}'. `digest stats {edition.id}` lists them.")
    return found[0]


def freeze_correction(app: App, edition: Edition, brief: Brief, correction: Correction) -> Slot:
    """Freeze the letter of a correction and its audience: everyone whose letter was accepted and who still reads.

    Returns:
        The slot to hand to `pipeline.run`. Doing it again changes nothing.
    """
    section, day, _ = read_edition_id(edition.id)
    slot = Slot(correction.at, section, day, correction.part)
    editions.open_edition(app.database, section, slot.at, app.now(), slot.edition_id)
    if editions.get_letter(app.database, slot.edition_id) is None:
        letter_edition = _edition(app, slot, edition, brief, correction)
        editions.freeze(app.database, letter_edition, render.render(letter_edition, app.theme), app.now())
    freezing.freeze_audience(
        app.database, slot.edition_id, section, app.now(), app.sender.batch_size, accepted_of=edition.id
    )
    return slot


def _edition(app: App, slot: Slot, edition: Edition, brief: Brief, correction: Correction) -> Edition:
    language = edition.publication.language
    headline = wording_for(language).correction.format(headline=brief.headline)
    today = local_date(app.now(), app.config.zone_of(slot.section))
    told = Brief(
        story=replace(brief.story, image_url="", published_at=None, updated_at=None),
        headline=headline,
        teaser=correction.note,
        link=brief.link,
    )
    return Edition(
        id=slot.edition_id,
        section=slot.section,
        slot=slot.at,
        publication=edition.publication,
        title=edition.title,
        subject=clip(headline, _SUBJECT),
        preheader=clip(correction.note, _PREHEADER),
        masthead=Masthead(long_date(today, language), edition.masthead.place, None, edition.masthead.zone),
        lead=told,
        dated_at=app.now(),
    )
