"""Whose letter is whose: "all" for a whole audience, and "only a+b" for those who left the other sections of a
combined letter after freezing.

Such a name says which sections its letter holds, so a delivery's row alone tells what its reader may get.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_

from digest.model import WHOLE

__all__ = ["holds", "remaining_segment", "sections_of"]

_ONLY = "only "


def remaining_segment(sections: Sequence[str]) -> str:
    """Return the segment of those who get only these sections of a combined letter."""
    return _ONLY + "+".join(sections)


def sections_of(segment: str) -> tuple[str, ...]:
    """Return the sections that are left in a segment's letter; empty where it has all of its edition's."""
    return tuple(segment.removeprefix(_ONLY).split("+")) if segment.startswith(_ONLY) else ()


def holds(segment: ColumnElement[Any], section: ColumnElement[Any]) -> ColumnElement[bool]:
    """Say in SQL whether the letter of a segment has a section of its edition in it."""
    is_whole = segment.not_like(f"{_ONLY}%")
    named = func.replace(segment.concat("+"), " ", "+")  # "only+a+b+"
    return or_(segment == WHOLE, is_whole, func.replace(named, literal("+").concat(section).concat("+"), "") != named)
