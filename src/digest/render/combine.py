"""Editions of several sections → one: each section in its order, a story that they share once.

Pure, as `compose`: the same editions give the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.model import Brief, Edition, Sponsor
from digest.render.lines import clip, one_line
from digest.render.subjects import BETWEEN, PREHEADER_ROOM

__all__ = ["combine"]


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of each section goes into a letter of so many: together about what one alone has."""

    top: int
    takeaways: int
    more: int
    popular: int


_ROOMS = {2: _Room(5, 3, 3, 3), 3: _Room(4, 2, 2, 2), 4: _Room(3, 2, 0, 0), 5: _Room(2, 2, 0, 0)}
_LEAST_ROOM = _Room(2, 1, 0, 0)


def combine(parts: Sequence[Edition], edition_id: str) -> Edition:
    """Return one edition of `parts`, at least two of the same slot, in the order in which they are to stand.

    The first part's subject is the letter's, and it alone keeps its lead's full text. The others lose a story or a
    sponsor that stands before, and what there is no room for: the least important of each.
    """
    first = parts[0]
    room = _ROOMS.get(len(parts), _LEAST_ROOM)
    told: set[str] = set()
    paid: set[tuple[str, str]] = set()
    kept = []
    for place, part in enumerate(parts):
        shorter = _shortened(part, room, told, keeps_body=place == 0)
        told.update(key for brief in shorter.briefs for key in _keys(brief))
        if shorter.lead is not None:
            kept.append(replace(shorter, sponsors=_new_sponsors(part, paid)))
    return replace(
        first,
        id=edition_id,
        section="+".join(part.section for part in parts),
        title=BETWEEN.join(part.title for part in kept),
        preheader=_preheader(kept) or first.preheader,
        lead=None,
        top=(),
        popular=(),
        more=(),
        note="",
        sponsors=(),
        parts=tuple(kept),
        dated_at=max((part.dated_at for part in parts if part.dated_at), default=None),
    )


def _shortened(part: Edition, room: _Room, told: set[str], *, keeps_body: bool) -> Edition:
    lead_and_top = [brief for brief in (part.lead, *part.top) if brief is not None and _is_new(brief, told)]
    lead = lead_and_top[0] if lead_and_top else None
    if lead is not None and not keeps_body:
        lead = replace(lead, body=())
    here = told | {key for brief in lead_and_top for key in _keys(brief)}
    return replace(
        part,
        lead=lead,
        top=tuple(
            replace(brief, takeaways=brief.takeaways[: room.takeaways], body=())
            for brief in lead_and_top[1 : 1 + room.top]
        ),
        more=tuple(brief for brief in part.more if _is_new(brief, here))[: room.more],
        popular=tuple(brief for brief in part.popular if _is_new(brief, told))[: room.popular],
    )


def _new_sponsors(part: Edition, paid: set[tuple[str, str]]) -> tuple[Sponsor, ...]:
    """Return a section's sponsors without those that say the same and lead to the same place as one before."""
    kept = []
    for sponsor in part.sponsors:
        if (sponsor.url, sponsor.text) not in paid:
            paid.add((sponsor.url, sponsor.text))
            kept.append(sponsor)
    return tuple(kept)


def _is_new(brief: Brief, told: set[str]) -> bool:
    return told.isdisjoint(_keys(brief))


def _keys(brief: Brief) -> tuple[str, ...]:
    """Return what a story, and the other versions of it, are told by."""
    return (brief.story.id, *(other.id for other in brief.also_covered_by))


def _preheader(parts: Sequence[Edition]) -> str:
    """Return the leads of the sections after the first, as many as fit."""
    lines = [one_line(part.lead.short_headline or part.lead.headline) for part in parts[1:] if part.lead]
    while len(lines) > 1 and len(BETWEEN.join(lines)) > PREHEADER_ROOM:
        lines.pop()
    return clip(BETWEEN.join(lines), PREHEADER_ROOM) if lines else ""
