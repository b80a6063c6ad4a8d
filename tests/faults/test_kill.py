"""kill -9, at moments that a seed chooses and at every point of a submission by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from threading import Event, Lock
from typing import Any

import pytest

from tests.faults.forks import Fork, Launcher, launching
from tests.faults.harness import DEADLINE_SECONDS, Installation, many
from tests.faults.sinks import SendGridSink, SendGridStage, SmtpSink, Stage

SMTP_CONNECTIONS = 10
SENDGRID_CONNECTIONS = 4
PERSONALIZATIONS = 5


class Killer:
    """A script that kills the running command when the provider has come to its `after`th stage."""

    def __init__(self) -> None:
        self._fork: Fork | None = None
        self._left = 0
        self._lock = Lock()  # a sink may ask from several threads
        self.has_struck = Event()

    def aim(self, fork: Fork, after: int) -> None:
        with self._lock:  # what the last command left in the sink may still be counted
            self.has_struck.clear()
            self._left, self._fork = after, fork

    def __call__(self, *_: object) -> Any:
        with self._lock:
            self._left -= 1
            if self._left == 0 and self._fork is not None:
                self._fork.kill()
                self.has_struck.set()
        return ""


def kill_often(launcher: Launcher, killer: Killer, kills: int, most_stages: int) -> int:
    """Run and kill until `kills` were made or the edition is done; return how many were."""
    chance = random.Random(2026)
    made = 0
    while made < kills:
        fork = launcher.start("run", "politics")
        if chance.random() < 0.2:  # at any moment from the start on, also before a connection is made
            killer.aim(fork, most_stages)
            has_ended = fork.wait(chance.uniform(0, 0.25)) and not killer.has_struck.is_set()
            fork.kill()
        else:
            killer.aim(fork, chance.randint(1, most_stages))
            fork.wait(DEADLINE_SECONDS)
            has_ended = not killer.has_struck.is_set()
        fork.close()
        made += not has_ended
        if has_ended:
            break
    return made


@pytest.mark.parametrize("sender", ["smtp", "sendgrid"])
def test_killed_at_random_moments(
    sender: str, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    killer = Killer()
    sink: SmtpSink | SendGridSink
    if sender == "smtp":
        sink, connections, in_flight, stages = SmtpSink(killer), SMTP_CONNECTIONS, SMTP_CONNECTIONS, 70
        kills, readers = many(30, 1_000), many(1_000, 60_000)
    else:
        sink = SendGridSink(lambda stage: killer() or None)
        connections, in_flight, stages = SENDGRID_CONNECTIONS, SENDGRID_CONNECTIONS * PERSONALIZATIONS, 8
        kills, readers = many(20, 1_000), many(2_000, 80_000)
    more = {"personalizations": PERSONALIZATIONS} if sender == "sendgrid" else {}
    with sink:
        here = installed(sink, readers=readers, connections=connections, **more)
        with launching(here) as launcher:
            made = kill_often(launcher, killer, kills, stages)
            launcher.start("run", "politics").close()
        tally = here.tally(sink)
    tell(tally, runs=made)
    assert tally.frozen == readers
    assert made >= kills // 2
    tally.require(uncertain_at_most=made * in_flight)


# What may be in flight when the process dies at the first of each stage: (at least, at most) letters.
Points = Mapping[Stage | SendGridStage, tuple[int, int]]
SMTP_POINTS: Points = {
    Stage.CONNECT: (0, 0),
    Stage.MAIL: (0, 0),
    Stage.RCPT: (0, 0),
    Stage.DATA: (0, 0),
    Stage.BODY: (0, 1),  # the intent may be on disk before the last of the body is in the socket
    Stage.DOT: (1, 1),
    Stage.REPLY: (0, 1),  # the next letter's intent and this one's outcome are one transaction
}
SENDGRID_POINTS: Points = {SendGridStage.REQUEST: (1, 1), SendGridStage.TAKEN: (1, 1)}  # requests


class Striker:
    """A script that kills the running command when the provider first comes to a stage."""

    def __init__(self) -> None:
        self.fork: Fork | None = None
        self.at: Stage | SendGridStage | None = None

    def __call__(self, stage: Stage | SendGridStage, *_: object) -> Any:
        if stage is self.at and self.fork is not None:
            self.at = None
            self.fork.kill()
        return None if isinstance(stage, SendGridStage) else ""


@pytest.mark.parametrize("sender", ["smtp", "sendgrid"])
def test_killed_at_a_named_point_leaves_what_that_point_says(
    sender: str, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    striker = Striker()
    sink: SmtpSink | SendGridSink
    if sender == "smtp":
        sink, points, size, keys = SmtpSink(striker), SMTP_POINTS, 1, {}
    else:
        sink, points, size, keys = SendGridSink(striker), SENDGRID_POINTS, 10, {"personalizations": 10}
    with sink:
        here = installed(sink, readers=40, connections=1, **keys)
        with launching(here) as launcher:
            for point, (least, most) in points.items():
                striker.at = point
                striker.fork = launcher.start("run", "politics")
                striker.fork.close()
                sink.settle()
                in_flight = here.states().get("submitting", 0)
                assert striker.at is None, f"{point} never came"
                assert least * size <= in_flight <= most * size, point
            launcher.start("run", "politics").close()
        tally = here.tally(sink)
    tell(tally, runs=len(points))
    tally.require(uncertain_at_most=size * sum(most for _, most in points.values()))
