"""How many readers a second the SendGrid sender submits to, into a loopback stand-in that takes everything.

    python -m bench.sendgrid [READERS]

The stand-in is a process of its own: it reads each body to its end and answers 202, nothing else. The yardstick
is the official package in the same run: a `Mail` with a personalization a reader, built, serialised and posted
by its client, one request of 1,000 after another. Then once more through `dispatch.deliver` with the ledger in
SQLite as it is shipped. Every line submits to READERS readers (100,000) but the yardstick (5,000). CPU is that of
the process that submits, so that it holds on a busy machine too.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.assembly import letter_of, reader_of
from bench.ledger import EDITION, NOW, frozen_edition

from digest.deliver import dispatch, freezing, ledger
from digest.deliver.senders.sendgrid import SendGridSender
from digest.model import Addressed, Blank, Delivery, DeliveryState, Letter
from digest.settings import DeliverySettings, SendGridSettings

READERS = 100_000
YARDSTICK_READERS = 5_000
_BUFFER_BYTES = 1 << 20
_ANSWER = b"HTTP/1.1 202 Accepted\r\nX-Message-Id: bench\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Figure:
    """What submitting to `readers` took: seconds by the wall clock, and of this process's CPU."""

    readers: int
    seconds: float
    cpu_seconds: float


def main(readers: int) -> None:
    """Print a line a setting, and how many times as fast as the yardstick it is."""
    people = [reader_of(number) for number in range(readers)]
    with standin() as base_url:
        yardstick = _by_the_package(base_url, people[:YARDSTICK_READERS])
        print(f"{'':48}{'readers/s':>12}{'× package':>12}{'CPU µs/reader':>16}{'× package':>12}")
        _tell("official package, serial, 1,000 a request", yardstick, yardstick)
        for personalizations in (250, 1000):
            for connections in (1, 4):
                settings = SendGridSettings(
                    base_url=base_url, personalizations=personalizations, connections=connections
                )
                told = f"sender, {personalizations:,} a request, {connections} connections"
                _tell(told, _by_sessions(settings, people), yardstick)
        settings = SendGridSettings(base_url=base_url)
        _tell("with the ledger, 250 a request, 4 connections", _with_ledger(settings, readers), yardstick)


def _tell(what: str, figure: Figure, yardstick: Figure) -> None:
    rate, other_rate = (each.readers / each.seconds for each in (figure, yardstick))
    cpu, other_cpu = (each.cpu_seconds / each.readers * 1e6 for each in (figure, yardstick))
    print(f"{what:<48}{rate:>12,.0f}{rate / other_rate:>12.1f}{cpu:>16.1f}{other_cpu / cpu:>12.1f}", flush=True)


def _timed(readers: int, work: Callable[[], object]) -> Figure:
    started, cpu_started = time.perf_counter(), time.process_time()
    work()
    return Figure(readers, time.perf_counter() - started, time.process_time() - cpu_started)


@contextmanager
def standin() -> Iterator[str]:
    """Run the stand-in in a process of its own; yield its base URL."""
    process = subprocess.Popen([sys.executable, "-m", "bench.sendgrid", "--standin"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    """Answer each request on one connection once its body is read."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    head = b""
    with connection:
        while True:
            end = head.find(b"\r\n\r\n")
            if end < 0:
                size = connection.recv_into(buffer)
                if not size:
                    return
                head += buffer[:size]
                continue
            length = int(head[:end].lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            left = length - (len(head) - end - 4)
            while left > 0:
                size = connection.recv_into(buffer, min(left, _BUFFER_BYTES))
                if not size:
                    return
                left -= size
            head = b""
            connection.sendall(_ANSWER)


def _by_sessions(settings: SendGridSettings, people: Sequence[Addressed]) -> Figure:
    """Open as many sessions at once as there are connections, with a mark that discards."""
    sender = SendGridSender(settings, "SG.bench")
    batches = iter([people[start : start + sender.batch_size] for start in range(0, len(people), sender.batch_size)])
    lock = threading.Lock()

    def work() -> int:
        accepted = 0
        with sender.open(letter_of()) as session:
            while True:
                with lock:
                    batch = next(batches, None)
                if batch is None:
                    return accepted
                outcomes = session.submit(batch, _may_all_leave)
                accepted += sum(outcome.state is DeliveryState.ACCEPTED for outcome in outcomes)

    def submit() -> None:
        with futures.ThreadPoolExecutor(sender.connections) as pool:
            working = [pool.submit(work) for _ in range(sender.connections)]
            accepted = sum(done.result() for done in working)
        assert accepted == len(people), f"{accepted} of {len(people)} accepted"

    return _timed(len(people), submit)


def _may_all_leave(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
    return frozenset(ids)


def _with_ledger(settings: SendGridSettings, readers: int) -> Figure:
    """Run `dispatch.deliver`, every delivery's intent and outcome on disk."""
    letter = replace(letter_of(), edition_id=EDITION)
    sender = SendGridSender(settings, "SG.bench")
    told = DeliverySettings(per_second=0)
    with tempfile.TemporaryDirectory() as folder, closing(frozen_edition(Path(folder), letter, readers)) as database:
        freezing.freeze_audience(database, EDITION, "politics", NOW, sender.batch_size)
        figure = _timed(
            readers,
            lambda: dispatch.deliver(database, EDITION, letter, sender, _links, told, now=lambda: NOW),
        )
        assert ledger.counts(database, EDITION) == ((DeliveryState.ACCEPTED, readers),)
    return figure


def _links(delivery: Delivery) -> Addressed:
    token = f"{delivery.id}-tok"
    return Addressed(delivery, f"https://news.herald.example/u/{token}", f"https://news.herald.example/p/{token}")


def _by_the_package(base_url: str, people: Sequence[Addressed]) -> Figure:
    from sendgrid import SendGridAPIClient

    letter = letter_of()
    client = SendGridAPIClient("SG.bench", host=base_url).client

    def submit() -> None:
        for start in range(0, len(people), 1000):
            answer = client.mail.send.post(request_body=_built_by_the_package(letter, people[start : start + 1000]))
            assert answer.status_code == 202

    return _timed(len(people), submit)


def _built_by_the_package(letter: Letter, people: Sequence[Addressed]) -> object:
    from sendgrid.helpers import mail as sg

    mail = sg.Mail(sg.From("news@herald.example", "The Harbour Herald"), subject=letter.subject)
    mail.content = [sg.Content("text/plain", letter.text), sg.Content("text/html", letter.html)]
    for addressed in people:
        delivery = addressed.delivery
        row = sg.Personalization()
        row.add_to(sg.To(delivery.email, delivery.name or None))
        row.add_header(sg.Header("List-Id", "Politics digest <politics.herald.example>"))
        row.add_header(sg.Header("Message-ID", f"<{delivery.id}@herald.example>"))
        row.add_header(sg.Header("List-Unsubscribe", f"<{addressed.unsubscribe_url}>"))
        row.add_header(sg.Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        for blank in Blank:
            row.add_substitution(sg.Substitution(letter.token(blank), addressed.value(blank)))
        row.add_custom_arg(sg.CustomArg("d", delivery.id))
        row.add_custom_arg(sg.CustomArg("r", "0123456789abcdef"))
        mail.add_personalization(row)
    return mail.get()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--standin"]:
        _serve()
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else READERS)
