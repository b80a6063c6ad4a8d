"""Commands of those who run Digest: the whole job, the schedule, and whether letters may leave."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from digest.cli.app import (
    ConfigOption,
    JsonOption,
    app,
    known_section,
    open_app,
    print_json,
    print_table,
    read_config,
)


@app.command()
def run(
    sections: Annotated[
        list[str] | None, typer.Argument(metavar="[SECTION]...", help="All when none is named.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do the whole job now: today's edition of each section, collected, composed and delivered."""
    import dataclasses

    from digest.cli.checking import require_ready
    from digest.cli.operator import stopped_by_signals, tell
    from digest.cli.report import print_run
    from digest.pipeline import run as run_slots
    from digest.pipeline import settle, today, unfinished
    from digest.same_links import tell_links

    with open_app(config) as opened:
        require_ready(opened.config)
        tell_links(opened)
        wanted = [known_section(opened.config, name) for name in sections or opened.config.sections]
        for note in settle(opened):
            tell(note)
        earlier = [slot for section in wanted for slot in unfinished(opened, section)]
        slots = list(dict.fromkeys([*earlier, *(today(opened, section) for section in wanted)]))
        report = run_slots(opened, slots, stop=stopped_by_signals(), tell=tell, is_asked_for=True)
        if as_json:
            print_json([dataclasses.asdict(edition) for edition in report.editions])
        else:
            print_run(report)
            index = opened.config.path(opened.config.delivery.outbox) / "index.html"
            if opened.sender.name == "outbox" and index.exists():
                print(f"Letters: {index}")
    if report.has_failed:
        raise typer.Exit(1)


@app.command()
def collect(
    since: Annotated[
        str | None,
        typer.Option(
            metavar="AGE|DATE",
            help="Take what was published or updated since then: 36h or 2d ago, or since 2026-11-24 or "
            "2026-11-24T07:30 in the publication's zone.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Fetch the sources only, and say what could not be read."""
    from digest.composing import collect_stories

    with open_app(config) as opened:
        zone = ZoneInfo(opened.config.publication.timezone)
        collected = collect_stories(opened, _moment(since, opened.now(), zone) if since else None)
        found, read = len(collected.stories), collected.pages_fetched
        stories = "1 story is" if found == 1 else f"{found} stories are"
        print(f"{stories} known; {read} {'answer was' if read == 1 else 'answers were'} read just now.")
        for problem in collected.problems:
            print(f"  ! {problem}")
        if not collected.stories or not collected.pages_fetched:
            raise typer.Exit(1)


def _moment(told: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that `--since` means, in UTC."""
    if age := re.fullmatch(r"(\d{1,4}) ?([hd])", told.strip().lower()):
        return now - int(age[1]) * (timedelta(hours=1) if age[2] == "h" else timedelta(days=1))
    try:
        date = datetime.fromisoformat(told.strip())
        moment = (date if date.tzinfo else date.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        problem = f"{told!r} is no age and no date: write 36h, 2d, 2026-11-24 or 2026-11-24T07:30."
        raise typer.BadParameter(problem, param_hint="--since") from None
    if moment > now:
        raise typer.BadParameter(f"{told!r} lies ahead: nothing can be that new.", param_hint="--since")
    return moment


@app.command()
def schedule(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look ahead.")] = 7,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the next slots, in the section's own time and in UTC."""
    from digest.schedule import readers_zones, slots_of

    told = read_config(config)
    now = datetime.now(UTC)
    zones: tuple[str, ...] = ()
    if any(section.is_at_readers_hour for section in told.sections.values()):
        with open_app(config, needs_sender=False) as opened:
            zones = readers_zones(opened)
    slots = slots_of(told, now, now + timedelta(days=days), zones=zones)
    if as_json:
        print_json(
            [
                {
                    "section": slot.section,
                    "edition": slot.edition_id,
                    "at": slot.at.isoformat(),
                    "until": slot.until.isoformat() if slot.until else None,
                }
                for slot in slots
            ]
        )
        return
    rows = []
    for slot in slots:
        local = slot.at.astimezone(told.zone_of(slot.section))
        rows.append(
            (
                f"{local:%a %d %b %H:%M}",
                local.tzname(),
                f"{slot.at:%Y-%m-%d %H:%M}" + (f" to {slot.until:%m-%d %H:%M}" if slot.until else ""),
                slot.section,
                slot.edition_id,
            )
        )
    print_table(("Local", "Zone", "UTC", "Section", "Edition"), rows)


@app.command()
def arm(config: ConfigOption = None) -> None:
    """Allow mail to leave for real readers, from this host and this database only."""
    from digest.deliver import arming

    with open_app(config) as opened:
        arming.arm(opened.database, opened.host)
        print(f"Armed: {opened.host} may submit to real readers from this database.")
        if not opened.sender.reaches_people:
            print(f"With sender '{opened.sender.name}' letters stay files all the same.")


@app.command()
def disarm(config: ConfigOption = None) -> None:
    """Stop mail from leaving until `digest arm`."""
    from digest.deliver import arming

    with open_app(config, needs_sender=False) as opened:
        arming.disarm(opened.database)
        print("Disarmed: nothing is submitted to real readers.")
