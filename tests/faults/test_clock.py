"""Clocks that are set in mid-edition, and the two nights on which a local time is repeated or skipped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from digest.demo.newsroom import load_newsroom
from digest.demo.server import serve_demo_site
from tests.faults.clocks import fake_time, faketime_library
from tests.faults.harness import (
    IS_FULL,
    Installation,
    ended,
    prepare,
    serves_since,
    until,
    write_project,
)
from tests.faults.sinks import SmtpSink
from tests.faults.test_store import stop_at

pytestmark = pytest.mark.skipif(faketime_library() is None, reason="no clock can be set here: apt install faketime")
READERS = 300


def test_a_clock_that_is_set_forward_and_back_in_mid_edition_changes_nothing(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS, per_second=400)
        stop_at(here, sink, 10, environment=fake_time("+1h"))
        stop_at(here, sink, 10, environment=fake_time("-1h"))
        assert here.digest("run", "politics").code == 0
        tally = here.tally(sink)
    tell(tally, runs=2)
    tally.require()
    assert tally.taken == READERS


def test_a_clock_that_is_set_by_a_year_holds_the_edition_as_too_late(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=READERS, per_second=400)
        stop_at(here, sink, 10)
        taken = len(sink.log)
        here.digest("run", "politics", environment=fake_time("+1y"))
        assert (here.status(), len(sink.log)) == ("held", taken)

        here.digest("approve", "politics")
        here.digest("run", "politics")
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.taken == READERS


@pytest.mark.parametrize(
    ("starts", "again"),
    [
        # 01:30 comes twice, at 00:30 and at 01:30 UTC: the first is the slot.
        ("2026-10-25 00:29:58", "2026-10-25 01:29:58"),
        # 01:30 never comes: the slot is the first instant after the gap, 02:00, which is 01:00 UTC.
        pytest.param(
            "2027-03-28 01:00:01",
            "2027-03-28 01:29:58",
            marks=pytest.mark.skipif(not IS_FULL, reason="10 s; test_slots has it: `make faults`"),
        ),
    ],
    ids=["repeated", "skipped"],
)
def test_a_local_time_that_is_repeated_or_skipped_makes_one_edition(
    starts: str, again: str, tmp_path: Path, tell: Callable[..., None]
) -> None:
    now = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    with SmtpSink() as sink, serve_demo_site(load_newsroom(now)) as site, ExitStack() as leaving:
        write_project(tmp_path, site.base_url, "Europe/London", now)
        config = tmp_path / "config.toml"
        config.write_text(config.read_text("utf-8").replace('at = "07:00"', 'at = "01:30"', 1), "utf-8")
        here = prepare(tmp_path, sink, readers=40)
        leaving.callback(here.end_all)
        serves_since(here, now - timedelta(hours=2))

        first = here.start("serve", environment=fake_time(f"@{starts}"))
        until(lambda: len(sink.log) == 40)
        first.terminate()
        assert ended(first).code == 0
        assert here.edition == f"politics/{now:%Y-%m-%d}"

        second = here.start("serve", environment=fake_time(f"@{again}"))
        looks_until = time.monotonic() + 3  # past its 01:30
        until(lambda: time.monotonic() > looks_until and is_up(here))
        second.terminate()
        assert ended(second).code == 0
        tally = here.tally(sink)
        made = here.ask("SELECT COUNT(*) FROM editions WHERE section = 'politics'")
    tell(tally)
    assert made == [(1,)]
    tally.require()
    assert tally.taken == 40


def is_up(here: Installation) -> bool:
    """Return whether the pages of `digest serve` answer: its first look at the slots has begun by then."""
    found = re.search(r'listen = "([^"]+)"', (here.folder / "config.toml").read_text("utf-8"))
    assert found is not None
    try:
        return httpx.get(f"http://{found[1]}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
