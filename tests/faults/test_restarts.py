"""A database server that is restarted again and again through a whole edition, politely and not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.hands import counting, start_scheduler, start_workers, stop
from tests.faults.harness import Installation, many, moved_to_server, until
from tests.faults.sinks import SmtpSink
from tests.postgres import Server

READERS = many(300, 4000)
PER_SECOND = many(100, 25)
SECONDS = many(1, 5), many(2, 20)  # between two restarts
RESTARTS = many(2, 1000)  # at most


def test_server_that_restarts_through_a_whole_edition_loses_and_doubles_nothing(
    installed: Callable[..., Installation], server_folder: Path, tell: Callable[..., None]
) -> None:
    server = Server(server_folder)
    server.start()
    chance = random.Random(2026)
    dots: list[str] = []
    restarts = 0
    try:
        with SmtpSink(counting(dots)) as sink:
            source = installed(sink, readers=READERS, per_second=PER_SECOND)
            here = moved_to_server(source, server.url.render_as_string(hide_password=False))
            workers = start_workers(here, 2)
            scheduler, _ = start_scheduler(here)
            until(lambda: dots)
            while here.status() != "done" and restarts < RESTARTS:
                time.sleep(chance.uniform(*SECONDS))
                server.stop(("immediate", "fast")[restarts % 2])
                server.start()
                restarts += 1
            until(lambda: here.status() == "done", 90)
            stop([*workers, scheduler])
            tally = here.tally(sink)
    finally:
        server.stop()
    tell(tally, runs=restarts)
    tally.require()
