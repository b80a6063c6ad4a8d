"""Choice and briefs → `Edition`: what one section's email says, before anyone decides how it looks.

Pure: the same arguments give the same edition, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.model import Brief, Choice, Edition, Masthead, Pick, Publication, Weather
from digest.render.dates import long_date
from digest.render.lines import clip, one_line
from digest.render.phrases import phrase_of
from digest.render.subjects import BETWEEN, PREHEADER_ROOM

__all__ = ["compose"]

# Mail apps show about 35 characters of a subject on a phone and 50 to 60 on a desktop; RFC 5322
# §2.1.1 asks for lines of at most 78.
_SUBJECT_SHOWN = 60
_SUBJECT_LONGEST = 78
_PREHEADER_TRIES = 2  # stories after the second that may fill what it leaves


def compose(
    *,
    section: str,
    title: str,
    slot: datetime,
    day: date | None = None,
    publication: Publication,
    zone: ZoneInfo,
    place: str,
    weather: Weather | None,
    choice: Choice,
    briefs: Mapping[str, Brief],
) -> Edition:
    """Return the edition of `section` for `slot`.

    Args:
        slot: When it is due.
        day: The local date that names the edition; that of `slot` in `zone` when not given. Where readers have their
            own hours, the first may come on the day before.
        briefs: By the story id of each pick's leading story; every pick of `choice` needs one.
    """
    day = day or slot.astimezone(zone).date()
    masthead = Masthead(long_date(day, publication.language), one_line(place), weather, zone.key)
    lead = briefs[choice.lead.cluster.lead.id] if choice.lead else None
    top, popular, more = (_briefs(picks, briefs) for picks in (choice.top, choice.popular, choice.more))
    others = (*top, *more, *popular)
    return Edition(
        id=f"{section}/{day.isoformat()}",
        section=section,
        slot=slot,
        publication=publication,
        title=title,
        subject=_subject(lead) or one_line(f"{title}: {masthead.date}"),
        preheader=_preheader(lead, others),
        masthead=masthead,
        lead=lead,
        top=top,
        popular=popular,
        more=more,
    )


def _briefs(picks: tuple[Pick, ...], briefs: Mapping[str, Brief]) -> tuple[Brief, ...]:
    return tuple(briefs[pick.cluster.lead.id] for pick in picks)


def _subject(lead: Brief | None) -> str:
    """Return the lead's headline; one that a desktop cuts, as a shorter whole phrase if there is one.

    Without one the headline stays, up to what a line may have: the app cuts better where it must.
    """
    if lead is None:
        return ""
    headline = one_line(lead.headline)
    if len(headline) <= _SUBJECT_SHOWN:
        return headline
    if phrase := phrase_of(lead, _SUBJECT_SHOWN):
        return phrase
    return phrase_of(lead, _SUBJECT_LONGEST) or clip(headline, _SUBJECT_LONGEST)


def _preheader(lead: Brief | None, others: tuple[Brief, ...]) -> str:
    """Return the second story, and the third or fourth where a whole phrase of it fits; never the first again."""
    if not others:
        said = (lead.teaser or (lead.takeaways[0].text if lead.takeaways else "")) if lead else ""
        return clip(one_line(said), PREHEADER_ROOM)
    headline = one_line(others[0].headline)
    second = headline if len(headline) <= PREHEADER_ROOM else phrase_of(others[0], PREHEADER_ROOM)
    if not second:
        return clip(headline, PREHEADER_ROOM)
    room = PREHEADER_ROOM - len(second) - len(BETWEEN)
    others_in_room = (phrase_of(other, room) for other in others[1 : 1 + _PREHEADER_TRIES])
    return BETWEEN.join(filter(None, (second, next(filter(None, others_in_room), ""))))
