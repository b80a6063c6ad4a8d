"""What an operator may do to a ledger by hand, and what that leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.audience import address_key
from digest.deliver import ledger
from digest.deliver.settling import Settled, accept_uncertain, resubmit_rejected, resubmit_uncertain
from digest.deliver.steering import steer
from digest.deliver.surprise import reason
from digest.deliver.transitions import Attempt, begun, mark, record
from digest.errors import EditionError
from digest.model import Delivery, DeliveryState, EditionStatus, Outcome
from digest.store import editions, subscribers
from digest.store.acts import Act, ActKind, acts_of
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import editions as edition_rows
from tests.unit.audience_setup import (
    EDITION,
    LETTER,
    SLOT,
    add,
    all_deliveries,
    edition,
    emails,
    freeze,
    opened,
    set_status,
)

pytestmark = pytest.mark.usefixtures("each_database")

ACCEPTED, QUEUED = DeliveryState.ACCEPTED, DeliveryState.QUEUED
REJECTED, UNCERTAIN = DeliveryState.REJECTED, DeliveryState.UNCERTAIN
WHO = "ada@desk"
LATER = SLOT + timedelta(hours=5)
LATE = LATER + timedelta(hours=2)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A finished edition: accepted, rejected after two refusals, and two uncertain."""
    with opened(tmp_path) as database:
        add(database, *emails(4))
        freeze(database)
        set_status(database, EditionStatus.SENDING)
        _submit(database, 1, ACCEPTED)
        _submit(database, 2, QUEUED)
        _submit(database, 2, REJECTED)
        _submit(database, 3, UNCERTAIN)
        _submit(database, 4, UNCERTAIN)
        set_status(database, EditionStatus.DONE)
        yield database


def _submit(database: Database, reader: int, state: DeliveryState) -> Attempt:
    """Try to deliver to one reader; return the attempt."""
    attempt = begun(_of(database, reader))
    with database.writer() as writer, writer.transaction() as cursor:
        assert mark(database, cursor, EDITION, [attempt], SLOT, "r1").ids == {attempt.delivery_id}
        moved = _recorded(database, cursor, attempt, state)
    assert moved() == 1
    return attempt


def _recorded(database: Database, cursor: object, attempt: Attempt, state: DeliveryState) -> Callable[[], int]:
    outcome = Outcome(attempt.delivery_id, state, detail="in their words")
    return record(database, cursor, [(attempt, outcome)], SLOT, 5)  # type: ignore[arg-type]  # the driver's own


def _of(database: Database, reader: int) -> Delivery:
    (found,) = [one for one in all_deliveries(database, EDITION) if one.subscriber_id == reader]
    return found


def _resubmissions(database: Database, reader: int) -> int:
    with database.read() as connection:
        wanted = select(rows.c.resubmissions).where(rows.c.subscriber_id == reader)
        return int(connection.execute(wanted).scalar_one())


def _acts(database: Database) -> tuple[Act, ...]:
    with database.read() as connection:
        return acts_of(connection, EDITION)


def _row(database: Database) -> tuple[EditionStatus, str, datetime | None]:
    row = editions.get_edition(database, EDITION)
    assert row is not None
    return row.status, row.reason, row.late_at


# --- settling ---------------------------------------------------------------------------------


def test_accepting_settles_what_is_uncertain_and_nothing_else(database: Database) -> None:
    before = _of(database, 3)
    assert accept_uncertain(database, EDITION, (), who=WHO, now=LATER) == Settled(2)

    words = "accepted by hand by ada@desk; in their words"
    assert _of(database, 3) == replace(before, state=ACCEPTED, detail=words)
    assert ledger.counts(database, EDITION) == ((ACCEPTED, 3), (REJECTED, 1))
    assert _row(database) == (EditionStatus.DONE, "", None)
    ids = " ".join(sorted(_of(database, reader).id for reader in (3, 4)))
    assert _acts(database) == (Act(LATER, WHO, EDITION, ActKind.ACCEPT, f"2 uncertain: {ids}"),)


def test_resubmitting_queues_the_same_delivery_and_lets_the_edition_go_on(database: Database) -> None:
    before = _of(database, 3)
    settled = resubmit_uncertain(database, EDITION, (before.id,), who=WHO, now=LATER, late_at=LATE)

    assert settled == Settled(1)
    assert _of(database, 3) == replace(before, state=QUEUED), "the id and the attempts stay"
    assert ledger.due_batches(database, EDITION, LATER) == (("all", (1,)),)
    assert (_resubmissions(database, 3), _resubmissions(database, 4)) == (1, 0)
    assert _of(database, 4).state is UNCERTAIN
    assert _row(database) == (EditionStatus.APPROVED, "", LATE)
    assert _acts(database) == (Act(LATER, WHO, EDITION, ActKind.RESUBMIT, f"1 uncertain: {before.id}"),)


def test_an_answer_to_the_attempt_that_was_given_up_moves_nothing(database: Database) -> None:
    old = Attempt(_of(database, 3).id, 1)
    resubmit_uncertain(database, EDITION, (), who=WHO, now=LATER, late_at=LATE)

    with database.writer() as writer, writer.transaction() as cursor:
        moved = _recorded(database, cursor, old, ACCEPTED)
    assert moved() == 0
    set_status(database, EditionStatus.SENDING)
    assert _submit(database, 3, ACCEPTED).number == 2


def test_ids_that_are_not_uncertain_here_stay_and_are_named(database: Database) -> None:
    accepted, uncertain = _of(database, 1).id, _of(database, 3).id
    asked = (accepted, uncertain, "unknown", uncertain)

    settled = resubmit_uncertain(database, EDITION, asked, who=WHO, now=LATER, late_at=LATE)

    assert settled == Settled(1, (accepted, "unknown"))
    assert _of(database, 1).state is ACCEPTED


def test_rejected_ones_get_all_their_refusals_again_and_their_attempts_count_on(database: Database) -> None:
    before = _of(database, 2)
    assert (before.attempts, before.refusals) == (2, 1)

    assert resubmit_rejected(database, EDITION, who=WHO, now=LATER, late_at=LATE) == Settled(1)

    assert _of(database, 2) == replace(before, state=QUEUED, refusals=0)
    assert ledger.counts(database, EDITION) == ((QUEUED, 1), (ACCEPTED, 1), (UNCERTAIN, 2))
    assert _row(database) == (EditionStatus.APPROVED, "", LATE)


def test_an_erased_reader_is_not_submitted_to_again(database: Database) -> None:
    subscribers.erase(database, address_key("reader3@example.com"), SLOT)
    erased = _of(database, 3)

    assert resubmit_uncertain(database, EDITION, (erased.id,), who=WHO, now=LATER, late_at=LATE) == Settled(
        0, (erased.id,)
    )
    assert _row(database)[0] is EditionStatus.DONE
    assert accept_uncertain(database, EDITION, (erased.id,), who=WHO, now=LATER) == Settled(1)


def test_where_nothing_moves_nothing_is_written_down(database: Database) -> None:
    accept_uncertain(database, EDITION, (), who=WHO, now=LATER)
    acts = _acts(database)

    assert resubmit_uncertain(database, EDITION, (), who=WHO, now=LATER, late_at=LATE) == Settled(0)
    assert (_acts(database), _row(database)) == (acts, (EditionStatus.DONE, "", None))


@pytest.mark.parametrize(
    ("status", "said"), [(EditionStatus.SENDING, "digest pause"), (EditionStatus.CANCELLED, "is cancelled")]
)
def test_nothing_is_queued_again_while_it_could_be_missed(database: Database, status: EditionStatus, said: str) -> None:
    set_status(database, status)
    with pytest.raises(EditionError, match=said):
        resubmit_uncertain(database, EDITION, (), who=WHO, now=LATER, late_at=LATE)
    assert accept_uncertain(database, EDITION, (), who=WHO, now=LATER) == Settled(2)


def test_an_unknown_edition_is_said_to_be(database: Database) -> None:
    with pytest.raises(EditionError, match="no edition 'sport/2026-11-24'"):
        accept_uncertain(database, "sport/2026-11-24", (), who=WHO, now=LATER)


# --- steering ---------------------------------------------------------------------------------


def _steer(database: Database, kind: ActKind) -> EditionStatus:
    return steer(database, EDITION, kind, who=WHO, now=LATER, late_at=LATE)


@pytest.mark.parametrize(
    ("kind", "after", "why"),
    [
        (ActKind.HOLD, EditionStatus.HELD, "held by ada@desk"),
        (ActKind.PAUSE, EditionStatus.HELD, "paused by ada@desk"),
        (ActKind.CANCEL, EditionStatus.CANCELLED, "cancelled by ada@desk"),
    ],
)
@pytest.mark.parametrize("before", [EditionStatus.APPROVED, EditionStatus.SENDING])
def test_once_an_edition_is_stopped_nothing_more_is_marked(
    database: Database, kind: ActKind, before: EditionStatus, after: EditionStatus, why: str
) -> None:
    resubmit_uncertain(database, EDITION, (), who=WHO, now=SLOT, late_at=SLOT)
    set_status(database, before)

    assert _steer(database, kind) is after
    assert _row(database)[:2] == (after, why)
    assert _acts(database)[-1] == Act(LATER, WHO, EDITION, kind)
    with database.writer() as writer, writer.transaction() as cursor:
        assert not mark(database, cursor, EDITION, [begun(_of(database, 3))], LATER, "").ids


@pytest.mark.parametrize("kind", [ActKind.APPROVE, ActKind.RESUME])
def test_what_goes_on_has_time_from_now_and_loses_none(database: Database, kind: ActKind) -> None:
    set_status(database, EditionStatus.HELD)
    assert _steer(database, kind) is EditionStatus.APPROVED
    assert _row(database) == (EditionStatus.APPROVED, "", LATE)

    set_status(database, EditionStatus.HELD)
    steer(database, EDITION, kind, who=WHO, now=LATER, late_at=LATE - timedelta(hours=1))
    assert _row(database) == (EditionStatus.APPROVED, "", LATE)


def test_what_was_held_before_it_was_composed_is_composed_first(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
        with pytest.raises(EditionError, match="digest hold politics/2026-11-24"):
            _steer(database, ActKind.PAUSE)
        assert _steer(database, ActKind.HOLD) is EditionStatus.HELD
        assert _steer(database, ActKind.APPROVE) is EditionStatus.DRAFT


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (EditionStatus.DONE, ActKind.CANCEL, "is done; there is nothing to cancel"),
        (EditionStatus.SENDING, ActKind.APPROVE, "is sending; a run delivers it"),
        (EditionStatus.HELD, ActKind.PAUSE, "is held; `digest resume politics/2026-11-24` lets it go on"),
        (EditionStatus.CANCELLED, ActKind.RESUME, "is cancelled; that is for good"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_and_not_written_down(
    database: Database, status: EditionStatus, kind: ActKind, said: str
) -> None:
    set_status(database, status)
    with pytest.raises(EditionError, match=said):
        _steer(database, kind)
    assert (_row(database)[0], _acts(database)) == (status, ())


@pytest.mark.parametrize(
    ("held_for", "is_cleared"), [(reason(("Its subject is that of yesterday.",)), True), ("held by ada@desk", False)]
)
def test_approving_what_was_surprising_says_that_it_is_meant(tmp_path: Path, held_for: str, is_cleared: bool) -> None:
    with opened(tmp_path) as database:
        editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
        editions.freeze(database, edition(), LETTER, SLOT)
        approved = frozenset({EditionStatus.APPROVED})
        editions.set_status(database, EDITION, EditionStatus.HELD, expected=approved, reason=held_for, now=SLOT)
        assert _steer(database, ActKind.APPROVE) is EditionStatus.APPROVED
        with database.read() as connection:
            cleared = connection.execute(select(edition_rows.c.cleared_at)).scalar_one()
        assert cleared == (LATER if is_cleared else None)
        assert _acts(database) == (Act(LATER, WHO, EDITION, ActKind.APPROVE, held_for),)
