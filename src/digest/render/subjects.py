"""Other subjects that the day's stories would make, for an editor to choose from, and what inboxes show of each.

Mail apps show about 35 characters of a subject on a phone, 50 to 60 on a desktop, and a line has at most 78
(RFC 5322 §2.1.1).
"""

from __future__ import annotations

from digest.model import Edition
from digest.render.lines import one_line
from digest.render.phrases import phrase_of

__all__ = ["BETWEEN", "PREHEADER_ROOM", "SHOWN", "other_subjects"]

SHOWN = (35, 50, 78)
"""Characters shown on a phone, on a desktop, and at most."""

PREHEADER_ROOM = 110
"""Characters of a preheader: phones show 40 to 90, desktops up to 130."""

BETWEEN = " · "
"""What stands between two headlines of one line."""

_SHORT, _LONGEST = SHOWN[1], SHOWN[2]
_MOST = 4


def other_subjects(edition: Edition) -> tuple[str, ...]:
    """Return up to four subjects beside the edition's own: the lead shorter, with a second story, or other stories."""
    if edition.lead is None:
        return ()
    lead, others = edition.lead, (*edition.top, *edition.popular)[:3]
    short = phrase_of(lead, _SHORT)
    phrases = [phrase_of(brief, _LONGEST) for brief in others]
    pairs = [f"{short}{BETWEEN}{phrase}" for phrase in phrases if short and phrase]
    found = (
        phrase_of(lead, SHOWN[0]),
        short,
        *(pair for pair in pairs if len(pair) <= _LONGEST),
        *phrases,
    )
    whole = [text for text in map(one_line, found) if text and text != edition.subject]
    return tuple(dict.fromkeys(whole))[:_MOST]
