"""Several workers on one server's database: each reader once, whatever happens to a worker or to the server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from digest.combining import SHARED_BATCH
from tests.faults.hands import counting, finish, start_workers, stop
from tests.faults.harness import Installation, ServerInstallation, many, moved_to_server, until
from tests.faults.sinks import SmtpSink, Stage

READERS = many(400, 4000)
SHARED = 1000  # in four batches

Installed = Callable[..., Installation]


def batches_done(here: ServerInstallation) -> list[int]:
    return [row[0] for row in here.ask("SELECT batches FROM workers ORDER BY since")]


def test_workers_share_an_edition_and_a_run_only_watches(
    installed: Installed, postgres_database: str, tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = moved_to_server(installed(sink, readers=SHARED, connections=10), postgres_database)
        workers = start_workers(here, 2)
        done = here.digest("run", "politics")
        status = here.digest("status").printed
        until(lambda: sum(batches_done(here)) >= 4)
        printed = stop(workers)
        tally = here.tally(sink)
        holders = here.ask("SELECT count(DISTINCT holder) FROM deliveries WHERE holder <> ''")[0][0]
    tell(tally)
    assert done.code == 0, done.printed
    assert here.status() == "done", (done.printed, printed)
    assert holders == 2
    tally.require()
    assert tally.taken == SHARED
    assert status.count("batches at work") == 2
    assert here.ask("SELECT count(*) FROM workers") == [(0,)]


def test_without_a_worker_a_run_delivers_itself(
    installed: Installed, postgres_database: str, tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = moved_to_server(installed(sink, readers=50), postgres_database)
        done = here.digest("run", "politics")
        tally = here.tally(sink)
        audited = here.digest("audit")
        doctored = here.digest("doctor", "database")
    tell(tally)
    assert done.code == 0, done.printed
    tally.require()
    assert tally.taken == 50
    assert audited.code == 0, audited.printed
    assert "PostgreSQL database" in doctored.printed


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped and woken"])
def test_what_a_worker_leaves_is_taken_up_by_others(
    how: int, installed: Installed, postgres_database: str, tell: Callable[..., None]
) -> None:
    hit: list[subprocess.Popen[str]] = []
    dots: list[str] = []

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            dots.append(email)
            if len(dots) == 50:
                hit[0].send_signal(how)
        return ""

    with SmtpSink(script) as sink:
        here = moved_to_server(installed(sink, readers=READERS), postgres_database)
        workers = start_workers(here, 2)
        hit.append(workers[0])
        run = here.start("run", "politics")
        until(lambda: here.status() == "done", 120)  # silence is noticed after ten seconds, a lock held after fifteen
        run.communicate(timeout=30)
        if how == signal.SIGSTOP:
            workers[0].send_signal(signal.SIGCONT)
            time.sleep(2.0)  # for it to say what it has still to say
            stop(workers)
        else:
            workers[0].communicate()
            stop(workers[1:])
        tally = here.tally(sink)
    tell(tally)
    tally.require(uncertain_at_most=0 if how == signal.SIGSTOP else 20)  # 2 batches, 10 connections each


def test_connections_that_are_cut_lose_and_double_nothing(
    installed: Installed, postgres_database: str, tell: Callable[..., None]
) -> None:
    times = many(3, 20)
    dots: list[str] = []

    with SmtpSink(counting(dots)) as sink:
        here = moved_to_server(installed(sink, readers=READERS, per_second=200), postgres_database)
        workers = start_workers(here, 2)
        run = here.start("run", "politics")
        for number in range(1, times + 1):
            wanted = READERS * number // (times + 1)
            until(lambda: len(dots) > wanted)  # noqa: B023  (asked before the next turn)
            here.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finish(here, run)
        stop(workers)
        tally = here.tally(sink)
    tell(tally, runs=times)
    tally.require()


def test_pace_is_one_over_all_workers(installed: Installed, postgres_database: str) -> None:
    times: list[float] = []

    def script(stage: Stage, email: str) -> str:
        if stage is Stage.DOT:
            times.append(time.monotonic())
        return ""

    with SmtpSink(script) as sink:
        here = moved_to_server(installed(sink, readers=150, per_second=50), postgres_database)
        workers = start_workers(here, 3)
        here.digest("run", "politics")
        stop(workers)
        tally = here.tally(sink)
    tally.require()
    times.sort()
    assert len(times) == 150
    # In any second no more than the pace and what one stretch of each worker may have pushed together.
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 50 * 1.25 + 3


def test_worker_lives_while_it_works_on_all_the_batches_that_it_may(
    installed: Installed, postgres_database: str
) -> None:
    at_once = 2 * (os.cpu_count() or 1) + 8  # more than a pool of threads has by itself
    with SmtpSink() as sink:
        here = moved_to_server(installed(sink, readers=at_once * SHARED_BATCH, per_second=20), postgres_database)
        workers = start_workers(here, 1, at_once=at_once)
        run = here.start("run", "politics")
        until(lambda: here.ask("SELECT at_work FROM workers") == [(at_once,)])
        seen = here.ask("SELECT seen_at FROM workers")[0][0]
        until(lambda: here.ask("SELECT seen_at FROM workers")[0][0] > seen)
        stop([*workers, run])
        here.tally(sink).require(is_settled=False)


def test_worker_needs_a_server(installed: Installed) -> None:
    with SmtpSink() as sink:
        done = installed(sink, readers=1).digest("worker")
    assert done.code == 1
    assert "workers need a PostgreSQL database" in done.printed
