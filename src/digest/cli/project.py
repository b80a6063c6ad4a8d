"""Commands that begin: the demo, a new project, and checking one before anything is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, chosen_config, print_json


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where to put what it makes.")] = Path("var/demo"),
    serve: Annotated[bool, typer.Option("--serve", help="Keep the demo's news site up until stopped.")] = False,
) -> None:
    """Do a complete run on the bundled newspaper: letters and pages to look at."""
    from digest.cli.demonstration import run_demo

    run_demo(folder, keep_serving=serve)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The new project's folder.")] = Path("digest-project"),
    site: Annotated[str | None, typer.Option(metavar="URL", help="Find feeds, sections and name on this site.")] = None,
) -> None:
    """Begin a project: a commented config.toml and one list a section."""
    from digest.cli.starting import EXAMPLE, explore, write_project
    from digest.wiring import open_fetcher

    found = EXAMPLE
    if site is not None:
        with open_fetcher(site) as fetcher:
            found = explore(site, fetcher)
        print(f"{found.name}: {len(found.sections)} sections, {len(found.feeds)} feeds of the whole site")
        for section, feed in found.sections:
            print(f"  {section.key:<16} {feed or 'no feed of its own'}")
    for path in write_project(folder, found):
        print(f"wrote {path}")
    print(f"Next: fill in {folder / 'config.toml'} and the lists, then")
    print(f"  cd {folder} && digest check && digest preview SECTION")


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Name every fault of config, theme, lists and sender at once; touches nothing."""
    from digest.cli.checking import find_faults

    path = chosen_config(config)
    faults = find_faults(path)
    if as_json:
        print_json([{"where": fault.where, "problem": fault.problem, "hint": fault.hint} for fault in faults])
    else:
        for fault in faults:
            print(fault)
        count = len(faults)
        print(f"{path}: {count} fault{'s' if count != 1 else ''}." if faults else f"{path}: all good.")
    if faults:
        raise typer.Exit(1)
