"""Commands that steer today's edition of a section: approve, hold, cancel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, app, known_section, open_app

if TYPE_CHECKING:
    from digest.model import EditionStatus

SectionArgument = Annotated[str, typer.Argument(metavar="SECTION")]


@app.command()
def approve(section: SectionArgument, config: ConfigOption = None) -> None:
    """Let a held edition go on, at the next run or alarm."""
    from digest.model import EditionStatus

    _move(config, section, EditionStatus.APPROVED, frozenset({EditionStatus.HELD}), "")


@app.command()
def hold(section: SectionArgument, config: ConfigOption = None) -> None:
    """Stop today's edition where it is, also in mid-delivery, until `digest approve`."""
    from digest.model import EditionStatus

    stoppable = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.SENDING})
    _move(config, section, EditionStatus.HELD, stoppable, "held by hand")


@app.command()
def cancel(section: SectionArgument, config: ConfigOption = None) -> None:
    """End today's edition for good, also in mid-delivery; what was submitted stays submitted."""
    from digest.model import EditionStatus

    stoppable = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.SENDING, EditionStatus.HELD})
    _move(config, section, EditionStatus.CANCELLED, stoppable, "cancelled by hand")


def _move(
    config: Path | None, section: str, wanted: EditionStatus, expected: frozenset[EditionStatus], reason: str
) -> None:
    """Set the status of today's edition, which is opened if it does not exist yet."""
    from digest.errors import EditionError
    from digest.model import EditionStatus
    from digest.pipeline import today
    from digest.store import editions

    with open_app(config) as opened:
        slot = today(opened, known_section(opened.config, section))
        row = editions.open_edition(opened.database, slot.section, slot.at, opened.now(), slot.edition_id)
        if wanted is EditionStatus.APPROVED and editions.get_letter(opened.database, slot.edition_id) is None:
            wanted = EditionStatus.DRAFT  # held before it was composed: it is composed first
        if not editions.set_status(
            opened.database, slot.edition_id, wanted, expected=expected, reason=reason, now=opened.now()
        ):
            raise EditionError(f"{slot.edition_id} is {row.status.value}; that can't be done to it now.")
        if wanted in (EditionStatus.APPROVED, EditionStatus.DRAFT):
            slack = timedelta(minutes=opened.config.delivery.too_late_minutes)
            editions.set_late(opened.database, slot.edition_id, opened.now() + slack)
        print(f"{slot.edition_id}: {wanted.value}")
