"""Choice and briefs → `Edition`: what one section's email says, before anyone decides how it looks.

Pure: the same arguments give the same edition, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.model import Brief, Choice, Edition, Masthead, Pick, Publication, Weather
from digest.render.dates import long_date
from digest.render.lines import clip, one_line

__all__ = ["compose"]

# Mail apps show about 35 characters of a subject on a phone and 50 to 60 on a desktop; RFC 5322
# §2.1.1 asks for lines of at most 78.
_SUBJECT_SHOWN = 60
_SUBJECT_LONGEST = 78
_THIRD_STORY = 50
# Phones show 40 to 90 characters of a preheader, desktops up to 130.
_PREHEADER_ROOM = 110


def compose(
    *,
    section: str,
    title: str,
    slot: datetime,
    publication: Publication,
    zone: ZoneInfo,
    place: str,
    weather: Weather | None,
    choice: Choice,
    briefs: Mapping[str, Brief],
) -> Edition:
    """Return the edition of `section` for `slot`.

    Args:
        slot: When it is due; its local date in `zone` names the edition.
        briefs: By the story id of each pick's leading story; every pick of `choice` needs one.
    """
    day = slot.astimezone(zone).date()
    masthead = Masthead(date=long_date(day, publication.language), place=one_line(place), weather=weather)
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
    """Return the lead's headline; one that a desktop cuts, in its short form if that is a whole phrase.

    A short form that was cut itself says less than the headline: the app cuts that better where it must.
    """
    if lead is None:
        return ""
    headline = one_line(lead.headline)
    short = one_line(lead.short_headline)
    is_whole_phrase = bool(short) and not short.endswith("…")
    if len(headline) <= _SUBJECT_SHOWN or (len(headline) <= _SUBJECT_LONGEST and not is_whole_phrase):
        return headline
    return short if is_whole_phrase and len(short) <= _SUBJECT_SHOWN else clip(headline, _SUBJECT_LONGEST)


def _preheader(lead: Brief | None, others: tuple[Brief, ...]) -> str:
    """Return the second story, and the third where there is room; never the first again."""
    if not others:
        said = (lead.teaser or (lead.takeaways[0].text if lead.takeaways else "")) if lead else ""
        return clip(one_line(said), _PREHEADER_ROOM)
    second = clip(one_line(others[0].headline), _PREHEADER_ROOM)
    if len(others) > 1:
        third = one_line(others[1].short_headline) or clip(one_line(others[1].headline), _THIRD_STORY)
        if len(second) + len(third) + 3 <= _PREHEADER_ROOM:
            return f"{second} · {third}"
    return second
