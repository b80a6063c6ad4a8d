"""A backup is put back while workers and the scheduler run: nothing leaves until somebody says that it may."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.hands import counting, start_scheduler, start_workers, stop
from tests.faults.harness import IS_FULL, Installation, ServerInstallation, many, moved_to_server, until
from tests.faults.sinks import SmtpSink
from tests.postgres import Server

READERS = 400
PER_SECOND = 50
SECONDS = many(6, 70)  # in which all have looked what is to be done; a scheduler does so once a minute

only_full = pytest.mark.skipif(not IS_FULL, reason="takes minutes: `make faults`")


@pytest.mark.parametrize("workers", [pytest.param(0, marks=only_full), 2])
@pytest.mark.parametrize("how", [pytest.param("dumped", marks=only_full), "copied"])
@pytest.mark.parametrize("at", [330, pytest.param(READERS, marks=only_full)], ids=["in mid-edition", "after it"])
def test_a_backup_that_is_put_back_delivers_nothing_until_armed(
    workers: int,
    how: str,
    at: int,
    installed: Callable[..., Installation],
    server_folder: Path,
    tell: Callable[..., None],
) -> None:
    server = Server(server_folder)
    server.start()
    dots: list[str] = []
    try:
        with SmtpSink(counting(dots)) as sink:
            source = installed(sink, readers=READERS, per_second=PER_SECOND)
            here = moved_to_server(source, server.url.render_as_string(hide_password=False))
            hands = start_workers(here, workers) if workers else []
            hands.append(start_scheduler(here)[0])
            until(lambda: len(dots) > 60)
            if how == "copied":
                server.back_up()
            else:
                server.dump("postgres")
            until(lambda: len(dots) >= at)
            if at == READERS:
                until(lambda: here.status() == "done")
            if how == "copied":
                server.stop()
                server.restore()
                server.start()
            else:
                server.load("postgres")
            time.sleep(SECONDS)
            known = here.states()
            count = len(dots)
            time.sleep(2)
            assert (len(dots), here.states()) == (count, known), "something still leaves"
            printed = stop(hands)
            refused = here.digest("run", "politics")
            tally = here.tally(sink)
            here.arm()
            armed = go_on(here, workers)
            until(lambda: len(dots) > count)
            stop(armed)
    finally:
        server.stop()
    tell(tally)
    assert tally.doubled == 0, printed
    assert refused.code == 1
    assert "restored" in refused.printed or "another database or a copy" in refused.printed, refused


def go_on(here: ServerInstallation, workers: int) -> list[subprocess.Popen[str]]:
    return [*(start_workers(here, workers) if workers else []), start_scheduler(here)[0]]
