"""Two `digest serve` and four more hands over many slots: each slot one edition, each reader once an edition."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.demo.newsroom import load_newsroom
from digest.demo.server import serve_demo_site
from tests.faults.hands import start_scheduler, start_workers, stop
from tests.faults.harness import (
    Installation,
    Tally,
    ended,
    many,
    moved_to_server,
    noon_zone,
    prepare,
    serves_since,
    until,
    write_project,
)
from tests.faults.sinks import SmtpSink

SLOTS = many(3, 100)
READERS = 20  # of each
SECONDS = many(60, 900)
SECTION = """[sections.{name}]
title = "Part {name}"
at = "12:00"
days = "daily"
spans = "all"
combine = false
top = 2
more = 0
popular = 0
minimum = 1
window_hours = 72
"""


@contextmanager
def slots_due(folder: Path, sink: SmtpSink) -> Iterator[Installation]:
    """Make an installation of many sections whose hour has just come; nothing is collected yet."""
    now = datetime.now(UTC)
    with serve_demo_site(load_newsroom(now)) as site:
        write_project(folder, site.base_url, noon_zone(now), now)
        here = prepare(folder, sink, readers=READERS)
        serves_since(here, now - timedelta(days=1))
        names = [f"p{number:03}" for number in range(SLOTS)]
        config = folder / "config.toml"
        sections = "\n".join(SECTION.format(name=name) for name in names)
        text = re.sub(r"(?s)\[sections\..*?(?=\[delivery\])", lambda _: sections, config.read_text("utf-8"), count=1)
        config.write_text(re.sub(r'(?m)^section = ".*$', "", text), "utf-8")  # of its sources
        lists = folder / "subscribers"
        for name in names:
            (lists / f"{name}.csv").write_text((lists / "politics.csv").read_text("utf-8"), "utf-8")
        (lists / "politics.csv").unlink()
        try:
            yield here
        finally:
            here.end_all()


def done(here: Installation) -> int:
    return int(here.ask("SELECT count(*) FROM editions WHERE status = 'done'")[0][0])


def tally(here: Installation, sink: SmtpSink) -> Tally:
    """Count over all editions: there a letter is told by its delivery."""
    ids = Counter(letter.delivery_id for letter in sink.log)
    states = dict(here.ask("SELECT state, count(*) FROM deliveries GROUP BY state"))
    told = here.tally(sink, here.edition)
    known = {row[0]: row[1] for row in here.ask("SELECT id, state FROM deliveries")}
    return replace(
        told,
        frozen=here.ask("SELECT sum(candidates) FROM editions")[0][0],
        states=states,
        lost=sum(state == "accepted" and ids[id_] == 0 for id_, state in known.items()),
        doubled=ids.total() - len(ids),
        misstated=sum(known.get(id_, "") not in ("accepted", "uncertain") for id_ in ids),
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_schedulers_and_four_more_hands_make_one_edition_of_each_slot(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, tell: Callable[..., None]
) -> None:
    with ExitStack() as closing:
        sink = closing.enter_context(SmtpSink())
        here: Installation = closing.enter_context(slots_due(tmp_path / "project", sink))
        hands: list[subprocess.Popen[str]] = []
        if kind == "postgresql":
            here = moved_to_server(here, request.getfixturevalue("postgres_database"))
            hands = start_workers(here, 4)
        schedulers = [start_scheduler(here)[0] for _ in range(2)]
        if kind == "sqlite":
            hands = [here.start("run") for _ in range(4)]
        until(lambda: len(sink.log) > SLOTS * READERS // 3, SECONDS)
        schedulers[0].kill()
        schedulers[0].communicate()
        schedulers[0] = start_scheduler(here)[0]
        until(lambda: done(here) == SLOTS, SECONDS)
        if kind == "sqlite":
            codes = [ended(hand).code for hand in hands]
            assert max(codes) <= 1, codes
            hands = []
        stop([*schedulers, *hands])
        sink.settle()
        counted = tally(here, sink)
        editions = here.ask("SELECT count(*), count(DISTINCT section) FROM editions")[0]
    tell(counted, runs=SLOTS)
    assert editions == (SLOTS, SLOTS)
    counted.require(uncertain_at_most=0 if kind == "postgresql" else 10)  # the connections of the one that was killed
    assert counted.frozen == SLOTS * READERS
