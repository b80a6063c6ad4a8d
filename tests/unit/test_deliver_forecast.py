"""finish_by: what is promised before, and what is told after."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.forecast import Forecast, Target, forecast, reached, target_of
from digest.deliver.targets import largest_domain
from tests.unit.audience_setup import EDITION, add, freeze, opened

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 24)
SEVEN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # in Berlin
EIGHT = Target(SEVEN + timedelta(hours=1), BERLIN)


@pytest.mark.parametrize(
    ("slot_at", "finish_by", "at"),
    [
        (SEVEN, "08:00", datetime(2026, 11, 24, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 21, 0, tzinfo=UTC), "06:30", datetime(2026, 11, 25, 5, 30, tzinfo=UTC)),
        (SEVEN, "07:00", datetime(2026, 11, 25, 6, 0, tzinfo=UTC)),
    ],
    ids=["the-same-day", "the-next-morning", "the-slots-own-time"],
)
def test_finish_by_is_the_first_such_time_after_the_slot(slot_at: datetime, finish_by: str, at: datetime) -> None:
    assert target_of(DAY, slot_at, finish_by, BERLIN) == Target(at, BERLIN)


def test_without_finish_by_there_is_no_target() -> None:
    assert target_of(DAY, SEVEN, "", BERLIN) is None


def test_finish_by_in_the_gap_of_spring_is_the_first_instant_after_it() -> None:
    day = date(2026, 3, 29)
    target = target_of(day, datetime(2026, 3, 29, 0, 0, tzinfo=UTC), "02:30", BERLIN)
    assert target == Target(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), BERLIN)


def test_a_target_that_can_be_met_says_when_it_will_be_done() -> None:
    assert forecast(180_000, EIGHT, SEVEN, per_second=100) == Forecast(
        SEVEN + timedelta(minutes=30),
        True,
        50.0,
        "At 100 a second, 180,000 letters are done by 07:30; finish_by is 08:00.",
    )


def test_a_target_that_cant_be_met_says_what_it_takes() -> None:
    assert forecast(300_000, EIGHT, SEVEN, per_second=50).words == (
        "finish_by 08:00 can't be met: at 50 a second, 300,000 letters take until 08:40. "
        "It takes delivery.per_second = 84, and a server that keeps up."
    )


def test_the_largest_domain_may_be_what_takes_longest() -> None:
    told = forecast(100_000, EIGHT, SEVEN, per_second=50, per_domain_per_second=5, largest=("gmail.com", 36_000))
    assert told.finishes_at == SEVEN + timedelta(hours=2)
    assert told.words == (
        "finish_by 08:00 can't be met: at 5 a second to gmail.com, 100,000 letters take until 09:00. "
        "It takes delivery.per_domain_per_second = 10, and a server that keeps up."
    )
    told = forecast(300_000, EIGHT, SEVEN, per_second=50, per_domain_per_second=5, largest=("gmail.com", 36_000))
    assert "delivery.per_second = 84 and delivery.per_domain_per_second = 10," in told.words


def test_without_a_pace_it_says_what_is_needed() -> None:
    told = forecast(120_000, EIGHT, SEVEN, per_second=0)
    assert (told.finishes_at, told.can_be_met) == (None, None)
    assert told.words == "For 120,000 letters by 08:00, 34 must be accepted a second."


def test_a_target_that_is_past_cant_be_met() -> None:
    told = forecast(1, EIGHT, SEVEN + timedelta(hours=5), per_second=0)
    assert (told.can_be_met, told.needed_per_second) == (False, math.inf)
    assert told.words == "finish_by can't be met: 08:00 is past, with 1 letter still to leave."


def test_only_what_the_warm_up_allows_is_counted() -> None:
    told = forecast(120_000, EIGHT, SEVEN, per_second=0.5, allowance=400)
    assert told.words == "At 0.5 a second, 400 letters that the warm-up allows are done by 07:14; finish_by is 08:00."


def test_another_days_time_is_told_with_its_date() -> None:
    told = forecast(10**9, EIGHT, SEVEN, per_second=1)
    assert told.can_be_met is False
    assert "take until 2027-11-25 07:00" in told.words


@given(st.integers(0, 10**7), st.floats(0.1, 1e4), st.integers(0, 10**7), st.floats(0.1, 1e4), st.integers(1, 10**5))
def test_what_it_takes_is_enough(letters: int, rate: float, most: int, domain_rate: float, seconds: int) -> None:
    target = Target(SEVEN + timedelta(seconds=seconds), BERLIN)
    largest = ("a.example", min(most, letters))
    told = forecast(letters, target, SEVEN, per_second=rate, per_domain_per_second=domain_rate, largest=largest)
    if told.can_be_met:
        return
    advice = dict(part.split(" = ") for part in told.words.split("It takes ")[1].split(", and a")[0].split(" and "))
    met = forecast(
        letters,
        target,
        SEVEN,
        per_second=float(advice.get("delivery.per_second", str(rate))),
        per_domain_per_second=float(advice.get("delivery.per_domain_per_second", str(domain_rate))),
        largest=largest,
    )
    assert met.can_be_met


@pytest.mark.parametrize(
    ("accepted", "left", "minutes", "words"),
    [
        (120_000, 0, 40, "120,000 letters accepted in 40 min, 50 a second. Done by 07:40; finish_by was 08:00."),
        (
            9000,
            0,
            75,
            "9,000 letters accepted in 1 h 15 min, 2 a second. Done by 08:15; finish_by was 08:00 and is missed.",
        ),
        (60, 5, 1, "60 letters accepted in 1 min, 1 a second. 5 letters left; finish_by is 08:00."),
        (0, 1, 0, "0 letters accepted in less than a second. 1 letter left; finish_by is 08:00."),
    ],
    ids=["met", "missed", "unfinished", "nothing"],
)
def test_what_was_reached_is_told(accepted: int, left: int, minutes: int, words: str) -> None:
    assert reached(accepted, left, SEVEN, SEVEN + timedelta(minutes=minutes), EIGHT) == words


def test_without_a_target_the_rate_is_told() -> None:
    assert reached(1, 0, SEVEN, SEVEN + timedelta(seconds=4), None) == "1 letter accepted in 4 s, 0.25 a second."


def test_the_largest_recipient_domain_is_counted_whatever_its_case(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        assert largest_domain(database, EDITION) is None
        add(database, "a@small.example", "b@Big.Example", "c@big.example", "d@other.example")
        freeze(database)
        assert largest_domain(database, EDITION) == ("big.example", 2)
