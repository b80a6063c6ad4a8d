"""Runs `digest` as forks of one process that has imported it already: a thousand kills in minutes.

A line on standard input is a JSON list of arguments; the answer is the process id. The child runs the
command's own `main` in a process, a session and an output file of its own. Ends with its input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module

_USED = (
    "digest.pipeline",
    "digest.wiring",
    "digest.cli.report",
    "digest.deliver.senders.smtp",
    "digest.deliver.senders.sendgrid",
)


def launch(arguments: list[str]) -> int:
    """Fork a `digest` with `arguments`; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    output = os.open("launched.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["digest", *arguments]
    from digest.cli import main

    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    sys.stdout.flush()
    os._exit(code)


def serve() -> None:
    for module in _USED:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the ended are not waited for
    for line in sys.stdin:
        print(launch(json.loads(line)), flush=True)


if __name__ == "__main__":
    serve()
