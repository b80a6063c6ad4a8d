"""A headline in less room: whole, or its first clause where that says something by itself.

A line that ends in "…" has not told its story. So what doesn't fit is cut where its writer paused, before
a second thought ("…, and who pays"), or it is not said at all.
"""

from __future__ import annotations

import re

from digest.model import Brief
from digest.render.lines import one_line

__all__ = ["phrase_of"]

_LEAST_CHARACTERS = 20
_LEAST_WORDS = 4

# A colon before a quotation follows only its speaker. A comma alone may part an opening
# ("After nine years, the …") or a list; only before one of these words does a second thought follow a
# first that can stand alone.
_SECOND_THOUGHTS = (
    "and but or as after before while who which where with without despite amid says say said"
    " und aber oder doch während nachdem wie sagt"
    " et mais ou qui selon dit"
    " y pero que quien según dice"
)
_PAUSE = re.compile(
    rf"\s*[:;]\s(?![“„«‘])|\s+[–—]\s|\s*—\s*|,\s(?=(?:{'|'.join(_SECOND_THOUGHTS.split())})\s)|،\s(?=و)", re.IGNORECASE
)
_PAIRS = (("“", "”"), ("„", "“"), ("«", "»"), ("(", ")"), ("‘", "’"))


def phrase_of(brief: Brief, limit: int) -> str:
    """Return the headline of `brief` in at most `limit` characters, or "" where that can't be done well.

    Its short form where that is a whole phrase, the headline, or the longest beginning of the headline
    that ends at a pause.
    """
    headline, short = one_line(brief.headline) or one_line(brief.story.title), one_line(brief.short_headline)
    if short and not short.endswith("…") and len(short) <= limit:
        return short
    if len(headline) <= limit:
        return headline
    clauses = (headline[: pause.start()] for pause in _PAUSE.finditer(headline, 0, limit + 2))
    return next((clause for clause in reversed(tuple(clauses)) if len(clause) <= limit and _stands_alone(clause)), "")


def _stands_alone(clause: str) -> bool:
    is_long_enough = len(clause) >= _LEAST_CHARACTERS and len(clause.split()) >= _LEAST_WORDS
    return is_long_enough and all(clause.count(left) == clause.count(right) for left, right in _PAIRS if left in clause)
