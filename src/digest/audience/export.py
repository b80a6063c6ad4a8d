"""Subscribers as CSV that is safe to open in a spreadsheet.

A cell that begins like a formula would be run by the spreadsheet (OWASP, "CSV Injection"); it gets
an apostrophe, which `lists` takes off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from digest.model import Subscriber

__all__ = ["COLUMNS", "export_csv", "unguarded"]

COLUMNS = ("email", "name", "language", "timezone", "consented_at", "consent_source", "sections")
# The full-width forms are taken for the plain ones by some spreadsheets.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export_csv(people: Iterable[Subscriber]) -> str:
    """Return a header and one row a subscriber, in the columns that `read_list` reads."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    for person in people:
        consented_at = person.consented_at.isoformat() if person.consented_at else ""
        cells = (
            person.email,
            person.name,
            person.language,
            person.timezone,
            consented_at,
            person.consent_source,
            " ".join(person.sections),
        )
        writer.writerow([_guarded(cell) for cell in cells])
    return file.getvalue()


def unguarded(cell: str) -> str:
    """Return what a guarded cell held."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
