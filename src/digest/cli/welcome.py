"""`digest init --site`: looks around at a site, writes the project, and shows what its readers would get tomorrow."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from digest.cli.app import print_table, say
from digest.errors import DigestError, SourceError
from digest.exploring import Site, explore

__all__ = ["begin_with_site"]


def begin_with_site(folder: Path, url: str) -> None:
    """Write a project for the site into `folder`, and show an edition of it.

    Raises:
        DigestError: the site can't be read, or there is a project already.
    """
    from digest.cli.starting import write_project
    from digest.wiring import open_fetcher

    if (folder / "config.toml").exists():
        raise DigestError(f"{folder / 'config.toml'} exists already. Choose another folder: digest init DIR")
    with open_fetcher(url) as fetcher:
        try:
            site = explore(url, fetcher, datetime.now(UTC), _tell)
        except SourceError as error:
            raise DigestError(f"{url}: {error} Nothing was written.") from error
    print(f"\n{site.name}\n")
    print_table(("", "Found", "By"), _rows(site))
    for problem in site.problems:
        say(f"· {problem}", indent="  ")
    print()
    for path in write_project(folder, site):
        print(f"wrote {path}")
    _show(folder)
    print(f"\nNext, in {folder}:")
    print("  digest check                      what is left to fill in")
    print("  digest preview SECTION            the email of any section")
    print("  digest test SECTION --to YOU      one letter to yourself")


def _tell(line: str) -> None:
    print(f"{line} …", file=sys.stderr, flush=True)


def _rows(site: Site) -> list[tuple[str, str, str]]:
    where = site.where
    rows = [
        ("language", site.language, where.get("language", "")),
        ("zone", site.zone, where.get("zone", "")),
        ("feed", f"{site.feed.url} ({site.feed.stories} stories)" if site.feed else "", where.get("feed", "")),
        ("sitemap", site.sitemap, where.get("sitemap", "")),
        ("logo", site.logo.url if site.logo else "", where.get("logo", "")),
        ("colour", site.colour, where.get("colour", "")),
        ("popular", site.popular_page, "its own Most Popular block" if site.popular_page else ""),
        *(
            ("section" if number == 0 else "", section.title, feed or "no feed of its own")
            for number, (section, feed) in enumerate(site.sections)
        ),
    ]
    return [row for row in rows if row[1]]


def _show(folder: Path) -> None:
    """Print the first section's edition as it would go out now; what keeps it from that is said instead."""
    from digest.composing import collect_stories, draft
    from digest.config import load_config
    from digest.pipeline import today
    from digest.render import render_terminal
    from digest.wiring import open_app

    _tell("Collecting stories")
    with open_app(load_config(folder / "config.toml")) as opened:
        collected = collect_stories(opened)
        for problem in collected.problems[:5]:
            say(f"! {problem}", indent="  ")
        reasons: list[str] = []
        for section in opened.config.sections:
            made = draft(opened, today(opened, section), collected, may_ask=False)
            if made.edition is not None:
                print(f"\nThe {opened.config.title_of(section)} email as it would go out now:\n")
                print(render_terminal(made.edition, width=80, color=sys.stdout.isatty()))
                return
            reasons += made.choice.notes[:1]
    say(f"No section has stories enough yet. {' '.join(dict.fromkeys(reasons))}")
