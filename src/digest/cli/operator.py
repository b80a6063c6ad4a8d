"""The operator at the terminal: who it is that acts, and how they stop what is under way."""

from __future__ import annotations

import getpass
import os
import signal
import sys
import threading

__all__ = ["stopped_by_signals", "tell", "who_acts"]


def who_acts(host: str) -> str:
    """Return login@host, for the record of what was done by hand."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # no entry for this user, as in a bare container
        login = f"uid {os.getuid()}"
    return f"{login}@{host}"


def stopped_by_signals() -> threading.Event:
    """Return an event that the first SIGTERM or Ctrl-C sets; the second ends the process as usual."""
    stop = threading.Event()

    def ask_to_stop(number: int, _: object) -> None:
        stop.set()
        for wanted, usual in before.items():
            signal.signal(wanted, usual)
        print("Stopping: what is in flight is finished, the rest stays queued.", file=sys.stderr)

    before = {wanted: signal.signal(wanted, ask_to_stop) for wanted in (signal.SIGTERM, signal.SIGINT)}
    return stop


def tell(line: str) -> None:
    """Say something while work goes on, beside what the command prints."""
    print(line, file=sys.stderr, flush=True)
