"""JSON lines in, JSON lines out: in order, as soon as they are known, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import IO

import typer

from digest.cli.briefing import answered_line

__all__ = ["brief_lines"]

_FIRST = 16  # lines are answered before other processes are worth their start
_AHEAD = 16  # lines a process may be behind: a fast writer must not fill the memory

Answered = tuple[str, bool]


def brief_lines(lines: Iterable[bytes], out: IO[str], *, limit: int, processes: int | None = None) -> None:
    """Answer every JSON line with one JSON line; a bad one gets {"error": …, "line": …}.

    Args:
        processes: All cores when not given.

    Raises:
        typer.Exit: with 1 at the end, when lines were bad.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    processes = processes or len(os.sched_getaffinity(0))
    failed = 0
    for number, line in numbered if processes == 1 else islice(numbered, _FIRST):
        failed += _write(answered_line(number, line, limit), out)
    if (more := next(numbered, None)) is not None:
        failed += _brief_on_all_cores(chain([more], numbered), out, limit, processes)
    if failed:
        raise typer.Exit(1)


def _brief_on_all_cores(numbered: Iterator[tuple[int, bytes]], out: IO[str], limit: int, processes: int) -> int:
    """Read here, compress elsewhere, and write in a thread, so that waiting for input holds up no answer."""
    waiting: queue.Queue[tuple[int, Future[Answered]] | None] = queue.Queue(processes * _AHEAD)
    failures: list[int] = []
    broken: list[BaseException] = []

    def write() -> None:
        while (item := waiting.get()) is not None:
            if broken:  # nobody reads any more; what still comes only makes room
                continue
            try:
                failures.append(_write(_result(*item), out))
            except BaseException as error:
                broken.append(error)

    # A fork of a process with threads may inherit a lock that nobody opens again.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_leave_interrupts_to_the_parent) as pool:
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number, line in numbered:
                if broken:
                    break
                waiting.put((number, _submitted(pool, number, line, limit)))
        finally:
            waiting.put(None)
            writer.join()
            pool.shutdown(cancel_futures=True)
    if broken:
        raise broken[0]
    return sum(failures)


def _submitted(pool: ProcessPoolExecutor, number: int, line: bytes, limit: int) -> Future[Answered]:
    try:
        return pool.submit(answered_line, number, line, limit)
    except BrokenProcessPool as error:
        failed: Future[Answered] = Future()
        failed.set_exception(error)
        return failed


def _result(number: int, future: Future[Answered]) -> Answered:
    try:
        return future.result()
    except BrokenProcessPool:
        return f'{{"error": "the process that worked on it ended", "line": {number}}}', False


def _write(answered: Answered, out: IO[str]) -> int:
    """Write one answer; return 1 when it is an error, else 0."""
    text, is_brief = answered
    out.write(f"{text}\n")
    out.flush()
    return int(not is_brief)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
