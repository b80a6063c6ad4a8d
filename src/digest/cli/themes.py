"""Commands for those who design: a new theme, its faults, and how an edition looks in it, also while it is edited."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, app, open_app, read_config
from digest.errors import ConfigError, DigestError, TemplateError

if TYPE_CHECKING:
    from digest.model import Edition

theme_app = typer.Typer(help="Make, check and look at themes.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(theme_app, name="theme")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NEW = """\
# A theme says what is different from the one that it extends; every key of that one's theme.toml can stand here, and a
# template of the same name takes the place of its own. `digest theme check {name}` finds what is wrong.
extends = "{base}"

# [logo]
# light = "https://…"      # a picture in place of the name, with its size as shown
# dark = "https://…"       # the same for dark paper
# width_px = 240
# height_px = 48

# [fonts]                  # single quotes only
# serif = "Georgia, 'Times New Roman', serif"

# [accents.default]        # for labels, marks and numerals; at least 4.5:1 on the paper
# light = "#8A2B20"
# dark = "#E08A7C"
"""
_NEW_STYLES = """\
{# Styles by class, inlined last: they win. The classes stand in letter.css.j2 of the theme that this one extends. #}
"""


@theme_app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens.")],
    base: Annotated[str, typer.Option("--from", metavar="THEME", help="What it begins as.")] = "classic",
    config: ConfigOption = None,
) -> None:
    """Begin a theme of your own in templates/NAME, as a few differences from another."""
    told = read_config(config)
    if not _NAME.fullmatch(name):
        raise typer.BadParameter(f"{name!r} can't be a theme's name; use small letters, digits and hyphens.")
    folder = told.path("templates") / name
    if folder.exists():
        raise DigestError(f"{folder} exists already. Choose another name.")
    _folder_of(told.root, base)
    folder.mkdir(parents=True)
    (folder / "theme.toml").write_text(_NEW.format(name=name, base=base), "utf-8")
    (folder / "more.css.j2").write_text(_NEW_STYLES, "utf-8")
    print(f"Made {folder}. Look at it: digest theme preview {name} --watch")
    print(f'Use it: theme = "{name}" under [publication] in {told.file.name}')


@theme_app.command()
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The publication's when none.")] = None,
    config: ConfigOption = None,
) -> None:
    """Find every fault of a theme: names, tags, attributes, colours that can't be read, what a letter lacks."""
    from digest.render import check_theme

    told = read_config(config)
    folder = _folder_of(told.root, name or told.publication.theme)
    if faults := check_theme(folder):
        raise ConfigError(faults)
    print(f"{folder.parent.name}/{folder.name}: no fault.")


@theme_app.command()
def preview(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The publication's when none.")] = None,
    section: Annotated[str | None, typer.Option(help="Its edition of today; a sample when none is named.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Serve it, and show each change as it is saved.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of --watch, on this machine only.")] = 8025,
    config: ConfigOption = None,
) -> None:
    """Show an edition in a theme, as a page; with --watch it follows the files while they are edited."""
    told = read_config(config)
    folder = _folder_of(told.root, name or told.publication.theme)
    edition = _edition(config, section)
    if watch:
        from digest.cli.theme_watch import serve_theme

        print(f"http://127.0.0.1:{port} shows {folder.name}; Ctrl-C ends it.", flush=True)
        serve_theme(folder, edition, port)
        return
    html = themed(folder, edition)
    if output is None:
        print(html, end="")
        return
    output.write_text(html, "utf-8", newline="")
    print(output)


def themed(folder: Path, edition: Edition) -> str:
    """Return the edition's letter in the theme, its blanks leading nowhere.

    Raises:
        TemplateError: the theme has faults.
    """
    from digest.model import Blank
    from digest.render import load_theme, render

    letter = render(edition, load_theme(folder))
    html = letter.html
    for blank in Blank:
        html = html.replace(letter.token(blank), "#")
    return html


def _edition(config: Path | None, section: str | None) -> Edition:
    from digest.cli.editing import edition_and_letter
    from digest.render.sample import FULL

    if section is None:
        return FULL
    with open_app(config, needs_sender=False) as opened:
        return edition_and_letter(opened, section)[0]


def _folder_of(root: Path, name: str) -> Path:
    """Return the theme's folder: the project's own first, then the shipped one.

    Raises:
        TemplateError: there is none of that name.
    """
    from digest.bundled import bundled
    from digest.errors import Fault

    own, shipped = root / "templates" / name, bundled("templates") / name
    for folder in (own, shipped):
        if _NAME.fullmatch(name) and (folder / "theme.toml").is_file():
            return folder
    known = sorted(path.parent.name for path in bundled("templates").glob("*/theme.toml"))
    raise TemplateError([Fault(f"theme {name!r}", "is not there.", f"Looked in {own}; shipped: {', '.join(known)}.")])
