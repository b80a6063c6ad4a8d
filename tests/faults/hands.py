"""More hands than one process has: workers and schedulers on one database, begun, waited for and stopped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from tests.faults.harness import ServerInstallation, ended, until
from tests.faults.sinks import SmtpScript, Stage

__all__ = ["counting", "finish", "start_workers", "stop"]


def start_workers(here: ServerInstallation, count: int, *, at_once: int = 2) -> list[subprocess.Popen[str]]:
    """Start workers and wait until all that were started live."""
    wanted = here.ask("SELECT count(*) FROM workers")[0][0] + count
    workers = [here.start("worker", "--concurrency", str(at_once)) for _ in range(count)]
    until(lambda: here.ask("SELECT count(*) FROM workers")[0][0] >= wanted)
    return workers


def finish(here: ServerInstallation, run: subprocess.Popen[str]) -> None:
    """Wait for a run; begin another while the edition is not done, as a scheduler's next alarm does."""
    run.communicate(timeout=60)
    until(lambda: here.status() == "done" or (here.digest("run", "politics").code >= 0 and here.status() == "done"))


def stop(processes: Iterable[subprocess.Popen[str]]) -> list[str]:
    """Ask processes to end; return what each printed. Fails when one shows a traceback."""
    asked = list(processes)
    for process in asked:
        process.terminate()
    return [ended(process).printed for process in asked]


def counting(dots: list[str]) -> SmtpScript:
    """Return a script that notes whom each letter is for when its end has come."""

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            dots.append(email)
        return ""

    return script
