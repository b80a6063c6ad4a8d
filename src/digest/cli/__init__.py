"""The `digest` command: exit 0 done, 1 failed, 2 misuse.

Importing this costs no more than Typer: every command imports what it works with when it is run,
so that `digest --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer

__all__ = ["main", "whole_app"]


def whole_app() -> Typer:
    """Return the application with every command: importing the rooms registers them."""
    from digest.cli import (  # noqa: F401  (they register their commands)
        briefs,
        correcting,
        database,
        doctoring,
        editing,
        edits,
        grouping,
        inspecting,
        ledger,
        lists,
        project,
        running,
        sections,
        serving,
        statistics,
        status,
        steering,
        themes,
        tuning,
        working,
    )
    from digest.cli.app import app

    return app


def main() -> None:
    """Run the command line of this process and exit."""
    from digest.errors import ConfigError, DigestError

    try:
        Path.cwd()
    except FileNotFoundError:
        _fail("The folder that this shell stands in is gone, or was made anew: go into it again with cd.")
    try:
        whole_app()()
    except ConfigError as error:
        count = len(error.faults)
        print(f"The configuration has {count} fault{'s' if count != 1 else ''}:", file=sys.stderr)
        _fail(error)
    except DigestError as error:
        _fail(error)
    except BrokenPipeError:  # the reader of our output left: `digest stories | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: Exception | str) -> None:
    print(str(error), file=sys.stderr)
    sys.exit(1)
