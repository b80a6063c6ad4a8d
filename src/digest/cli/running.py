"""Commands of those who run Digest: the whole job, the service, the schedule, and whether mail may leave."""

from __future__ import annotations

import re
import signal
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
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

if TYPE_CHECKING:
    from digest.config import Config


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

    from digest.cli.operator import stopped_by_signals, tell
    from digest.cli.report import print_run
    from digest.pipeline import run as run_slots
    from digest.pipeline import settle, today, unfinished

    with open_app(config) as opened:
        _require_ready(opened.config)
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


def _require_ready(config: Config) -> None:
    from digest.cli.checking import unready_faults
    from digest.errors import ConfigError

    if faults := unready_faults(config):
        raise ConfigError(faults)


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
def serve(config: ConfigOption = None) -> None:
    """Run the schedule and the readers' pages until stopped."""
    import uvicorn

    from digest.events import log_run, log_to_stderr
    from digest.schedule import scheduled
    from digest.web.site import build_site

    with open_app(config) as opened:
        _require_ready(opened.config)
        host, _, port = opened.config.web.listen.rpartition(":")
        _require_free(opened.config, host, int(port))
        print(f"Serving {opened.config.publication.name} at http://{host}:{port}; Ctrl-C ends it.", flush=True)
        # uvicorn ends on these and then raises them again: what is in flight must be finished first.
        before = {wanted: signal.signal(wanted, lambda *_: None) for wanted in (signal.SIGTERM, signal.SIGINT)}
        log_to_stderr()
        with scheduled(opened, log_run):
            uvicorn.run(
                build_site(opened),
                host=host,
                port=int(port),
                log_level="warning",
                access_log=False,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=10,
            )
            for wanted, usual in before.items():  # a second signal need not wait for what is in flight
                signal.signal(wanted, usual)


def _require_free(config: Config, host: str, port: int) -> None:
    """Say at once, and in our words, that the pages can't be served where they should be."""
    from digest.errors import ConfigError, Fault

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            where = f"{config.file.name}: web.listen"
            raise ConfigError(
                [Fault(where, f"{host}:{port} can't be used: {error.strerror}.", "Choose another.")]
            ) from None


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
