"""What a delivery makes of the time by which everything should be accepted: told before it, and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from digest.deliver import ledger
from digest.deliver.forecast import Target, forecast, reached
from digest.model import ACCEPTED_STATES, DeliveryState
from digest.settings import DeliverySettings
from digest.store.database import Database
from digest.store.schema import deliveries

__all__ = ["largest_domain", "watched_target"]


@contextmanager
def watched_target(
    database: Database,
    edition_id: str,
    settings: DeliverySettings,
    target: Target | None,
    now: Callable[[], datetime],
    allowance: int | None,
    tell: Callable[[str], None],
) -> Iterator[list[str]]:
    """Tell before a delivery whether `target` can be met; what is to be told after it is then in the list."""
    outcome: list[str] = []
    if target is None or not (queued := ledger.count_open(database, edition_id)):
        yield outcome
        return
    started, accepted = now(), _accepted(database, edition_id)
    foretold = forecast(
        queued,
        target,
        started,
        per_second=settings.per_second,
        per_domain_per_second=settings.per_domain_per_second,
        largest=largest_domain(database, edition_id) if settings.per_domain_per_second > 0 else None,
        allowance=allowance,
    )
    tell(foretold.words)
    yield outcome
    gained = _accepted(database, edition_id) - accepted
    outcome.append(reached(gained, ledger.count_open(database, edition_id), started, now(), target))


def _accepted(database: Database, edition_id: str) -> int:
    counts = dict(ledger.counts(database, edition_id))
    return sum(counts.get(state, 0) for state in ACCEPTED_STATES)


def largest_domain(database: Database, edition_id: str) -> tuple[str, int] | None:
    """Return the recipient domain that most queued deliveries go to, and how many.

    Walks all of them, so ask only where a domain has a pace of its own.
    """
    domain = func.lower(_after_at(deliveries.c.email)).label("domain")
    is_queued = (deliveries.c.edition_id == edition_id) & (deliveries.c.state == DeliveryState.QUEUED)
    counted = select(domain, func.count().label("count")).where(is_queued).group_by(domain)
    with database.read() as connection:
        found = connection.execute(counted.order_by(func.count().desc(), domain).limit(1)).one_or_none()
    return (found[0], found[1]) if found is not None else None


class _after_at(FunctionElement[str]):  # noqa: N801  (it is used as a function of SQL)
    """What follows the first "@" of a text."""

    type = String()
    inherit_cache = True


@compiles(_after_at, "sqlite")
def _after_at_on_sqlite(element: _after_at, compiler: Any, **told: Any) -> str:
    text = compiler.process(element.clauses, **told)
    return f"substr({text}, instr({text}, '@') + 1)"


@compiles(_after_at, "postgresql")
def _after_at_on_postgres(element: _after_at, compiler: Any, **told: Any) -> str:
    text = compiler.process(element.clauses, **told)
    return f"substr({text}, strpos({text}, '@') + 1)"
