"""The Typer application, and what its commands share: options, the opened App, tables and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from digest.app import App
    from digest.config import Config

__all__ = [
    "ConfigOption",
    "JsonOption",
    "app",
    "chosen_config",
    "known_section",
    "open_app",
    "print_json",
    "print_table",
    "read_config",
    "say",
]

app = typer.Typer(
    name="digest",
    help="The daily email of a news publisher, made by itself: collect, select, compress, render, deliver.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEFAULT_CONFIG = Path("config.toml")
_chosen: list[Path] = [DEFAULT_CONFIG]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="FILE", help="The configuration; also before the command.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"digest {version('digest')}")
        raise typer.Exit


@app.callback()
def _choose(
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", envvar="DIGEST_CONFIG", help="The configuration.")
    ] = DEFAULT_CONFIG,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    _chosen[0] = config


def read_config(config: Path | None) -> Config:
    """Read the configuration that the command line names.

    Raises:
        ConfigError: with every fault.
    """
    from digest.config import load_config

    return load_config(chosen_config(config))


def chosen_config(config: Path | None) -> Path:
    """Return the file that was named after the command, or before it, or config.toml."""
    return config or _chosen[0]


@contextmanager
def open_app(config: Path | None, *, needs_sender: bool = True) -> Iterator[App]:
    """Yield the installation that `config` or the nearest config.toml describes, opened; it is closed at the end."""
    from digest.wiring import open_app as wire

    with wire(read_config(config), needs_sender=needs_sender) as opened:
        yield opened


def known_section(config: Config, name: str) -> str:
    """Return `name` if it is a section; otherwise misuse, with the known ones."""
    if name in config.sections:
        return name
    raise typer.BadParameter(f"There is no section '{name}'. Known: {', '.join(config.sections)}.")


def print_json(value: Any) -> None:
    """Print a value for programs, UTF-8 and indented."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(text: str, *, indent: str = "") -> None:
    """Print a line of prose, wrapped at words to the terminal; whole where nobody looks."""
    import shutil
    import textwrap

    width = shutil.get_terminal_size().columns if _is_terminal() else 10_000
    rest = " " * (len(indent) + 2)
    filled = textwrap.fill(
        text,
        max(40, width),
        initial_indent=indent,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,  # an address is copied whole
    )
    print(filled)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Mapping[str, bool] | None = None,
    whole: Sequence[str] = (),
) -> None:
    """Print aligned columns without boxes; those of `whole` are never wrapped, the others at words."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if right and right.get(column) else "left", no_wrap=column in whole)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console = Console(width=None if _is_terminal() else 160)
    console.print(table)


def _is_terminal() -> bool:
    import sys

    return sys.stdout.isatty()
