"""Told to stop: what is in flight is finished, the rest stays queued, and the next run goes on."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.faults.harness import Installation, ended, until
from tests.faults.sinks import HANG, SendGridSink, SendGridStage, SmtpSink, Stage


class Teller:
    """A script that signals the running command at the `after`th final dot or taken request."""

    def __init__(self, number: int, after: int) -> None:
        self.process: subprocess.Popen[str] | None = None
        self._number = number
        self._after = after
        self._arrived = count(1)  # a sink may ask from several threads: to take the next is one step

    def __call__(self, stage: Stage | SendGridStage, *_: object) -> Any:
        if stage in (Stage.DOT, SendGridStage.TAKEN) and next(self._arrived) == self._after:
            assert self.process is not None
            self.process.send_signal(self._number)
        return None if isinstance(stage, SendGridStage) else ""


@pytest.mark.parametrize(
    ("sender", "number"),
    [("smtp", signal.SIGTERM), ("smtp", signal.SIGINT), ("sendgrid", signal.SIGTERM)],
    ids=["smtp-term", "smtp-int", "sendgrid-term"],
)
def test_told_to_stop_leaves_nothing_uncertain(
    sender: str, number: int, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    teller = Teller(number, after=10)
    with SmtpSink(teller) if sender == "smtp" else SendGridSink(teller) as sink:
        here = installed(sink, readers=400, per_second=400, **({"personalizations": 5} if sender == "sendgrid" else {}))
        teller.process = here.start("run", "politics")
        done = ended(teller.process)
        stopped = here.tally(sink)

        here.digest("run", "politics")
        finished = here.tally(sink)
    tell(finished)
    assert (done.code, "Stopping" in done.printed) == (1, True), done
    stopped.require(is_settled=False)
    assert set(stopped.states) == {"accepted", "queued"}
    finished.require()
    assert finished.taken == 400


def test_a_second_sigterm_ends_at_once_and_leaves_only_what_was_in_flight_uncertain(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    unanswered: list[str] = []

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT and len(unanswered) < 3:
            unanswered.append(email)
            return HANG
        return ""

    with SmtpSink(script) as sink:
        here = installed(sink, readers=60, connections=3)
        process = here.start("run", "politics")
        until(lambda: len(unanswered) == 3)
        process.terminate()
        assert process.stdout is not None
        assert "Stopping" in process.stdout.readline()
        process.terminate()
        assert ended(process).code == -signal.SIGTERM

        here.digest("run", "politics")
        tally = here.tally(sink)
    tell(tally)
    tally.require(uncertain_at_most=3)
    assert tally.uncertain == 3
    assert tally.taken == 60
