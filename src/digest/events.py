"""The service's log: one event per state change, as key=value lines on standard error.

Ids, never addresses; no bodies, tokens or keys. People at a terminal get reports instead
(`cli/report.py`); this is for who reads a service's output a week later.
"""

from __future__ import annotations

import logging
import sys

import structlog

from digest.errors import StoreError
from digest.mishaps import LOGGER
from digest.reports import RunReport

__all__ = ["log_run", "log_to_stderr", "log_trouble"]

_log = structlog.get_logger()


def log_to_stderr() -> None:
    """Set the log up for this process: UTC times, key=value; tracebacks of mishaps as they are."""
    LOGGER.addHandler(logging.StreamHandler(sys.stderr))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def log_run(report: RunReport) -> None:
    """Tell what a run did: each source's trouble, each bad row, and where each edition stands."""
    for problem in report.problems:
        _log.warning("source-problem", source=problem.source, url=problem.url, what=problem.what)
    for fault in report.list_faults:
        _log.warning("list-fault", where=fault.where, problem=fault.problem)
    for note in report.notes:
        _log.info("settled", note=note)
    if report.stories is not None:
        _log.info("collected", stories=report.stories, seconds=round(report.seconds, 1))
    for move in report.moves:
        _log.info("story-moved", story=move.story.id, before=move.before, now=move.event, reason=move.reason)
    for edition in report.editions:
        counts = {state.value: count for state, count in edition.counts}
        _log.info("edition", id=edition.id, status=edition.status.value, reason=edition.reason, **counts)
        for note in edition.notes:
            _log.info("note", id=edition.id, note=note)


def log_trouble(error: StoreError) -> None:
    """Tell why a run ended before its time; the next alarm tries again."""
    _log.warning("waiting", why=str(error))
