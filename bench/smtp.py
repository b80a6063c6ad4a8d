"""Letters a second over SMTP, through the whole of `dispatch.deliver` with the ledger on SQLite.

    python -m bench.smtp [MESSAGES] [ROUNDS]

20,000 messages of 60 KB over 10 connections into postfix's smtp-sink, round by round in turn with postfix's own
`smtp-source -d` into the same sink, a plain smtplib loop and nodemailer's pooled transport (installed by npm into a
temporary folder; left out where npm is missing). Medians; a ratio is the median of the rounds' own ratios. Then the
wire alone, with a mark that only says yes, and both once more into a sink in C that is no bottleneck (where there
is cc), by DATA and by BDAT.

It needs two cores for itself, one of them the sink's: on a busy machine the ledger's and Python's share of the CPU
tells more than the wire does, and the ranges in brackets grow wide.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.assembly import letter_of, reader_of
from bench.ledger import EDITION, NOW, frozen_edition
from bench.smtp_rivals import nodemailer, nodemailer_folder, smtp_source, smtplib_loop
from bench.smtp_sinks import compiled_sink, postfix_sink

from digest.deliver import dispatch, freezing, ledger
from digest.deliver.envelope import encode_letter
from digest.deliver.senders.smtp import SmtpSender
from digest.model import Addressed, Delivery, DeliveryState, Letter
from digest.settings import DeliverySettings, SmtpSettings

MESSAGES, ROUNDS, CONNECTIONS, SIZE = 20_000, 5, 10, 60_000
_FEWER = 20  # for the slow yardsticks
_TOKEN = "0123456789abcdefABCDEF" * 2


def main(messages: int, rounds: int) -> None:
    """Print letters a second, and each yardstick beside."""
    letter = _sized_letter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        node = nodemailer_folder(folder)
        if node is None:
            print("nodemailer: left out, there is no npm or it could not install it")
        with postfix_sink() as port:
            _in_turn(port, letter, messages, rounds, node)
        if shutil.which("cc") is None:
            print("sink in C: left out, there is no cc")
            return
        for chunking in (False, True):
            with compiled_sink(folder, chunking=chunking) as port:
                print("\ninto a sink in C, by " + ("BDAT" if chunking else "DATA"))
                for contender in ("whole", "wire"):
                    rates = [_measured(contender, port, letter, messages) for _ in range(min(3, rounds))]
                    _print(contender, [rate for rate, _ in rates], [cost for _, cost in rates])


def _in_turn(port: int, letter: Letter, messages: int, rounds: int, node: Path | None) -> None:
    readers = [reader_of(number) for number in range(messages // _FEWER)]
    contenders: dict[str, Callable[[], tuple[float, float]]] = {
        "whole": lambda: _measured("whole", port, letter, messages),
        "smtp-source": lambda: (smtp_source(port, messages, SIZE, CONNECTIONS), 0.0),
        "wire": lambda: _measured("wire", port, letter, messages),
        "smtplib loop": lambda: (smtplib_loop(port, letter, readers), 0.0),
    }
    if node is not None:
        contenders["nodemailer"] = lambda: (nodemailer(node, port, letter, messages // 4, CONNECTIONS), 0.0)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            found[name].append(run())
    print(f"{messages:,} messages of {SIZE:,} bytes, {CONNECTIONS} connections, {rounds} rounds, into smtp-sink")
    ours = [rate for rate, _ in found["whole"]]
    for name, results in found.items():
        rates = [rate for rate, _ in results]
        ratio = statistics.median(our / theirs for our, theirs in zip(ours, rates, strict=True))
        _print(name, rates, [cost for _, cost in results], "" if name == "whole" else f"whole ÷ this {ratio:6.2f}")


def _print(name: str, rates: Sequence[float], costs: Sequence[float], note: str = "") -> None:
    cost = statistics.median(costs)
    told = f"{cost:>6.0f} µs of CPU each" if cost else ""
    print(f"{name:<14}{statistics.median(rates):>9,.0f}/s   ({min(rates):,.0f} – {max(rates):,.0f}) {told:<24}{note}")


def _measured(contender: str, port: int, letter: Letter, messages: int) -> tuple[float, float]:
    """Return letters a second, and microseconds of this process's CPU a letter."""
    settings = SmtpSettings("127.0.0.1", port, connections=CONNECTIONS, messages_per_connection=10**9)
    sender = SmtpSender(settings, None)
    return _whole(sender, letter, messages) if contender == "whole" else _wire(sender, letter, messages)


def _whole(sender: SmtpSender, letter: Letter, messages: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, closing(frozen_edition(Path(folder), letter, messages)) as database:
        freezing.freeze_audience(database, EDITION, "politics", NOW, sender.batch_size)
        settings = DeliverySettings(per_second=0)
        result = _timed(
            lambda: dispatch.deliver(database, EDITION, letter, sender, _links, settings, now=lambda: NOW), messages
        )
        assert ledger.counts(database, EDITION) == ((DeliveryState.ACCEPTED, messages),)
    return result


def _wire(sender: SmtpSender, letter: Letter, messages: int) -> tuple[float, float]:
    def submit() -> None:
        accepted = 0
        with sender.open(letter) as session:
            for start in range(0, messages, sender.batch_size):
                batch = [reader_of(number) for number in range(start, min(start + sender.batch_size, messages))]
                outcomes = session.submit(batch, lambda ids, request_id="": frozenset(ids))
                accepted += sum(outcome.state is DeliveryState.ACCEPTED for outcome in outcomes)
        assert accepted == messages

    return _timed(submit, messages)


def _timed(work: Callable[[], object], messages: int) -> tuple[float, float]:
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return messages / seconds, used / messages * 1e6


def _links(delivery: Delivery) -> Addressed:
    link = f"https://news.example.com/u/{_TOKEN}"
    return Addressed(delivery, link, link.replace("/u/", "/p/"))


def _sized_letter() -> Letter:
    """Return a letter whose messages have 60 KB, as those of `smtp-source -l 60000`."""
    letter = letter_of()
    reader = reader_of(0)
    excess = len(encode_letter(letter).message(reader)) - SIZE
    start = letter.html.index("<p style")
    while excess > 0:
        letter = replace(letter, html=letter.html[:start] + letter.html[start + max(1, excess * 9 // 10) :])
        excess = len(encode_letter(letter).message(reader)) - SIZE
    return letter


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:]], *(MESSAGES, ROUNDS)[len(sys.argv) - 1 :])
