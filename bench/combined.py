"""Combined letters: how often a letter is made, and what deciding takes, for readers over six sections.

    python -m bench.combined [READERS]

A paper with six sections at one hour; readers have every set of them, 63 in all. Letters are made by the shipped theme
of a day's stories; the sender discards. The yardstick is the same run with `combine = false`: six letters, and a
delivery for each section that somebody reads.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from bench.ledger import Discard

from digest import composing
from digest.config import load_config
from digest.deliver import ledger
from digest.demo.newsroom import load_newsroom
from digest.demo.pages import article_page
from digest.model import Subscriber
from digest.pipeline import run
from digest.schedule import slots_of
from digest.store import editions, imports
from digest.store.imports import Entry
from digest.wiring import open_app

READERS = 100_000
SECTIONS = ("politics", "business", "science", "sport", "culture", "weather")
NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
HEAD = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[delivery]
per_second = 0
surprise_percent = 0
"""
_CHUNK = 10_000


def main(readers: int) -> None:
    print(f"{readers:,} readers of six sections, every set of them\n")
    print(f"{'':12}{'editions':>9}{'letters made':>14}{'each':>9}{'deliveries':>12}{'whole run':>11}")
    for way in ("combined", "apart"):
        made, making, deliveries, count, seconds = _measured(readers, combine=way == "combined")
        print(
            f"{way:12}{count:>9}{made:>14}{1000 * making / max(1, made):>6.0f} ms{deliveries:>12,}{seconds:>9.1f} s",
            flush=True,
        )


def _measured(readers: int, *, combine: bool) -> tuple[int, float, int, int, float]:
    made, making = 0, 0.0
    usual = composing.compose_letter

    def counted(*arguments: object) -> object:
        nonlocal made, making
        made += 1
        began = time.perf_counter()
        try:
            return usual(*arguments)  # type: ignore[arg-type]
        finally:
            making += time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder:
        config = _project(Path(folder), combine=combine)
        with open_app(load_config(config)) as opened:
            app = replace(opened, now=lambda: NOW, sender=Discard())
            for start in range(0, readers, _CHUNK):
                people = [
                    Subscriber(f"r{number}@example.com", consent_source="bench")
                    for number in range(start, start + _CHUNK)
                ]
                for place, section in enumerate(SECTIONS):
                    entries = [
                        Entry(person.email, person)
                        for number, person in enumerate(people, start)
                        if (number % 63 + 1) >> place & 1
                    ]
                    imports.add_subscribers(app.database, section, entries, NOW, how="bench")
            slots = slots_of(app.config, NOW - timedelta(minutes=1), NOW)
            with patch("digest.pipeline.compose_letter", counted), patch("digest.combining.compose_letter", counted):
                began = time.perf_counter()
                run(app, slots)
                seconds = time.perf_counter() - began
            rows = editions.list_editions(app.database, limit=100)
            accepted = sum(sum(count for _, count in ledger.counts(app.database, row.id)) for row in rows)
            assert all(row.status == "done" for row in rows), [(row.id, row.status, row.reason) for row in rows]
    return made, making, accepted, len(rows), seconds


def _project(folder: Path, *, combine: bool) -> Path:
    """Write a paper whose sections have a third of the demo's stories each."""
    text = HEAD
    newsroom = load_newsroom(NOW)
    for place, section in enumerate(SECTIONS):
        stories = folder / "stories" / section
        stories.mkdir(parents=True)
        for number, article in enumerate(newsroom.stories[place :: len(SECTIONS)]):
            (stories / f"{number}.html").write_text(article_page(newsroom, article, "https://example.com"), "utf-8")
        text += f'[[sources]]\nkind = "folder"\npath = "stories/{section}"\nsection = "{section}"\n'
        text += f'[sections.{section}]\nat = "07:00"\nminimum = 1\ncombine = {str(combine).lower()}\n'
    config = folder / "config.toml"
    config.write_text(text, "utf-8")
    return config


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else READERS)
