"""Two processes on one database: one delivers, the other waits or takes over."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.hands import start_scheduler
from tests.faults.harness import Installation, ended, until
from tests.faults.sinks import SmtpSink, Stage

READERS = 600


def test_two_runs_at_once_deliver_everyone_once(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS)
        both = [here.start("run", "politics") for _ in range(2)]
        codes = [ended(process).code for process in both]
        tally = here.tally(sink)
    tell(tally)
    assert codes == [0, 0]
    tally.require()
    assert tally.taken == READERS


def test_two_schedulers_on_one_slot_make_one_edition(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS)
        both = [start_scheduler(here)[0] for _ in range(2)]
        until(lambda: here.status() == "done")
        for process in both:
            process.terminate()
        codes = [ended(process).code for process in both]
        tally = here.tally(sink)
        editions = here.ask("SELECT COUNT(*) FROM editions WHERE section = 'politics' AND subject <> ''")
    tell(tally)
    assert codes == [0, 0]
    assert editions == [(1,)]
    tally.require()
    assert tally.taken == READERS


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGKILL], ids=["continued", "killed"])
def test_a_run_that_starts_while_another_stands_still_waits_for_it(
    then: int, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    standing: list[subprocess.Popen[str]] = []
    dots: list[str] = []

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            dots.append(email)
            if len(dots) == 20:
                standing[0].send_signal(signal.SIGSTOP)
        return ""

    with SmtpSink(script) as sink:
        here = installed(sink, readers=READERS, connections=5)
        standing.append(here.start("run", "politics"))
        until(lambda: len(dots) >= 20)
        other = here.start("run", "politics")
        until(lambda: _has_open(other.pid, "digest.db"))  # it waits for the writer's lock or for the deliverer's
        standing[0].send_signal(then)
        codes = [ended(process).code for process in (standing[0], other)]
        tally = here.tally(sink)
    tell(tally)
    assert codes[0] == (0 if then == signal.SIGCONT else -signal.SIGKILL)
    tally.require(uncertain_at_most=0 if then == signal.SIGCONT else 5)


def _has_open(pid: int, name: str) -> bool:
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if file.readlink().name == name:
                return True
        except OSError:  # it was closed meanwhile
            continue
    return False
