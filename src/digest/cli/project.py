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
    site: Annotated[
        str | None, typer.Option(metavar="URL", help="Find feeds, sections, name, looks and zone on this site.")
    ] = None,
) -> None:
    """Begin a project: a commented config.toml, lists and looks; with --site, and tomorrow's digest to look at."""
    from digest.cli.starting import EXAMPLE, write_project

    if site is None:
        for path in write_project(folder, EXAMPLE):
            print(f"wrote {path}")
        print(f"Next: fill in {folder / 'config.toml'} and the lists, then")
        print(f"  cd {folder} && digest check && digest preview SECTION")
        return
    from digest.cli.welcome import begin_with_site

    begin_with_site(folder, _web_address(site))


def _web_address(site: str) -> str:
    """Return what somebody typed as a web address; misuse when it is none."""
    from urllib.parse import urlsplit

    url = site.strip() if "//" in site else f"https://{site.strip()}"
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        is_one = False
    if not is_one:
        raise typer.BadParameter(f"{site!r} is no web address; write one like https://example.com")
    return url


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
