"""One row of a list → one `Subscriber`, or what is wrong with it.

Names and addresses go into mail headers, so nothing that could break out of one gets in here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from digest.model import Subscriber

__all__ = ["RowFault", "read_row"]

_LONGEST_NAME = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
_SECTION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
# The directional overrides can make a name read as something else (Unicode TR 36 §2.10); Cf as a
# whole would also refuse the joiners that Persian and Indic names need.
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class RowFault(Exception):  # noqa: N818  (it becomes a `Fault`, and never leaves this package)
    """A row that can't be used."""

    def __init__(self, problem: str, hint: str = "") -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(problem)


def read_row(cells: Mapping[str, str]) -> Subscriber:
    """Return the subscriber of one row; `cells` holds the columns that the list has.

    Raises:
        RowFault: a value can't be used.
    """
    for column, value in cells.items():
        _check_text(column, value)
    return Subscriber(
        email=_email(cells.get("email", "")),
        name=_name(cells.get("name", "")),
        sections=_sections(cells.get("sections", "")),
        language=_language(cells.get("language", "")),
        timezone=_timezone(cells.get("timezone", "")),
        consented_at=_instant(cells.get("consented_at", "")),
        consent_source=cells.get("consent_source", "") or "import",
    )


def _check_text(column: str, value: str) -> None:
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs" or character == "\ufffd":
            raise RowFault(f"{column} {_shown(value)} is not in the file's encoding.", "Save the list as CSV in UTF-8.")
        if category in ("Cc", "Zl", "Zp") or character in _OVERRIDES:
            raise RowFault(
                f"{column} {_shown(value)} holds the control character U+{ord(character):04X}.", "Take it out."
            )


def _email(value: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    if not value:
        raise RowFault("has no address.", "Fill the column 'email', or delete the row.")
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise RowFault(f"{_shown(value)} is no email address: {error}", "Correct it, or delete the row.") from None


def _name(value: str) -> str:
    if len(value) > _LONGEST_NAME:
        raise RowFault(f"name {_shown(value)} has {len(value)} characters.", f"At most {_LONGEST_NAME}.")
    if "=?" in value:  # an encoded word (RFC 2047): mail programs would decode it into something else
        raise RowFault(
            f"name {_shown(value)} holds '=?', the start of an encoded header.", "Write the name in plain text."
        )
    return value


def _language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise RowFault(f"language {_shown(value)} is no language tag.", "Write one like 'en' or 'pt-BR'.")
    return value.replace("_", "-")


@cache
def _timezone(value: str) -> str:
    try:
        return ZoneInfo(value).key if value else ""
    except (KeyError, ValueError, OSError):
        raise RowFault(
            f"timezone {_shown(value)} is no zone of the IANA list.", "Write one like 'Europe/Berlin', or nothing."
        ) from None


def _instant(value: str) -> datetime | None:
    if not value:
        return None
    try:
        instant = datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowFault(
            f"consented_at {_shown(value)} is no date.", "Write it like '2026-11-24' or '2026-11-24T07:00:00Z'."
        ) from None


def _sections(value: str) -> tuple[str, ...]:
    sections = tuple(dict.fromkeys(value.replace(",", " ").replace(";", " ").split()))
    for section in sections:
        if not _SECTION.fullmatch(section):
            raise RowFault(
                f"sections {_shown(value)}: {_shown(section)} is no section's key.", "Part the keys by blanks."
            )
    return sections


def _shown(value: str) -> str:
    """Return the value as it is safe to print: escaped and clipped."""
    shown = ascii(value) if any(unicodedata.category(c) in ("Cs", "Cf") for c in value) else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
