"""An edition that is not like the last one is noticed before anything leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.audience import address_key
from digest.deliver.freezing import freeze_audience
from digest.deliver.surprise import (
    EditionFacts,
    check,
    expected_deliveries,
    facts,
    is_surprising,
    last_facts,
    reason,
    surprises,
)
from digest.model import Brief, Edition, EditionStatus, Story
from digest.store import editions, subscribers
from digest.store.database import Database
from digest.store.schema import deliveries as rows
from digest.store.schema import editions as edition_rows
from tests.unit.audience_setup import EDITION, LETTER, SLOT, add, edition, emails, opened

pytestmark = pytest.mark.usefixtures("each_database")

BEFORE = EditionFacts("politics/2026-11-23", 100, "Ferry to sail at night", ("desk", "wire"))
NOW = EditionFacts(EDITION, 100, "Quay reopens", ("desk", "wire"))
YESTERDAY = SLOT - timedelta(days=1)


@pytest.mark.parametrize(
    ("readers", "before", "percent", "told"),
    [
        (120, 100, 20, ()),
        (121, 100, 20, ("121 readers would get it, 100 got politics/2026-11-23 (+21 %).",)),
        (80, 100, 20, ()),
        (79, 100, 20, ("79 readers would get it, 100 got politics/2026-11-23 (-21 %).",)),
        (0, 100, 20, ("0 readers would get it, 100 got politics/2026-11-23 (-100 %).",)),
        (7, 5, 20, ()),
        (8, 5, 20, ("8 readers would get it, 5 got politics/2026-11-23 (+60 %).",)),
        (1_300_000, 1_000_000, 30, ()),
        (1_400_000, 1_000_000, 30, ("1,400,000 readers would get it, 1,000,000 got politics/2026-11-23 (+40 %).",)),
        (0, 100, 0, ()),
    ],
)
def test_an_audience_that_jumped_is_surprising(
    readers: int, before: int, percent: float, told: tuple[str, ...]
) -> None:
    assert surprises(replace(NOW, readers=readers), replace(BEFORE, readers=before), percent) == told


@pytest.mark.parametrize(
    ("subject", "is_told"),
    [("Ferry to sail at night", True), (" Ferry to sail  at night", True), ("Ferry sails", False), ("", False)],
)
def test_the_same_subject_again_is_surprising(subject: str, is_told: bool) -> None:
    said = f"Its subject is that of politics/2026-11-23: “{subject}”."
    assert surprises(replace(NOW, subject=subject), BEFORE, 20) == ((said,) if is_told else ())


@pytest.mark.parametrize(
    ("sources", "before", "is_told"),
    [
        (("desk",), ("desk", "wire"), True),
        (("desk",), ("desk",), False),
        (("desk", "wire"), ("desk", "town", "wire"), False),
        ((), ("desk", "wire"), False),
    ],
)
def test_one_source_where_there_were_several_is_surprising(
    sources: tuple[str, ...], before: tuple[str, ...], is_told: bool
) -> None:
    said = "All its stories come from desk; politics/2026-11-23 had 2 sources."
    found = surprises(replace(NOW, sources=sources), replace(BEFORE, sources=before), 20)
    assert found == ((said,) if is_told else ())


def test_a_first_edition_surprises_nobody() -> None:
    assert surprises(NOW, None, 20) == ()


def test_the_reason_is_known_again_and_holds_every_surprise() -> None:
    told = reason(surprises(replace(NOW, readers=9, subject=BEFORE.subject), BEFORE, 20))
    assert told.startswith("surprising: 9 readers would get it")
    assert "Its subject is that of politics/2026-11-23" in told
    assert is_surprising(told)
    assert not is_surprising("held by ada@desk")


# --- in the database --------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        add(database, *emails(20))
        yield database


def _composed(database: Database, slot: datetime, subject: str, *sources: str) -> str:
    """Store an edition with a story of each source; return its id."""
    edition_id = f"politics/{slot:%Y-%m-%d}"
    briefs = tuple(
        Brief(Story(f"https://h.example/{slot:%d}/{number}", "A story", source=source), "A story")
        for number, source in enumerate(sources)
    )
    made: Edition = replace(edition(edition_id, slot), subject=subject, lead=briefs[0], top=briefs[1:])
    editions.open_edition(database, "politics", slot, slot, edition_id)
    editions.freeze(database, made, replace(LETTER, edition_id=edition_id), slot)
    return edition_id


def _delivered(database: Database, slot: datetime, subject: str, *sources: str, state: str = "accepted") -> str:
    edition_id = _composed(database, slot, subject, *sources)
    freeze_audience(database, edition_id, "politics", slot, 10)
    with database.write() as connection:
        connection.execute(rows.update().where(rows.c.edition_id == edition_id).values(state=state, attempts=1))
    approved = frozenset({EditionStatus.APPROVED})
    assert editions.set_status(database, edition_id, EditionStatus.DONE, expected=approved, now=slot)
    return edition_id


def test_expected_deliveries_are_those_that_freezing_makes(database: Database) -> None:
    add(database, "sport@example.com", section="sport")
    add(database, "noconsent@example.com", source="")
    subscribers.unsubscribe(database, 2, "politics", SLOT, how="one-click")
    subscribers.suppress(database, address_key("reader3@example.com"), "bounced", SLOT)
    _composed(database, SLOT, "Quay reopens", "desk")

    expected = expected_deliveries(database, "politics")
    assert facts(database, EDITION).readers == expected

    frozen = freeze_audience(database, EDITION, "politics", SLOT, 10)
    assert expected == frozen.deliveries == 18
    add(database, "late@example.com")
    assert facts(database, EDITION) == EditionFacts(EDITION, 18, "Quay reopens", ("desk",))


def test_it_is_compared_with_the_last_edition_that_reached_anybody(database: Database) -> None:
    before = _delivered(database, SLOT - timedelta(days=3), "Ferry", "desk", "wire", "desk")
    _delivered(database, SLOT - timedelta(days=2), "Refused by all", "desk", state="rejected")
    _composed(database, YESTERDAY, "Held", "desk")
    _delivered(database, SLOT + timedelta(days=1), "Later", "desk")

    assert last_facts(database, "politics", SLOT) == EditionFacts(before, 20, "Ferry", ("desk", "wire"))
    assert last_facts(database, "sport", SLOT) is None


def test_a_check_tells_everything_until_it_is_cleared(database: Database) -> None:
    _delivered(database, YESTERDAY, "Quay reopens", "desk", "wire")
    _composed(database, SLOT, "Quay reopens", "desk")
    add(database, *(f"new{number}@example.com" for number in range(5)))

    assert check(database, EDITION, "politics", 20) == (
        "25 readers would get it, 20 got politics/2026-11-23 (+25 %).",
        "Its subject is that of politics/2026-11-23: “Quay reopens”.",
        "All its stories come from desk; politics/2026-11-23 had 2 sources.",
    )
    assert check(database, EDITION, "politics", 0) == ()
    with database.write() as connection:
        connection.execute(edition_rows.update().where(edition_rows.c.id == EDITION).values(cleared_at=SLOT))
    assert check(database, EDITION, "politics", 20) == ()
