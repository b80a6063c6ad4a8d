"""Commands that steer an edition: approve, hold, pause, resume, cancel; also in mid-delivery."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import EditionStatus
    from digest.slots import Slot
    from digest.store.acts import ActKind

EditionArgument = Annotated[
    str,
    typer.Argument(metavar="SECTION|EDITION", help="Today's edition of a section, or one such as sport/2026-11-24."),
]


@app.command()
def approve(edition: EditionArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let an edition that needs approval leave at its time, or a held one go on at the next run or alarm."""
    from digest.store.acts import ActKind

    _steer(config, edition, ActKind.APPROVE, as_json=as_json)


@app.command()
def hold(edition: EditionArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Keep an edition from going on, whether it has begun or not, until `digest approve`."""
    from digest.store.acts import ActKind

    _steer(config, edition, ActKind.HOLD, as_json=as_json)


@app.command()
def pause(edition: EditionArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Stop a delivery that is under way, at once; `digest resume` goes on where it stopped."""
    from digest.store.acts import ActKind

    _steer(config, edition, ActKind.PAUSE, as_json=as_json)


@app.command()
def cancel(edition: EditionArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """End an edition for good, also in mid-delivery; what was submitted stays submitted."""
    from digest.store.acts import ActKind

    _steer(config, edition, ActKind.CANCEL, as_json=as_json)


@app.command()
def resume(edition: EditionArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let a paused or held edition go on, and deliver it now."""
    import dataclasses

    from digest.cli.operator import stopped_by_signals, tell
    from digest.cli.report import print_run
    from digest.pipeline import run
    from digest.store.acts import ActKind

    with open_app(config) as opened:
        slot = _slot_of(opened, edition, ActKind.RESUME)
        _move(opened, slot, ActKind.RESUME)
        report = run(opened, [slot], stop=stopped_by_signals(), tell=tell, is_asked_for=True)
        if as_json:
            print_json([dataclasses.asdict(made) for made in report.editions])
        else:
            print_run(report)
    if report.has_failed:
        raise typer.Exit(1)


def _steer(config: Path | None, name: str, kind: ActKind, *, as_json: bool) -> None:
    """Do one act to an edition, and say where that leaves it."""
    from digest.deliver import ledger
    from digest.store.acts import ActKind

    with open_app(config, needs_sender=False) as opened:
        slot = _slot_of(opened, name, kind)
        if kind is ActKind.APPROVE and _awaits_approval(opened, slot):
            status = _approve_draft(opened, slot)
        else:
            status = _move(opened, slot, kind)
        counts = ledger.counts(opened.database, slot.edition_id)
    if as_json:
        print_json({"edition": slot.edition_id, "status": status.value, "counts": dict(counts)})
        return
    told = ", ".join(f"{count:,} {state}" for state, count in counts)
    print(f"{slot.edition_id}: {status.value}" + (f"; {told}" if told else ""))


def _awaits_approval(opened: App, slot: Slot) -> bool:
    from digest.approval import approve_by
    from digest.model import EditionStatus
    from digest.store import editions

    row = editions.get_edition(opened.database, slot.edition_id)
    is_draft = row is None or row.status is EditionStatus.DRAFT
    return is_draft and approve_by(opened, slot) is not None


def _approve_draft(opened: App, slot: Slot) -> EditionStatus:
    """Freeze what an editor saw and approves; who did it is recorded."""
    from digest.cli.operator import who_acts
    from digest.model import EditionStatus
    from digest.pipeline import freeze_approved
    from digest.store.acts import Act, ActKind, record_act

    for note in freeze_approved(opened, slot):
        print(f"  · {note}", file=sys.stderr)
    with opened.database.write() as connection:
        record_act(connection, Act(opened.now(), who_acts(opened.host), slot.edition_id, ActKind.APPROVE))
    return EditionStatus.APPROVED


def _move(opened: App, slot: Slot, kind: ActKind) -> EditionStatus:
    from digest.cli.operator import who_acts
    from digest.deliver.steering import steer

    now = opened.now()
    late_at = now + timedelta(minutes=opened.config.delivery.too_late_minutes)
    return steer(opened.database, slot.edition_id, kind, who=who_acts(opened.host), now=now, late_at=late_at)


def _slot_of(opened: App, name: str, kind: ActKind) -> Slot:
    """Return the slot of an edition's id, or of today's edition of a section."""
    from digest.errors import EditionError
    from digest.pipeline import today
    from digest.slots import Slot, read_edition_id
    from digest.store import editions
    from digest.store.acts import ActKind

    if "/" not in name:
        slot = today(opened, known_section(opened.config, name))
        if kind in (ActKind.HOLD, ActKind.CANCEL):  # it need not exist yet to be kept from beginning
            editions.open_edition(opened.database, slot.section, slot.at, opened.now(), slot.edition_id)
        return slot
    row = editions.get_edition(opened.database, name)
    if row is None:
        raise EditionError(f"There is no edition '{name}'. `digest status` lists them.")
    return Slot(row.slot, *read_edition_id(row.id))
