"""What a site changes or takes down between collecting and delivering, as subscribers see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from digest.composing import collect_stories
from digest.config import load_config
from digest.model import EditionStatus
from digest.pipeline import run, today
from digest.store import editions
from digest.wiring import open_app
from tests.standins.sites import serve_site

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CONFIG = """
[publication]
name = "The Quay"
url = "{site}"
from = "The Quay <news@quay.example>"
postal_address = "1 Quay Street, Harbour City"
[[sources]]
kind = "feed"
name = "Quay"
url = "{site}/feed"
allow_private = true
[sections.politics]
top = 4
minimum = 2
popular = 0
"""
STORIES = {
    "crane": (
        "Crane leaves the old basin after {years} years",
        "Engineers lifted the rusted crane onto a barge at dawn, and towed it past the fish market.",
        "It had stood in the basin for {years} years, and nobody could say who had put it there.",
    ),
    "ferry": (
        "Night ferry to the islands sells out",
        "Tickets for every sailing in December were gone within an hour on Monday, the company said.",
        "A second boat has been chartered from Norway for the week before Christmas.",
    ),
    "lighthouse": (
        "Council votes to paint the lighthouse red",
        "Councillors voted nine to two for red, against the advice of their own architect.",
        "The painting begins in April and will cost 40,000 pounds, most of it for scaffolding.",
    ),
    "budget": (
        "Mayor cuts the library budget by a tenth",
        "Two branches will close on Saturdays from March, and the reading bus stops in June.",
        "Librarians have called a meeting at the town hall for Thursday evening.",
    ),
}


def page(thing: str, years: str = "eleven") -> bytes:
    title, *paragraphs = (text.format(years=years) for text in STORIES[thing])
    told = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><body><article><h1>{title}</h1>{told}</article></body></html>".encode()


def feed(site: str) -> bytes:
    items = "".join(
        f"<item><title>{STORIES[thing][0].format(years='eleven')}</title><link>{site}/politics/{thing}</link>"
        f"<category>Politics</category>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=number))}</pubDate></item>"
        for number, thing in enumerate(STORIES, 1)
    )
    return f'<rss version="2.0"><channel><title>Quay</title>{items}</channel></rss>'.encode()


def test_a_story_that_was_changed_is_read_anew_and_one_that_is_gone_is_left_out(tmp_path: Path) -> None:
    with serve_site() as site:
        (tmp_path / "config.toml").write_text(CONFIG.format(site=site.url), "utf-8")
        (tmp_path / "subscribers").mkdir()
        (tmp_path / "subscribers" / "politics.csv").write_text("email\nreader@example.com\n", "utf-8")
        site.serve("/feed", feed(site.url), Content_Type="application/rss+xml")
        for thing in STORIES:
            site.serve(f"/politics/{thing}", page(thing), Content_Type="text/html")
        with open_app(load_config(tmp_path / "config.toml")) as app:
            early = replace(app, now=lambda: NOW)
            assert len(collect_stories(early).stories) == 4

            site.serve("/politics/crane", page("crane", "twelve"), Content_Type="text/html")
            del site.routes["/politics/ferry"]
            later = replace(app, now=lambda: NOW + timedelta(hours=1))
            (report,) = run(later, [today(later, "politics")], is_asked_for=True).editions

            assert report.status is EditionStatus.DONE
            assert (
                "“Crane leaves the old basin after twelve years” was read anew: its page was changed." in report.notes
            )
            assert any("ferry" in note and "is gone and was left out" in note for note in report.notes)
            edition = editions.get_content(app.database, report.id)
            assert edition is not None
            told = {brief.story.url.rpartition("/")[2]: brief.story for brief in edition.briefs}
            assert set(told) == {"crane", "lighthouse", "budget"}
            assert "twelve years" in told["crane"].text

            tomorrow = replace(app, now=lambda: NOW + timedelta(hours=2))
            known = {story.url.rpartition("/")[2]: story for story in collect_stories(tomorrow).stories}
            assert "twelve years" in known["crane"].text
