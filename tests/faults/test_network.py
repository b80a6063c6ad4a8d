"""Machines whose links to the database or to the provider are cut in mid-edition: silently, as a switch that died."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.hands import counting, start_workers, stop
from tests.faults.harness import IS_FULL, Installation, ServerInstallation, many, moved_to_server, until
from tests.faults.networks import DATABASE, HOSTS, SINK, Machine, machines
from tests.faults.sinks import SmtpSink
from tests.postgres import Server, Unavailable

READERS = many(500, 4000)
PER_SECOND = many(100, 60)  # an edition of 5 seconds, or of a minute
CONNECTIONS = 10  # of a batch: enough of them unanswered to hold an edition, if nobody else were accepted
BATCHES = 2  # of a worker, at once
IN_FLIGHT = CONNECTIONS * BATCHES
only_full = pytest.mark.skipif(not IS_FULL, reason="takes minutes: `make faults`")

Installed = Callable[..., Installation]


@dataclass(frozen=True)
class Place:
    """An installation whose servers are the hub's, and whom letters came to the hub for."""

    here: ServerInstallation
    sink: SmtpSink
    dots: list[str]
    machines: Sequence[Machine]

    def start_worker(self, machine: Machine) -> subprocess.Popen[str]:
        with machine.entered():
            return start_workers(self.here, 1, at_once=BATCHES)[0]

    def wait_for_dots(self, count: int) -> None:
        until(lambda: len(self.dots) >= count)

    def wait_until_done(self, *, is_held_for_all: bool = False) -> None:
        """Begin a run on the hub until the edition is done, as a scheduler's alarms do."""
        ends = time.monotonic() + 240
        while self.here.status() != "done":
            assert time.monotonic() < ends, (self.here.status(), self.here.states())
            if is_held_for_all and self.here.status() == "held":
                self.here.digest("approve", "politics")
            self.here.start("run", "politics").communicate(timeout=200)

    def wait_until_gone(self, count: int) -> None:
        """Wait until so many workers said nothing for so long that others take their batches."""
        silent = "SELECT count(*) FROM workers WHERE seen_at < now() - interval '10.5 s'"
        until(lambda: self.here.ask(silent)[0][0] >= count)

    def wait_until_back(self, count: int) -> None:
        """Wait until so many workers say again that they live."""
        lively = "SELECT count(*) FROM workers WHERE seen_at > now() - interval '3 s'"
        until(lambda: self.here.ask(lively)[0][0] >= count, 90)


@contextmanager
def placed(installed: Installed, folder: Path, count: int) -> Iterator[Place]:
    """Make a hub with the servers and `count` machines; be on the hub."""
    dots: list[str] = []
    with ExitStack() as closing:
        try:
            hub, *others = closing.enter_context(machines(count))
            closing.enter_context(hub.entered())
            server = Server(folder)
            server.listen(DATABASE, HOSTS)
            server.start()
        except Unavailable as reason:
            pytest.skip(str(reason))
        closing.callback(server.stop)
        sink = closing.enter_context(SmtpSink(counting(dots), SINK))
        source = installed(sink, readers=READERS, per_second=PER_SECOND, connections=CONNECTIONS, timeout_seconds=0.5)
        here = moved_to_server(source, server.url.render_as_string(hide_password=False))
        yield Place(here, sink, dots, others)


def test_what_a_worker_without_the_database_leaves_is_taken_up_by_others(
    installed: Installed, server_folder: Path, tell: Callable[..., None]
) -> None:
    with placed(installed, server_folder, 1) as place:
        workers = [place.start_worker(place.machines[0]), *start_workers(place.here, 1)]
        run = place.here.start("run", "politics")
        place.wait_for_dots(100)
        place.machines[0].cut(DATABASE)
        place.wait_until_gone(1)
        place.machines[0].mend(DATABASE)
        place.wait_until_back(2)
        place.wait_until_done()
        run.communicate(timeout=60)
        stop(workers)
        tally = place.here.tally(place.sink)
    tell(tally)
    tally.require(uncertain_at_most=IN_FLIGHT)


@only_full
@pytest.mark.parametrize("seconds", [12, 45])  # gone for the others; and for the machine itself
@pytest.mark.parametrize("cut", [(DATABASE,), (SINK,), (DATABASE, SINK)], ids=["database", "provider", "both"])
def test_link_that_is_cut_and_mended(
    cut: Sequence[str], seconds: int, installed: Installed, server_folder: Path, tell: Callable[..., None]
) -> None:
    with placed(installed, server_folder, 2) as place:
        workers = [place.start_worker(machine) for machine in place.machines]
        run = place.here.start("run", "politics")
        place.wait_for_dots(300)
        place.machines[0].cut(*cut)
        time.sleep(seconds)
        place.machines[0].mend(*cut)
        place.wait_until_back(2)
        place.wait_until_done()
        run.communicate(timeout=60)
        stop(workers)
        tally = place.here.tally(place.sink)
    tell(tally)
    tally.require(uncertain_at_most=IN_FLIGHT)


@only_full
def test_a_worker_without_the_provider_leaves_batches_to_others(
    installed: Installed, server_folder: Path, tell: Callable[..., None]
) -> None:
    with placed(installed, server_folder, 1) as place:
        cut_off = place.start_worker(place.machines[0])
        place.machines[0].cut(SINK)
        workers = [cut_off, *start_workers(place.here, 1)]
        run = place.here.start("run", "politics")
        place.wait_for_dots(READERS // 2)
        put_off = place.here.ask("SELECT count(DISTINCT batch) FROM deliveries WHERE due_at IS NOT NULL")[0][0]
        place.machines[0].mend(SINK)
        place.wait_until_done()
        run.communicate(timeout=60)
        stop(workers)
        tally = place.here.tally(place.sink)
    tell(tally)
    tally.require()
    assert put_off <= 2 * BATCHES * (READERS / 2 / PER_SECOND / 10 + 1)


@only_full
def test_everything_is_cut_for_a_minute(installed: Installed, server_folder: Path, tell: Callable[..., None]) -> None:
    with placed(installed, server_folder, 3) as place:
        *working, scheduling = place.machines
        workers = [place.start_worker(machine) for machine in working]
        with scheduling.entered():
            run = place.here.start("run", "politics")
        place.wait_for_dots(300)
        for machine in place.machines:
            machine.cut(DATABASE, SINK)
        time.sleep(60)
        for machine in place.machines:
            machine.mend(DATABASE, SINK)
        place.wait_until_back(2)
        place.wait_until_done(is_held_for_all=True)  # nobody was answered
        run.communicate(timeout=60)
        stop(workers)
        tally = place.here.tally(place.sink)
    tell(tally)
    tally.require(uncertain_at_most=2 * IN_FLIGHT)


@only_full
def test_what_a_run_on_a_machine_that_vanished_leaves_is_taken_up_by_another(
    installed: Installed, server_folder: Path, tell: Callable[..., None]
) -> None:
    with placed(installed, server_folder, 1) as place:
        with place.machines[0].entered():
            gone = place.here.start("run", "politics")
        place.wait_for_dots(300)
        place.machines[0].cut(DATABASE, SINK)
        gone.kill()  # nobody hears of it
        gone.communicate()
        place.wait_until_done()
        tally = place.here.tally(place.sink)
    tell(tally)
    tally.require(uncertain_at_most=CONNECTIONS)
