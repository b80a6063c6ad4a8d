"""A thousand runs of `digest` in minutes: forks of one process that has imported it; see `launcher`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.harness import DEADLINE_SECONDS, Installation

__all__ = ["Fork", "Launcher", "launching"]


class Launcher:
    """Starts `digest` in one installation."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, *arguments: str) -> Fork:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return Fork(int(self._process.stdout.readline()))


class Fork:
    """One launched command."""

    def __init__(self, pid: int) -> None:
        self._file: int | None = None
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            self._file = os.pidfd_open(pid)

    def wait(self, seconds: float) -> bool:
        """Return whether it ended within `seconds`."""
        return self._file is None or bool(select.select([self._file], [], [], seconds)[0])

    def kill(self) -> None:
        """End it with SIGKILL, which nothing can catch."""
        with contextlib.suppress(ProcessLookupError):
            if self._file is not None:
                signal.pidfd_send_signal(self._file, signal.SIGKILL)

    def close(self) -> None:
        assert self.wait(DEADLINE_SECONDS), "it does not end"
        if self._file is not None:
            os.close(self._file)


@contextmanager
def launching(installation: Installation) -> Iterator[Launcher]:
    """Open a launcher; what it started has ended before it is left."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("launcher.py"))],
        cwd=installation.folder,
        env={**os.environ, "HOME": str(installation.folder), **installation.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Launcher(process)
    finally:
        process.communicate(timeout=30)
