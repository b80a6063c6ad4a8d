"""`digest doctor`: sources, database, clock and transport, looked at closely, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, say

if TYPE_CHECKING:
    from digest.doctor import Diagnosis, Finding
    from digest.settings import Source

doctor_app = typer.Typer(
    help="Look closely at sources, database, clock and transport.", invoke_without_command=True, rich_markup_mode=None
)
app.add_typer(doctor_app, name="doctor")

_BARS = " ▁▂▃▄▅▆▇█"


@doctor_app.callback()
def doctor(context: typer.Context, config: ConfigOption = None) -> None:
    """Look closely at sources, database, clock and transport: all of them when none is named."""
    if context.invoked_subcommand is not None:
        return
    failed = False
    for look in (database, clock, transport, sources):
        print(f"{look.__name__.capitalize()}")
        try:
            look(config=config)
        except typer.Exit as ended:
            failed = failed or ended.exit_code != 0
        print()
    if failed:
        raise typer.Exit(1)


@doctor_app.command()
def sources(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="By name or address; all if none.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only what earlier runs kept; asks nobody.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try every way to each source, and say what is odd: dates, ids, encoding, what fallbacks give."""
    from digest.doctor import Level, diagnose_sources

    with open_app(config, needs_sender=False) as opened:
        wanted = _wanted(opened.config.sources, names or ())
        found = diagnose_sources(opened, wanted, offline=offline)
        now = opened.now()
    if as_json:
        print_json([_as_json(diagnosis) for diagnosis in found])
    else:
        for diagnosis in found:
            _print(diagnosis, now)
        counts = {level: sum(diagnosis.level is level for diagnosis in found) for level in Level}
        fine = counts[Level.FINE] + counts[Level.NOTE]
        print(f"{len(found)} sources: {fine} fine, {counts[Level.WARNS]} with warnings, {counts[Level.FAILS]} failing.")
    if any(diagnosis.level is Level.FAILS for diagnosis in found):
        raise typer.Exit(1)


def _wanted(known: Sequence[Source], names: Sequence[str]) -> list[Source]:
    for name in names:
        if not any(name in (source.name, source.url, source.path) for source in known):
            told = ", ".join(source.label for source in known)
            raise typer.BadParameter(f"There is no source '{name}'. Known: {told}.")
    return [source for source in known if not names or {source.name, source.url, source.path} & set(names)]


def _print(diagnosis: Diagnosis, now: datetime) -> None:
    source = diagnosis.source
    print(f"{_MARKS[diagnosis.level.value]} {source.label}")
    where = source.path if source.path else source.url
    parts = [
        source.kind.value,
        *([where] if where != source.label else []),
        *([f"→ {source.section}"] if source.section else []),
    ]
    say(" · ".join(parts), indent="    ")
    for number, way in enumerate(diagnosis.ways):
        name = f"fallback {way.kind}" if number else "now"
        if way.error:
            say(f"{name}: failed", indent="    ")
        else:
            newest = f", newest {_ago(way.newest, now)}" if way.newest else ""
            size = f", {way.bytes / 1024:,.0f} kB" if way.bytes else ""
            stories = "1 story" if way.stories == 1 else f"{way.stories} stories"
            of = f" of {way.facts.items} items" if way.facts is not None and way.facts.items != way.stories else ""
            undated = f", {way.undated} undated" if way.undated and way.kind != "front-page" else ""
            new = f"{way.in_window - way.undated if undated else way.in_window} new"
            say(f"{name}: {stories}{of}, {new}{undated}{newest}{size}, {way.seconds:.1f} s", indent="    ")
    visit = diagnosis.visit
    if visit is not None and visit.good_at is not None:
        say(f"last good: {_ago(visit.good_at, now)}, {visit.stories} stories", indent="    ")
    if any(diagnosis.by_hour):
        print(f"    last 24 h: {_bars(diagnosis.by_hour)}  {sum(diagnosis.by_hour)} stories")
    if carried := [count for count in diagnosis.in_editions if count]:
        whose = f"{len(carried)} of the {len(diagnosis.in_editions)} newest editions"
        say(f"gave {sum(carried)} stories to {whose}", indent="    ")
    for finding in diagnosis.findings:
        _print_finding(finding)
    print()


_MARKS = {"fine": "✓", "note": "✓", "warns": "!", "fails": "✗"}


def _print_finding(finding: Finding) -> None:
    mark = {"fine": "✓", "note": "·"}.get(finding.level.value, _MARKS[finding.level.value])
    say(f"{mark} {finding.what}" + (f" {finding.hint}" if finding.hint else ""), indent="    ")


def _bars(counts: Sequence[int]) -> str:
    most = max(counts)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] for count in counts)


def _ago(at: datetime, now: datetime) -> str:
    passed = max(timedelta(), now - at)
    if passed < timedelta(minutes=2):
        return "just now"
    if passed < timedelta(hours=2):
        return f"{passed // timedelta(minutes=1)} min ago"
    return f"{passed // timedelta(hours=1)} h ago" if passed < timedelta(days=2) else f"{passed.days} days ago"


def _as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    import dataclasses

    return {
        "source": diagnosis.source.label,
        "level": diagnosis.level.value,
        "findings": [{**dataclasses.asdict(finding)} for finding in diagnosis.findings],
        "ways": [_way(way) for way in diagnosis.ways],
        "last_good": diagnosis.visit.good_at.isoformat() if diagnosis.visit and diagnosis.visit.good_at else None,
        "by_hour": list(diagnosis.by_hour),
        "in_editions": list(diagnosis.in_editions),
    }


def _way(way: Any) -> dict[str, Any]:
    import dataclasses

    told = dataclasses.asdict(way)
    if told["facts"] is not None:
        del told["facts"]["ids"]
    return told


@doctor_app.command()
def database(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check that the database is whole, current and bound to this host, and that its disk has room."""
    from digest.checkup import check_database

    with open_app(config, needs_sender=False) as opened:
        _tell(check_database(opened), as_json=as_json)


@doctor_app.command()
def clock(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show each section's zone, its next slot and the next change of its clock."""
    from digest.checkup import check_clock

    with open_app(config, needs_sender=False) as opened:
        _tell(check_clock(opened), as_json=as_json)


@doctor_app.command()
def transport(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Go to the mail server or provider stage by stage, as far as a letter would, and hand nothing over."""
    from digest.checkup import check_transport

    with open_app(config, needs_sender=False) as opened:
        _tell(check_transport(opened.config), as_json=as_json)


def _tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    from digest.doctor import Level

    if as_json:
        import dataclasses

        print_json([dataclasses.asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{_MARKS[finding.level.value]} {finding.what}" + (f" {finding.hint}" if finding.hint else ""))
    if any(finding.level is Level.FAILS for finding in findings):
        raise typer.Exit(1)
