"""What a run did, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from digest.cli.app import say

if TYPE_CHECKING:
    from digest.errors import Fault
    from digest.reports import EditionReport, RunReport

__all__ = ["print_faults", "print_run"]


def print_run(report: RunReport) -> None:
    """Print the sources' problems, then a paragraph per edition."""
    if report.stories is not None:
        sources = f"{report.sources} source{'s' if report.sources != 1 else ''}"
        print(f"Collected {report.stories} stories from {sources} in {report.seconds:.1f} s")
        for problem in report.problems:
            say(f"! {problem}", indent="  ")
        if report.popularity_input:
            print(f"  most popular by {report.popularity_input}")
    print_faults(report.list_faults)
    width = max((len(edition.id) for edition in report.editions), default=0)
    for edition in report.editions:
        _print_edition(edition, width)


def print_faults(faults: Sequence[Fault]) -> None:
    """Print what is wrong with a config.toml, a line each."""
    for fault in faults:
        say(f"! {fault}", indent="  ")


def _print_edition(edition: EditionReport, width: int) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in edition.counts)
    say(f"{edition.id:<{width}}  {edition.status.value:<9}  {edition.reason or counts}".rstrip())
    margin = " " * (width + 2)
    if edition.subject:
        size = f"  ({edition.letter_bytes / 1000:.0f} kB, {edition.made_of})" if edition.letter_bytes else ""
        say(f"“{edition.subject}”{size}", indent=margin)
    if edition.reason and counts:
        say(counts, indent=margin)
    for note in edition.notes:
        say(f"· {note}", indent=margin)
