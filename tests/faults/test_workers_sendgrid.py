"""Workers that submit to SendGrid are killed and stopped in mid-request; its signed events settle what they left."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from digest.feedback.reconciling import reconcile
from digest.settings import DeliverySettings
from digest.store.database import open_database
from tests.faults.hands import start_scheduler, start_workers, stop
from tests.faults.harness import Installation, ServerInstallation, many, moved_to_server, until
from tests.faults.sinks import SendGridSink, SendGridStage
from tests.standins.sendgrid import Fault
from tests.standins.sendgrid_events import EventAccount

READERS = many(300, 4000)
PERSONALIZATIONS = 10
KILLS = many(1, 8)
EVERY = READERS // PERSONALIZATIONS // (KILLS + 3)  # so many requests between two kills
SLOW_SECONDS = 0.03  # of a request, so that one is under way when a signal comes

Installed = Callable[..., Installation]


def test_events_settle_what_workers_left_that_were_killed_or_stopped(
    installed: Installed, postgres_database: str, tell: Callable[..., None]
) -> None:
    workers: list[subprocess.Popen[str]] = []
    asked: list[SendGridStage] = []

    def script(stage: SendGridStage) -> Fault | None:
        time.sleep(SLOW_SECONDS)
        asked.append(stage)
        return None

    account = EventAccount()
    with SendGridSink(script) as sink:
        source = installed(
            sink,
            readers=READERS,
            personalizations=PERSONALIZATIONS,
            connections=2,
            webhook_public_key=account.public_key,
        )
        here = moved_to_server(source, postgres_database)
        workers += start_workers(here, 3)
        serve, base_url = start_scheduler(here)
        until(lambda: len(asked) > EVERY)
        workers[0].send_signal(signal.SIGSTOP)
        for number in range(KILLS):
            until(lambda: here.status() == "done" or len(asked) > EVERY * 2 * (number + 2))  # noqa: B023
            workers[-1].kill()
            workers[-1].communicate()
            if number + 1 < KILLS:
                workers += start_workers(here, 1)
        until(lambda: here.status() == "done", 120)
        workers[0].send_signal(signal.SIGCONT)
        until(lambda: idle_workers(here) >= 2)  # what it has marked it says, or submits, before anything is judged
        left = here.tally(sink).uncertain
        tell_all(sink, account, base_url)
        queued = resubmitted(here)
        until(lambda: here.status() == "done" or here.digest("run", "politics").code < 0)
        tell_all(sink, account, base_url)
        stop([serve, *(worker for worker in workers if worker.returncode is None)])
        tally = here.tally(sink)
    tell(tally, runs=KILLS + 1)
    assert queued <= left <= (KILLS + 1) * 4 * PERSONALIZATIONS  # two batches of a worker, two connections each
    tally.require()
    assert tally.states == {"delivered": READERS}


def idle_workers(here: ServerInstallation) -> int:
    idle = "SELECT count(*) FROM workers WHERE seen_at > now() - interval '3 s' AND at_work = 0"
    return int(here.ask(idle)[0][0])


def tell_all(sink: SendGridSink, account: EventAccount, base_url: str) -> None:
    sink.settle()
    for answer in account.post(f"{base_url}/hooks/sendgrid", sink.events()):
        assert answer.status_code == 200, answer.text


def resubmitted(here: ServerInstallation) -> int:
    """Apply rule R as if the grace were over; return how many deliveries are queued again: those never taken."""
    with closing(open_database(here.url, root=here.folder)) as database:
        return reconcile(database, datetime.now(UTC), DeliverySettings(reconcile_after_minutes=0)).queued
