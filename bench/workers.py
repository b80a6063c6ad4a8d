"""Letters a second with 1, 2 and 4 workers on one PostgreSQL, beside a run alone on it and on SQLite.

    python -m bench.workers [READERS]

Letters go into the sink beside this file: at once, and as into a relay that takes its time, so that a worker's
connections limit it before the machine does. "Of linear" is a worker's share of what one alone does. The server is
started from the wheel of the tests, with fsync as a server has it.
Beside each rate stands the processors' time of the server and of those that deliver for a letter, and how much of the
machine was idle: what saturates. The last line is what Procrastinate takes for a job that finds nothing due.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.smtp_sinks import compiled_sink
from tests.faults.harness import Installation, compose, install, moved_to_server
from tests.postgres import Server, empty_database

READERS = 20_000
SLOW_SECONDS = 0.05
_TICK = os.sysconf("SC_CLK_TCK")


class Elsewhere:
    """A sink in a process of its own: nothing is asked of it but to take."""

    sender = "smtp"
    log: list[object] = []  # noqa: RUF012

    def __init__(self, port: int) -> None:
        self._port = port

    def settings(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "port": self._port, "security": "none", "connections": 10}

    def settle(self) -> None:
        """Know of nothing that is still open."""


def main(readers: int) -> None:
    base = Path(tempfile.mkdtemp())
    compose(base / "composed")
    server = Server(Path(tempfile.mkdtemp(prefix="pg-")), "-c listen_addresses='' -c max_connections=200")
    server.start()
    try:
        print(f"{readers:,} readers, {os.cpu_count()} processors")
        for seconds in (0.0, SLOW_SECONDS):
            with compiled_sink(base, chunking=True, seconds=seconds) as port:
                print(f"\nA relay that takes {seconds * 1e3:.0f} ms to answer a letter")
                last = _compare(base, Elsewhere(port), server, readers, is_slow=seconds > 0)
        print(f"\na job with nothing due: {_job_cost(last) * 1e3:.1f} ms of one worker's time, two at once")
    finally:
        server.stop()


def _compare(base: Path, taker: Elsewhere, server: Server, readers: int, *, is_slow: bool) -> Installation:
    """Print a row for each number of workers; return the last installation."""
    print(f"{'':<26}{'letters/s':>10}{'of linear':>11}{'server':>12}{'delivering':>12}{'idle':>7}")
    first = 0.0
    for workers in (1, 2, 4, 8) if is_slow else (-1, 0, 1, 2, 4):
        folder = base / f"{is_slow}{workers}"
        here = install(base / "composed", folder, taker, readers=readers)  # type: ignore[arg-type]
        if workers >= 0:
            here = moved_to_server(here, empty_database(server.url))
        told = {-1: "SQLite, a run alone", 0: "PostgreSQL, a run alone", 1: "1 worker"}.get(
            workers, f"{workers} workers"
        )
        rate, costs = _measured(here, server, max(0, workers), readers)
        first = first or (rate if workers == 1 else 0.0)
        linear = f"{rate / first / workers:.2f}" if workers > 0 else ""
        print(f"{told:<26}{rate:>10,.0f}{linear:>11}{costs}", flush=True)
    return here


def _job_cost(here: Installation, jobs: int = 1000) -> float:
    """Return the seconds from job to job of one worker."""
    here.change(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'deliver', 'digest.deliver_batch', "
        "jsonb_build_object('edition_id', CAST(? AS text), 'batch', n) FROM generate_series(1, ?) AS n",
        *(here.edition, jobs),
    )
    here.change("UPDATE editions SET status = 'sending', late_at = now() + interval '1 hour'")
    worker = here.start("worker", "--concurrency", "2")
    _until(lambda: here.ask("SELECT count(*) FROM procrastinate_jobs")[0][0] < jobs)
    left, began = here.ask("SELECT count(*) FROM procrastinate_jobs")[0][0], time.monotonic()
    _until(lambda: here.ask("SELECT count(*) FROM procrastinate_jobs")[0][0] == 0)
    took = time.monotonic() - began
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    return took / max(1, int(left))


def _measured(here: Installation, server: Server, workers: int, readers: int) -> tuple[float, str]:
    """Return letters a second, and what they cost in words."""
    hands = [here.start("worker", "--concurrency", "2") for _ in range(workers)]
    while workers and here.ask("SELECT count(*) FROM workers")[0][0] < workers:
        time.sleep(0.1)
    run = here.start("run", "politics")
    _until(lambda: here.ask("SELECT count(*) FROM deliveries WHERE state <> 'queued'")[0][0] > 0)
    began, idle, of_server, of_ours = time.monotonic(), _idle(), _server_seconds(server), _seconds([run, *hands])
    before = _accepted(here)
    _until(lambda: here.status() == "done")
    took, busy = time.monotonic() - began, _idle() - idle
    ours, theirs = _seconds([run, *hands]) - of_ours, _server_seconds(server) - of_server
    for process in (*hands, run):
        process.send_signal(signal.SIGTERM)
    for process in (run, *hands):
        process.communicate(timeout=60)
    sent = readers - before
    idle_share = busy / took / (os.cpu_count() or 1)
    return sent / took, f"{theirs / sent * 1e6:>9,.0f} µs{ours / sent * 1e6:>9,.0f} µs{idle_share:>6.0%}"


def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.2)


def _accepted(here: Installation) -> int:
    return int(here.ask("SELECT count(*) FROM deliveries WHERE state = 'accepted'")[0][0])


def _idle() -> float:
    return int(Path("/proc/stat").read_text("ascii").split()[4]) / _TICK


def _seconds(processes: list[subprocess.Popen[str]]) -> float:
    return sum(_of_process(process.pid) for process in processes)


def _of_process(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _server_seconds(server: Server) -> float:
    """Return the processors' time of the server and of all its processes, also those that have ended."""
    pid = server.pid()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / _TICK
    return ended + _of_process(pid) + sum(_of_process(int(child)) for child in children)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else READERS)
