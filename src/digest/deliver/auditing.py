"""The proof that everyone of a frozen audience is in exactly one state.

Nothing here trusts what wrote the ledger: sums, uniqueness and states are counted anew from its rows,
in one snapshot, also where a constraint of the schema should have seen to it. The hash lets two audits,
or a backup and its original, be compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, select, union_all

from digest.deliver.ledger import OPEN
from digest.errors import EditionError
from digest.model import DeliveryState, EditionStatus, ExclusionReason
from digest.store.acts import Act, acts_of
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import editions, exclusions, letters

__all__ = ["Audit", "Check", "audit", "check_database"]

MOST_OFFENDERS = 5  # named of each check that failed
_PAGE = 2000  # rows that are in memory at a time
_UNTRIED = (DeliveryState.QUEUED, DeliveryState.WITHDRAWN)  # every other state is reached by an attempt
_canonical = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, how often it does not, and the first few ids of where."""

    name: str
    failures: int = 0
    offenders: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        return self.failures > 0


@dataclass(frozen=True, slots=True)
class Audit:
    """What an edition's ledger says, as counted. `candidates` is None until the audience is frozen."""

    edition_id: str
    status: EditionStatus
    candidates: int | None
    states: tuple[tuple[str, int], ...]
    exclusions: tuple[tuple[str, int], ...]
    checks: tuple[Check, ...]
    sha256: str
    acts: tuple[Act, ...]

    @property
    def deliveries(self) -> int:
        return sum(count for _, count in self.states)

    @property
    def excluded(self) -> int:
        return sum(count for _, count in self.exclusions)

    @property
    def has_failed(self) -> bool:
        return any(check.has_failed for check in self.checks)


def audit(database: Database, edition_id: str) -> Audit:
    """Audit one edition in one snapshot of the database, with memory that doesn't grow with its audience.

    Raises:
        EditionError: there is no such edition.
    """
    with database.read() as connection:
        edition = connection.execute(select(editions).where(editions.c.id == edition_id)).one_or_none()
        if edition is None:
            raise EditionError(f"There is no edition '{edition_id}'. `digest status` lists them.")
        states = _counts(connection, rows.c.state, rows.c.edition_id == edition_id, DeliveryState)
        reasons = _counts(connection, exclusions.c.reason, exclusions.c.edition_id == edition_id, ExclusionReason)
        return Audit(
            edition_id=edition_id,
            status=EditionStatus(edition.status),
            candidates=edition.candidates,
            states=states,
            exclusions=reasons,
            checks=(
                _sums(edition, states, reasons),
                *(_counted(connection, name, wanted) for name, wanted in _questions(edition)),
                _letters(connection, edition),
            ),
            sha256=_hash(connection, edition_id),
            acts=acts_of(connection, edition_id),
        )


def check_database(database: Database) -> Check:
    """Let the database look for damage to itself: SQLite at every page of its file, PostgreSQL at its checksums."""
    faults = database.damages(MOST_OFFENDERS)
    return Check("the database is whole", len(faults), faults)


def _sums(edition: Row[Any], states: Sequence[tuple[str, int]], reasons: Sequence[tuple[str, int]]) -> Check:
    """Compare the candidates that were counted at freezing with the rows that are there now."""
    there = sum(count for _, count in (*states, *reasons))
    difference = abs((edition.candidates or 0) - there)
    return Check("candidates = deliveries + exclusions", difference, (edition.id,) if difference else ())


def _questions(edition: Row[Any]) -> Iterator[tuple[str, Select[tuple[Any]]]]:
    """Yield what must not be found: the check's name, and a query for the ids of what breaks it."""
    ours = rows.c.edition_id == edition.id
    excluded = exclusions.c.edition_id == edition.id
    places = union_all(
        select(rows.c.subscriber_id).where(ours), select(exclusions.c.subscriber_id).where(excluded)
    ).subquery()
    yield (
        "each subscriber once: one delivery or one exclusion",
        select(places.c.subscriber_id).group_by(places.c.subscriber_id).having(func.count() > 1),
    )
    yield (
        "no address twice",
        select(func.min(rows.c.id)).where(ours).group_by(rows.c.address_key).having(func.count() > 1),
    )
    yield "each delivery in a known state", select(rows.c.id).where(ours, rows.c.state.not_in(list(DeliveryState)))
    yield (
        "each exclusion for a known reason",
        select(exclusions.c.subscriber_id).where(excluded, exclusions.c.reason.not_in(list(ExclusionReason))),
    )
    yield (
        "what left the queue was tried",
        select(rows.c.id).where(ours, rows.c.state.not_in(_UNTRIED), rows.c.attempts < 1),
    )
    if edition.status == EditionStatus.DONE:
        yield "nothing is open in a finished edition", select(rows.c.id).where(ours, rows.c.state.in_(sorted(OPEN)))


def _counted(connection: Connection, name: str, wanted: Select[tuple[Any]]) -> Check:
    failures, offenders = 0, list[str]()
    for page in connection.execute(wanted).scalars().partitions(_PAGE):
        offenders += map(str, page[: MOST_OFFENDERS - len(offenders)])
        failures += len(page)
    return Check(name, failures, tuple(offenders))


def _letters(connection: Connection, edition: Row[Any]) -> Check:
    """Compare each stored letter with the hash that was stored beside it; a frozen audience has one."""
    wanted = select(letters.c.segment, letters.c.letter, letters.c.sha256).where(letters.c.edition_id == edition.id)
    found = connection.execute(wanted.order_by(letters.c.segment)).all()
    changed = [row.segment for row in found if hashlib.sha256(row.letter.encode()).hexdigest() != row.sha256]
    if not found and edition.candidates is not None:
        changed.append("no letter is stored")
    return Check("the letter is the one that was frozen", len(changed), tuple(changed[:MOST_OFFENDERS]))


def _hash(connection: Connection, edition_id: str) -> str:
    """Return the SHA-256 of the ledger's rows, one JSON array a line, each line ended by a line feed.

    First the deliveries by id: id, subscriber, state, provider id; then the exclusions by subscriber: subscriber,
    reason. ASCII, no spaces.
    """
    digest = hashlib.sha256()
    made = select(rows.c.id, rows.c.subscriber_id, rows.c.state, rows.c.provider_id).where(
        rows.c.edition_id == edition_id
    )
    excluded = select(exclusions.c.subscriber_id, exclusions.c.reason).where(exclusions.c.edition_id == edition_id)
    for wanted in (made.order_by(rows.c.id), excluded.order_by(exclusions.c.subscriber_id)):
        for page in connection.execute(wanted).partitions(_PAGE):
            digest.update("".join(f"{_canonical(tuple(row))}\n" for row in page).encode("ascii"))
    return digest.hexdigest()


def _counts(
    connection: Connection, column: Column[str], where: ColumnElement[bool], known: type[StrEnum]
) -> tuple[tuple[str, int], ...]:
    """Count the rows by the values of `column`: the known ones in their order, then any others."""
    found: dict[str, int] = dict(connection.execute(select(column, func.count()).where(where).group_by(column)).all())
    names = [str(value) for value in known]
    order = [*(name for name in names if name in found), *sorted(set(found).difference(names))]
    return tuple((value, found[value]) for value in order)
