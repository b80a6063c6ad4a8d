"""Commands of those who run Digest: the whole job, the service, the schedule, the ledger."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json, print_table, read_config

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

    from digest.cli.report import print_run
    from digest.pipeline import run as run_slots
    from digest.pipeline import today, unfinished

    with open_app(config) as opened:
        _require_ready(opened.config)
        wanted = [known_section(opened.config, name) for name in sections or opened.config.sections]
        earlier = [slot for section in wanted for slot in unfinished(opened, section)]
        slots = list(dict.fromkeys([*earlier, *(today(opened, section) for section in wanted)]))
        report = run_slots(opened, slots, stop=_stopped_by_signals(), is_asked_for=True)
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


def _stopped_by_signals() -> threading.Event:
    """Return an event that the first SIGTERM or Ctrl-C sets; the second ends the process as usual."""
    stop = threading.Event()

    def ask_to_stop(number: int, _: object) -> None:
        stop.set()
        print("Stopping: what is in flight is finished, the rest stays queued.", file=sys.stderr)
        for wanted, usual in before.items():
            signal.signal(wanted, usual)

    before = {wanted: signal.signal(wanted, ask_to_stop) for wanted in (signal.SIGTERM, signal.SIGINT)}
    return stop


@app.command()
def collect(config: ConfigOption = None) -> None:
    """Fetch the sources only, and say what could not be read."""
    from digest.composing import collect_stories

    with open_app(config) as opened:
        collected = collect_stories(opened)
        print(f"{len(collected.stories)} stories are known; {collected.pages_fetched} answers were read just now.")
        for problem in collected.problems:
            print(f"  ! {problem}")
        if not collected.stories or not collected.pages_fetched:
            raise typer.Exit(1)


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
    from datetime import UTC, datetime, timedelta

    from digest.schedule import slots_of

    told = read_config(config)
    now = datetime.now(UTC)
    slots = slots_of(told, now, now + timedelta(days=days))
    if as_json:
        print_json([{"section": slot.section, "edition": slot.edition_id, "at": slot.at.isoformat()} for slot in slots])
        return
    rows = []
    for slot in slots:
        local = slot.at.astimezone(told.zone_of(slot.section))
        rows.append(
            (f"{local:%a %d %b %H:%M}", local.tzname(), f"{slot.at:%Y-%m-%d %H:%M}", slot.section, slot.edition_id)
        )
    print_table(("Local", "Zone", "UTC", "Section", "Edition"), rows)


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the newest editions, where they stand, and whether real mail may leave."""
    from digest.deliver import arming, ledger
    from digest.store import editions

    with open_app(config) as opened:
        rows = []
        for row in editions.list_editions(opened.database, limit=20):
            counts = ", ".join(f"{count} {state}" for state, count in ledger.counts(opened.database, row.id))
            rows.append((row.id, row.status.value, row.reason or counts, row.subject))
        armed = arming.is_armed(opened.database, opened.host)
        if as_json:
            names = ("edition", "status", "detail", "subject")
            print_json({"armed": armed, "editions": [dict(zip(names, row, strict=True)) for row in rows]})
            return
        print_table(("Edition", "Status", "Detail", "Subject"), rows)
        sender = opened.sender
        if sender.reaches_people:
            print(f"Sender {sender.name}: " + ("armed." if armed else "not armed; `digest arm` lets mail leave."))
        else:
            print(f"Sender {sender.name}: letters are files, nothing leaves this machine.")


@app.command()
def deliveries(
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="Such as politics/2026-11-24.")],
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List an edition's deliveries: one row a reader, and where it stands."""
    from digest.deliver import ledger
    from digest.errors import EditionError
    from digest.model import DeliveryState
    from digest.store import editions

    if state is not None and state not in list(DeliveryState):
        raise typer.BadParameter(f"There is no state '{state}'. Known: {', '.join(DeliveryState)}.")
    with open_app(config) as opened:
        if editions.get_edition(opened.database, edition) is None:
            raise EditionError(f"There is no edition '{edition}'. `digest status` lists them.")
        found = ledger.deliveries(opened.database, edition, DeliveryState(state) if state else None)
        rows = [(row.id, row.email, row.state.value, row.attempts, row.provider_id, row.detail) for row in found]
        names = ("id", "email", "state", "attempts", "provider id", "detail")
        if as_json:
            print_json([dict(zip(names, row, strict=True)) for row in rows])
        else:
            print_table(names, rows)


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

    with open_app(config) as opened:
        arming.disarm(opened.database)
        print("Disarmed: nothing is submitted to real readers.")
