"""Editions: one a slot, moved only from named states, and frozen once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.deliver.freezing import freeze_audience
from digest.errors import EditionError
from digest.model import Brief, DeliveryState, EditionStatus, Story, Used
from digest.store import editions
from digest.store.database import Database
from digest.store.editions import EditionRow
from digest.store.schema import deliveries
from tests.unit.audience_setup import EDITION, LETTER, SLOT, add, edition, opened

pytestmark = pytest.mark.usefixtures("each_database")

DRAFT, APPROVED, SENDING = EditionStatus.DRAFT, EditionStatus.APPROVED, EditionStatus.SENDING
LATER = SLOT + timedelta(minutes=5)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def test_second_opening_finds_the_first(database: Database) -> None:
    first = editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    second = editions.open_edition(database, "politics", SLOT, LATER, EDITION)

    assert first == EditionRow(EDITION, "politics", SLOT, DRAFT, "", "", None, None, SLOT, SLOT)
    assert second == first == editions.get_edition(database, EDITION)


def test_an_edition_gets_more_time_and_never_less(database: Database) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    for late_at in (LATER, SLOT):
        editions.set_late(database, EDITION, late_at)
    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert row.late_at == LATER


def test_list_is_newest_first_and_can_be_of_one_section(database: Database) -> None:
    for days in range(3):
        slot = SLOT - timedelta(days=days)
        for section in ("politics", "sport"):
            editions.open_edition(database, section, slot, SLOT, f"{section}/{slot:%d}")

    assert [row.id for row in editions.list_editions(database, limit=3)] == ["politics/24", "sport/24", "politics/23"]
    assert [row.id for row in editions.list_editions(database, "sport")] == ["sport/24", "sport/23", "sport/22"]


def test_status_moves_only_from_what_is_expected(database: Database) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)

    held = editions.set_status(
        database, EDITION, EditionStatus.HELD, expected=frozenset({DRAFT}), reason="too few", now=LATER
    )
    approved = editions.set_status(database, EDITION, APPROVED, expected=frozenset({DRAFT}), now=LATER)

    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert (held, approved) == (True, False)
    assert (row.status, row.reason, row.updated_at) == (EditionStatus.HELD, "too few", LATER)


def test_of_many_that_move_at_once_one_does(database: Database) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    moved: list[bool] = []

    def move() -> None:
        moved.append(editions.set_status(database, EDITION, APPROVED, expected=frozenset({DRAFT}), now=SLOT))

    threads = [threading.Thread(target=move) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(moved) == [False, False, False, True]


def test_freezing_stores_edition_and_letter_and_approves(database: Database) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)

    standing = editions.freeze(database, edition(), LETTER, LATER)

    row = editions.get_edition(database, EDITION)
    assert row is not None
    assert standing == LETTER == editions.get_letter(database, EDITION) == editions.get_letter(database, EDITION, "all")
    assert editions.get_letter(database, EDITION, "es") is None
    assert editions.get_content(database, EDITION) == edition()
    assert (row.status, row.subject, row.updated_at) == (APPROVED, "Quay reopens", LATER)


def test_who_freezes_second_gets_the_first_letter(database: Database) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.freeze(database, edition(), LETTER, SLOT)

    other = replace(LETTER, html="<p>Other</p>")

    assert editions.freeze(database, replace(edition(), subject="Other"), other, LATER) == LETTER
    assert editions.get_content(database, EDITION) == edition()


@pytest.mark.parametrize("status", [EditionStatus.HELD, EditionStatus.CANCELLED, EditionStatus.DONE])
def test_held_or_finished_edition_is_not_frozen(database: Database, status: EditionStatus) -> None:
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.set_status(database, EDITION, status, expected=frozenset({DRAFT}), now=SLOT)

    with pytest.raises(EditionError):
        editions.freeze(database, edition(), LETTER, SLOT)
    assert editions.get_letter(database, EDITION) is None
    assert editions.get_content(database, EDITION) is None


def test_freezing_an_unknown_edition_is_an_error(database: Database) -> None:
    with pytest.raises(EditionError, match="no edition 'politics/2026-11-24'"):
        editions.freeze(database, edition(), LETTER, SLOT)


def test_story_counts_as_used_once_its_edition_was_accepted_for_someone(database: Database) -> None:
    add(database, "a@example.com", "b@example.com")
    lead, popular = (
        Brief(Story(url=f"https://h.example/{name}", title=name), headline=name) for name in ("lead", "popular")
    )
    holding = replace(edition(), lead=lead, top=(lead,), popular=(popular,))
    editions.open_edition(database, "politics", SLOT, SLOT, EDITION)
    editions.freeze(database, holding, LETTER, SLOT)
    freeze_audience(database, EDITION, "politics", SLOT, 10)
    week = SLOT - timedelta(days=7)
    before = editions.used_stories(database, "politics", week)

    with database.write() as connection:
        one = deliveries.c.email == "a@example.com"
        connection.execute(deliveries.update().where(one).values(state=DeliveryState.BOUNCED))

    assert before == ()
    assert editions.used_stories(database, "politics", week) == tuple(
        sorted((Used(brief.story.id, SLOT, EDITION) for brief in (lead, popular)), key=lambda use: use.story_id)
    )
    assert editions.used_stories(database, "sport", week) == ()
    assert editions.used_stories(database, "politics", LATER) == ()
