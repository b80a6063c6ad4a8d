"""Warming up: twice the greatest day so far, counted from the ledger and shared by all sections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import warm_up
from digest.deliver.warm_up import FIRST_DAY, WARM, Budget, allowance, next_step
from digest.model import DeliveryState, EditionStatus
from digest.store.database import Database
from digest.store.schema import deliveries, editions
from tests.unit.audience_setup import SLOT, opened

pytestmark = pytest.mark.usefixtures("each_database")

ACCEPTED, QUEUED = DeliveryState.ACCEPTED, DeliveryState.QUEUED
ZONE = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def put(
    database: Database,
    slot: datetime,
    *groups: tuple[DeliveryState, int],
    section: str = "politics",
    moved: datetime | None = None,
) -> None:
    """Put an edition of `slot` with so many deliveries in each state."""
    edition_id = f"{section}/{slot:%Y-%m-%d}"
    states = [state for state, count in groups for _ in range(count)]
    with database.write() as connection:
        connection.execute(
            editions.insert().values(
                id=edition_id,
                section=section,
                slot_utc=slot,
                status=EditionStatus.SENDING,
                candidates=len(states),
                created_at=slot,
                updated_at=moved or slot,
            )
        )
        for number, state in enumerate(states):
            connection.execute(
                deliveries.insert().values(
                    id=f"{edition_id}#{number}",
                    edition_id=edition_id,
                    subscriber_id=number,
                    address_key=str(number),
                    email="reader@example.com",
                    batch=0,
                    state=state,
                    changed_at=slot,
                )
            )


def allowed(
    database: Database, section: str = "politics", sections: int = 1, now: datetime = SLOT, zone: ZoneInfo = ZONE
) -> int | None:
    return allowance(database, section, sections, now, zone)


def test_a_new_domain_begins_small_and_doubles_until_it_grows_by_half() -> None:
    def steps() -> Iterator[int]:
        most = 0
        while (step := next_step(most)) is not None:
            yield step
            most = step

    volumes = list(islice(steps(), 100))
    assert volumes[:11] == [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400, 153_600]
    assert (len(volumes), volumes[-1] >= WARM) == (16, True)


@given(st.integers(0, 2 * WARM))
def test_no_day_allows_more_than_twice_an_earlier_one(most: int) -> None:
    step = next_step(most)
    assert step is None if most >= WARM else step is not None and most < step <= max(FIRST_DAY, 2 * most)


def test_the_first_day_allows_the_first_step_less_what_has_left(database: Database) -> None:
    assert allowed(database) == 200
    put(database, SLOT, (ACCEPTED, 30), (QUEUED, 50), (DeliveryState.UNCERTAIN, 1), (DeliveryState.REJECTED, 9))
    assert allowed(database, now=SLOT + timedelta(hours=3)) == 169


def test_no_section_uses_up_the_day_for_the_others(database: Database) -> None:
    assert allowed(database, "politics", 4) == 50
    put(database, SLOT, (ACCEPTED, 50), (QUEUED, 500))
    assert (allowed(database, "politics", 4), allowed(database, "sport", 4)) == (0, 50)


def test_each_section_grows_from_what_it_had_and_all_stay_within_the_days_step(database: Database) -> None:
    put(database, SLOT - 2 * DAY, (ACCEPTED, 150))
    put(database, SLOT - 1 * DAY, (ACCEPTED, 100))
    put(database, SLOT - 1 * DAY, (ACCEPTED, 80), section="sport")
    told = [allowed(database, section, 4) for section in ("politics", "sport", "business")]
    assert told == [300, 160, 50]

    put(database, SLOT, (ACCEPTED, 300))

    assert allowed(database, "sport", 4) == 2 * 180 - 300


def test_the_greatest_day_so_far_counts_not_the_calendar(database: Database) -> None:
    put(database, SLOT - 5 * DAY, (ACCEPTED, 100), (DeliveryState.DELIVERED, 50))
    put(database, SLOT - 5 * DAY, (DeliveryState.BOUNCED, 10), section="sport")
    put(database, SLOT - 2 * DAY, (ACCEPTED, 40), (QUEUED, 500))
    put(database, SLOT - 1 * DAY, (QUEUED, 700))
    assert (allowed(database, "politics", 2), allowed(database, "sport", 2)) == (300, 100)


def test_after_a_month_of_silence_it_begins_anew(database: Database) -> None:
    put(database, SLOT - 31 * DAY, (ACCEPTED, 300))
    assert allowed(database) == 200


def test_what_an_earlier_slot_left_over_counts_today_when_it_goes_on_today(database: Database) -> None:
    put(database, SLOT - DAY, (ACCEPTED, 150), (QUEUED, 50), moved=SLOT)
    assert allowed(database) == 150


def test_a_day_is_a_date_of_the_publications_zone(database: Database) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    put(database, late, (ACCEPTED, 150))
    assert allowed(database) == 50
    assert allowed(database, zone=ZoneInfo("UTC")) == 300


def test_a_domain_with_great_days_is_warm(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "WARM", 100)
    put(database, SLOT - DAY, (ACCEPTED, 100))
    assert allowed(database) is None


def test_a_budget_is_never_overdrawn_by_several_sessions() -> None:
    budget = Budget(1000)
    taken: list[int] = []

    def work() -> None:
        while granted := budget.take(7):
            budget.give_back(granted // 7)
            taken.append(granted - granted // 7)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(taken), budget.is_spent) == (1000, True)


def test_without_a_limit_everything_may_leave() -> None:
    budget = Budget(None)
    assert [budget.take(250), budget.take(250), budget.is_spent] == [250, 250, False]
