"""The letter of each segment: frozen with the edition, or made when its first reader is to get it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from digest.deliver.transitions import withdraw_rest
from digest.errors import DigestError, StoreError
from digest.mishaps import note_mishap
from digest.model import Letter
from digest.store import editions
from digest.store.database import Database

__all__ = ["MakeLetter", "letter_of"]

MakeLetter = Callable[[str], Letter]
"""Makes the letter of a segment that has none yet; a `DigestError` says why it can't."""


def letter_of(
    database: Database, edition_id: str, segment: str, make: MakeLetter, now: Callable[[], datetime]
) -> Letter | None:
    """Return a segment's letter, made and frozen if there is none yet.

    If it can't be made, what is queued of the segment is WITHDRAWN for that reason, and None returned.

    Raises:
        StoreError: the database can't be read or written.
    """
    standing = editions.get_letter(database, edition_id, segment)
    if standing is not None:
        return standing
    try:
        return editions.add_letter(database, make(segment), now())
    except StoreError:
        raise
    except Exception as error:  # the other segments' readers get theirs all the same
        if not isinstance(error, DigestError):
            note_mishap(edition_id, error)
        withdraw_rest(database, edition_id, f"no letter of what is left of it can be made: {error}", now(), segment)
        return None
