"""Stories keep their events from run to run, in whatever process, and a change is told with its reason."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from digest.composing import collect_stories, draft
from digest.config import load_config
from digest.events import log_run, log_to_stderr
from digest.pipeline import today
from digest.reports import RunReport
from digest.store.placements import all_placements
from digest.wiring import open_app
from tests.conftest import Project
from tests.standins.sites import serve_site

CONFIG = """
[publication]
name = "The Quay"
url = "{site}"
from = "The Quay <news@quay.example>"
postal_address = "1 Quay Street, Harbour City"

[[sources]]
kind = "feed"
url = "{site}/feed"
section = "news"
allow_private = true
fetch_articles = false

[sections.news]
minimum = 1
"""
FERRY = (
    "The ferry Northern Gull ran aground on a sandbank off Gull Point at dawn on Tuesday with 212 passengers aboard. "
    "Three passengers were treated for bruises, the coastguard said. "
    "Tugs pulled the ferry free at high water and escorted her to the east quay."
)
SCARE = "Nobody was badly hurt this morning. Buses came to the quay for those who wanted to go home at once."
PIER = "The pier will be painted green next spring, councillors decided after an evening of argument over colours."


def feed(now: datetime, **texts: str) -> bytes:
    items = "".join(
        f"<item><title>{slug.replace('_', ' ')}</title><link>https://quay.example/{slug}</link>"
        f"<description>{text}</description><pubDate>{format_datetime(now - timedelta(hours=hours))}</pubDate></item>"
        for hours, (slug, text) in enumerate(texts.items(), 1)
    )
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def test_a_story_that_changes_its_event_is_told_to_editors_and_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    quay = Project(tmp_path)
    with serve_site() as site:
        (tmp_path / "config.toml").write_text(CONFIG.format(site=site.url), "utf-8")
        site.serve("/feed", feed(now, Ferry_runs_aground=FERRY, Scare_at_sea=SCARE, Pier_to_be_green=PIER))
        with open_app(load_config(tmp_path / "config.toml")) as app:
            assert collect_stories(app).moves == ()
            before = all_placements(app.database)
            assert len({placement.event for placement in before}) == 3
            assert collect_stories(app).moves == ()
            assert all_placements(app.database) == before

        more = f"{SCARE} {FERRY}"
        site.serve("/feed", feed(now, Ferry_runs_aground=FERRY, Scare_at_sea=more, Pier_to_be_green=PIER))
        with open_app(load_config(tmp_path / "config.toml")) as app:
            later = replace(app, now=lambda: now + timedelta(hours=3))
            collected = collect_stories(later)
            (move,) = collected.moves
            assert move.story.title == "Scare at sea"
            assert move.reason.startswith("it reports the same (likeness 0.")
            assert f"{move}." in draft(later, today(later, "news"), collected).choice.notes
            log_to_stderr()
            log_run(RunReport((), stories=3, moves=collected.moves))
            assert f"story-moved story={move.story.id} before={move.before} now={move.event}" in capsys.readouterr().err

        told = quay.digest("explain", "news", "ferry")
        assert "came over from another event since" in told
        assert move.reason in told
        as_json = json.loads(quay.digest("explain", "news", "ferry", "--json"))
        assert [(each["title"], each["moved"]) for each in as_json["event"]] == [
            ("Ferry runs aground", False),
            ("Scare at sea", True),
        ]


def test_placements_are_forgotten_when_their_stories_are(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with serve_site() as site:
        (tmp_path / "config.toml").write_text(CONFIG.format(site=site.url), "utf-8")
        site.serve("/feed", feed(now, Ferry_runs_aground=FERRY, Scare_at_sea=SCARE))
        with open_app(load_config(tmp_path / "config.toml")) as app:
            collect_stories(app)
            assert len(all_placements(app.database)) == 2
            later = now + timedelta(hours=80)
            site.serve("/feed", feed(later, Pier_to_be_green=PIER))
            (only,) = collect_stories(replace(app, now=lambda: later)).stories
            assert [placement.story_id for placement in all_placements(app.database)] == [only.id]
