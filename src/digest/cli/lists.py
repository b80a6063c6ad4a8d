"""`digest subscribers`: lists in, lists out, and one reader at a time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json, print_table

subscribers_app = typer.Typer(
    help="Import, export and look after subscribers.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(subscribers_app, name="subscribers")

SectionOption = Annotated[str, typer.Option("--section", "-s", help="The section.")]
Address = Annotated[str, typer.Argument(metavar="EMAIL")]


@subscribers_app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, readable=True)],
    section: Annotated[
        str | None, typer.Option("--section", "-s", help="The section; without it, the file's name says it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Add a CSV's readers to a section; bad rows are named by their line, the others go in."""
    from digest.subscribing import import_list

    faults = 0
    with open_app(config) as opened:
        for path in files:
            key = known_section(opened.config, section or path.stem)
            result = import_list(opened.database, path, key, opened.now())
            print(f"{path}: {result.summary}")
            for fault in result.faults:
                print(f"  ! {fault}", file=sys.stderr)
            faults += len(result.faults)
    if faults:
        raise typer.Exit(1)


@subscribers_app.command("export")
def export(
    section: Annotated[str | None, typer.Option("--section", "-s", help="Only this section's readers.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print all subscribers as CSV (safe to open in a spreadsheet) or as JSON."""
    from digest.audience import export_csv
    from digest.store import subscribers

    with open_app(config) as opened:
        if section is not None:
            known_section(opened.config, section)
        people = subscribers.all_subscribers(opened.database, section)
        if as_json:
            print_json([_as_json(person) for person in people])
        else:
            sys.stdout.write(export_csv(people))


@subscribers_app.command("add")
def add(
    email: Address,
    section: SectionOption,
    name: Annotated[str, typer.Option(help="The reader's name.")] = "",
    source: Annotated[str, typer.Option(help="Where the consent was given.")] = "added by hand",
    config: ConfigOption = None,
) -> None:
    """Add one reader to a section."""
    from digest.subscribing import add_reader

    with open_app(config) as opened:
        known_section(opened.config, section)
        print(add_reader(opened.database, email, section, name=name, source=source, now=opened.now()))


@subscribers_app.command("remove")
def remove(
    email: Address,
    section: Annotated[str | None, typer.Option("--section", "-s", help="Only from this one.")] = None,
    config: ConfigOption = None,
) -> None:
    """Unsubscribe a reader from one section, or from all of them."""
    from digest.subscribing import remove_reader

    with open_app(config) as opened:
        if section is not None:
            known_section(opened.config, section)
        print(remove_reader(opened.database, email, section, opened.now()))


@subscribers_app.command("show")
def show(email: Address, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show what is known of a reader."""
    from digest.subscribing import find_reader

    with open_app(config) as opened:
        person = find_reader(opened.database, email)
        if as_json:
            print_json(_as_json(person))
        else:
            shown = {**_as_json(person), "sections": ", ".join(person.sections)}
            print_table(("", ""), list(shown.items()))


@subscribers_app.command("erase")
def erase(
    email: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase a reader for good (GDPR Art. 17); only a hash stays, so that no import brings them back."""
    from digest.subscribing import erase_reader

    with open_app(config) as opened:
        if not yes:
            typer.confirm(f"Erase {email} and every row about them?", abort=True)
        print(erase_reader(opened.database, email, opened.now()))


def _as_json(person: object) -> dict[str, object]:
    import dataclasses

    if not dataclasses.is_dataclass(person) or isinstance(person, type):
        raise TypeError(f"{person!r} is no subscriber")
    return dataclasses.asdict(person)
