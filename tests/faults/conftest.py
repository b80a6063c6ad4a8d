"""What the fault tests share: one composed edition for all of them, and the table of `make faults`."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import IS_FULL, Installation, Sink, Tally, compose, install

_ROW = "fault"


@pytest.fixture(scope="session")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose edition of today is frozen: made once, by whichever worker comes first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made, draft = shared / "composed", shared / "composed-draft"
    with (shared / "composed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            compose(draft)
            draft.rename(made)
    return made


@pytest.fixture
def installed(composed: Path, tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Make installations: `installed(sink, readers=…, **delivery)`."""
    made: list[Installation] = []

    def make(sink: Sink, *, readers: int, folder: Path | None = None, **delivery: Any) -> Installation:
        made.append(install(composed, folder or tmp_path / "project", sink, readers=readers, **delivery))
        return made[-1]

    yield make
    for here in made:
        here.end_all()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder that another user may enter: a server does not run as root."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Take a test's tally for the table; `runs` is how often the fault was caused."""
    began = time.monotonic()

    def told(tally: Tally, *, runs: int = 1) -> None:
        counts = (runs, tally.frozen, tally.lost, tally.doubled, tally.uncertain, time.monotonic() - began)
        request.node.user_properties.append((_ROW, (request.node.name, *counts)))

    return told


def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None] | None:
    """Print a row a fault."""
    if not IS_FULL:
        return None
    rows = [
        row
        for reports in terminalreporter.stats.values()
        for report in reports
        for kind, row in getattr(report, "user_properties", ())
        if kind == _ROW and report.when == "call"
    ]
    wide = max((len(row[0]) for row in rows), default=0)
    heads = ("runs", "readers", "lost", "doubled", "uncertain", "seconds")
    terminalreporter.write_line(f"{'fault':{wide}} " + " ".join(f"{head:>9}" for head in heads))
    for name, *counts, seconds in sorted(rows):
        figures = [*(f"{count:>9}" for count in counts), f"{seconds:>9.1f}"]
        terminalreporter.write_line(f"{name:{wide}} " + " ".join(figures))
    return None
