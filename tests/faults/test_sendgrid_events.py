"""kill -9 over SendGrid: its events settle what was in flight, their absence submits again what it never took."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.feedback.reconciling import reconcile
from digest.settings import DeliverySettings
from digest.store.database import open_database
from tests.conftest import COMMAND, Project, wait_for
from tests.e2e.test_hooks import ledger_of, listen_to
from tests.e2e.test_senders import use_sendgrid
from tests.e2e.test_serve import serving
from tests.standins.sendgrid import LOST, OK, RESET, SendGridStandin
from tests.standins.sendgrid_events import EventAccount, events_of

KILLS = 4
READERS = 1_000


class _SlowStandin(SendGridStandin):
    """Takes a request up to `most_seconds` after it was asked, whether anybody waits for the answer or not."""

    def __init__(self, most_seconds: float) -> None:
        super().__init__(faults=[OK, LOST, OK, RESET, OK, RESET])  # beside what the kills leave open
        self.being_taken = 0
        self._most_seconds = most_seconds
        self._chance = random.Random(2026)
        self._counting = threading.Lock()

    def take(self, request: dict[str, Any]) -> None:
        with self._counting:
            self.being_taken += 1
        time.sleep(self._chance.uniform(0, self._most_seconds))
        super().take(request)
        with self._counting:
            self.being_taken -= 1


@pytest.mark.parametrize(("personalizations", "late_seconds"), [(10, 0.05), (250, 0.0)], ids=["10-late", "250"])
def test_events_settle_every_request_that_a_kill_left_uncertain(
    project: Project, monkeypatch: pytest.MonkeyPatch, personalizations: int, late_seconds: float
) -> None:
    with (project.folder / "subscribers" / "politics.csv").open("w", encoding="utf-8") as file:
        file.write("email\n")
        file.writelines(f"reader{number}@example.com\n" for number in range(READERS))
    chance = random.Random(2026)
    account = EventAccount()
    listen_to(project, account)
    slow = _SlowStandin(late_seconds)
    with slow as server:
        use_sendgrid(project, server)
        monkeypatch.setenv("SENDGRID_API_KEY", server.api_key)
        size = f"[delivery.sendgrid]\npersonalizations = {personalizations}"
        project.change_config(
            lambda text: text.replace("[delivery.sendgrid]", size).replace("per_second = 500", "per_second = 5000")
        )
        project.digest("arm")
        with serving(project) as base_url:
            for _ in range(KILLS):
                _run_and_kill(server, project, chance)
                account.post(
                    f"{base_url}/hooks/sendgrid", events_of(chance.sample(server.taken, len(server.taken) // 2))
                )
            _start(project).wait(120)
            wait_for(lambda: slow.being_taken == 0)
            _tell_all(server, account, base_url, chance)

            queued = _reconcile(project)
            assert queued >= personalizations, "one request at least was never taken"
            project.digest("run", "politics")
            _tell_all(server, account, base_url, chance)
            assert _reconcile(project) == 0

    rows = ledger_of(project)
    recipients = Counter(letter.email for letter in server.taken)
    assert len(rows) == len(recipients) == READERS, "lost"
    assert max(recipients.values()) == 1, "doubled"
    assert Counter(row["state"] for row in rows) == {"delivered": READERS}


def _start(project: Project) -> subprocess.Popen[bytes]:
    assert COMMAND is not None
    return subprocess.Popen([COMMAND, "run", "politics"], cwd=project.folder, stdout=subprocess.DEVNULL)


def _run_and_kill(server: SendGridStandin, project: Project, chance: random.Random) -> None:
    run = _start(project)
    enough = len(server.taken) + chance.randint(1, READERS // (2 * KILLS))
    wait_for(lambda: run.poll() is not None or len(server.taken) >= enough)
    run.kill()
    run.wait()


def _tell_all(server: SendGridStandin, account: EventAccount, base_url: str, chance: random.Random) -> None:
    """Post the events of all that was taken, in any order, some of them again."""
    events = events_of(server.taken)
    events += chance.sample(events, len(events) // 10)
    chance.shuffle(events)
    for answer in account.post(f"{base_url}/hooks/sendgrid", events):
        assert answer.status_code == 200, answer.text


def _reconcile(project: Project) -> int:
    """Apply rule R as if the grace were over; return how many deliveries are queued again."""
    with closing(open_database("sqlite:///digest.db", root=project.folder)) as database:
        return reconcile(database, datetime.now(UTC), DeliverySettings(reconcile_after_minutes=0)).queued
