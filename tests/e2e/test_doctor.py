"""`digest doctor`: every oddity of a feed is named, and nothing that is fine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.checkup import check_transport
from digest.config import load_config
from digest.doctor import Diagnosis, Level, diagnose_sources
from digest.wiring import open_app
from tests.conftest import Project
from tests.standins.sites import Site, serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
GUID = '<guid isPermaLink="false">id-1</guid>'
CONFIG = """
[publication]
name = "The Quay"
url = "{site}"
from = "The Quay <news@quay.example>"
postal_address = "1 Quay Street, Harbour City"
{sources}
[sections.politics]
"""


def feed(site: Site, *, date: Callable[[int], str] | None = None, guid: str = "id", more: str = "") -> bytes:
    dated = date or (lambda number: format_datetime(NOW - timedelta(hours=number)))
    items = "".join(
        f"<item><title>Story {number}</title><link>{site.url}/politics/{number}</link>"
        f'<guid isPermaLink="false">{guid}-{number}</guid>'
        + (f"<pubDate>{dated(number)}</pubDate>" if dated(number) else "")
        + "</item>"
        for number in range(5)
    )
    channel = f"<channel><title>Q</title>{items}{more}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()


@pytest.fixture
def paper() -> Iterator[Site]:
    with serve_site() as site:
        yield site


def diagnosed(folder: Path, site: Site, *paths: str, fallbacks: str = "", app: App | None = None) -> list[Diagnosis]:
    sources = "".join(
        f'[[sources]]\nkind = "feed"\nname = "{path}"\nurl = "{site.url}{path}"\nallow_private = true\n{fallbacks}'
        for path in paths
    )
    (folder / "config.toml").write_text(CONFIG.format(site=site.url, sources=sources), "utf-8")
    with open_app(load_config(folder / "config.toml")) as opened:
        then = replace(opened, now=lambda: NOW)
        return list(diagnose_sources(then, then.config.sources))


def told(diagnosis: Diagnosis) -> list[str]:
    return [finding.what for finding in diagnosis.findings]


def test_a_sound_feed_is_fine(tmp_path: Path, paper: Site) -> None:
    paper.serve("/feed", feed(paper), Content_Type="application/rss+xml", ETag='"1"')
    (found,) = diagnosed(tmp_path, paper, "/feed")
    assert (found.level, told(found)) == (Level.FINE, ["Nothing odd."])
    assert (found.ways[0].stories, found.ways[0].newest) == (5, NOW)


def test_lies_about_dates_ids_and_addresses_are_told(tmp_path: Path, paper: Site) -> None:
    odd = "<item><link>/x</link><pubDate>Tue, 24 Nov 2026 06:00:00 GMT</pubDate></item>"
    odd += "<item><title>No address</title></item>"
    served = {
        "/future": feed(paper, date=lambda number: format_datetime(NOW + timedelta(days=number - 1))),
        "/alike": feed(paper, date=lambda _: format_datetime(NOW)),
        "/undated": feed(paper, date=lambda _: ""),
        "/old": feed(paper, date=lambda number: format_datetime(NOW - timedelta(days=9 + number))),
        "/odd": feed(paper, more=odd + "<item><title>Again</title><link>/again</link>" + GUID + "</item>"),
    }
    for path, body in served.items():
        paper.serve(path, body, ETag='"1"')
    found = dict(zip(served, map(told, diagnosed(tmp_path, paper, *served)), strict=True))
    assert found["/future"] == ["3 of 5 items are dated in the future."]
    assert found["/alike"] == ["All 5 items have one date."]
    assert found["/undated"] == ["5 of 5 items have no date."]
    assert found["/old"] == ["Nothing new for 9 days."]
    assert found["/odd"] == [
        "1 of 8 items have no title and are left out.",
        "1 of 8 items have no address and are left out.",
        "1 of 8 items repeat an id.",
    ]


def test_new_ids_for_old_stories_are_told_at_the_next_look(tmp_path: Path, paper: Site) -> None:
    paper.serve("/feed", feed(paper), ETag='"1"')
    assert told(diagnosed(tmp_path, paper, "/feed")[0]) == ["Nothing odd."]
    paper.serve("/feed", feed(paper, guid="other"), ETag='"2"')
    assert told(diagnosed(tmp_path, paper, "/feed")[0]) == ["5 of 5 items got a new id since the last look."]
    assert told(diagnosed(tmp_path, paper, "/feed")[0]) == ["Nothing odd."]


def test_servers_that_move_send_no_validators_or_lie_about_the_encoding(tmp_path: Path, paper: Site) -> None:
    paper.serve(
        "/feed", feed(paper).replace(b"Story 1", "Störy 1".encode("latin-1")), Content_Type="text/xml; charset=utf-8"
    )
    paper.routes["/moved"] = lambda request: paper.refuse(request, 301, Location="/feed")
    plain, moved = diagnosed(tmp_path, paper, "/feed", "/moved")
    assert plain.level is Level.NOTE
    assert told(plain)[0] == "It can't be asked whether it has changed."
    assert told(plain)[1].startswith("It says it is utf-8 and is ")
    assert told(moved)[0] == f"It redirects to {paper.url}/feed."


def test_a_dead_source_fails_unless_a_fallback_helps(tmp_path: Path, paper: Site) -> None:
    (dead,) = diagnosed(tmp_path, paper, "/gone")
    assert (dead.level, told(dead)) == (Level.FAILS, ["answered 404 Not Found."])
    paper.serve("/feed", feed(paper), ETag='"1"')
    helped = (
        f'fallbacks = [{{kind = "feed", url = "{paper.url}/feed"}}, {{kind = "sitemap", url = "{paper.url}/none"}}]\n'
    )
    (found,) = diagnosed(tmp_path, paper, "/gone", fallbacks=helped)
    assert found.level is Level.WARNS
    assert told(found)[0] == "answered 404 Not Found. Its fallback feed gives 5."
    assert told(found)[1].startswith(f"Its fallback sitemap {paper.url}/none fails: answered 404")


def test_a_source_that_died_within_the_time_of_its_last_answer_is_found(tmp_path: Path, paper: Site) -> None:
    paper.serve("/feed", feed(paper), Cache_Control="max-age=3600", ETag='"1"')
    assert diagnosed(tmp_path, paper, "/feed")[0].ways[0].stories == 5
    paper.serve("/feed", b"", status=500)
    (found,) = diagnosed(tmp_path, paper, "/feed")
    assert (found.level, told(found)) == (Level.FAILS, ["answered 500 Internal Server Error."])


def test_what_earlier_runs_kept_is_told_without_asking_anybody(tmp_path: Path, paper: Site) -> None:
    paper.serve("/feed", feed(paper), ETag='"1"')
    diagnosed(tmp_path, paper, "/feed", "/gone")
    asked = len(paper.asked)
    with open_app(load_config(tmp_path / "config.toml")) as opened:
        then = replace(opened, now=lambda: NOW)
        kept = [(one.level, told(one)) for one in diagnose_sources(then, then.config.sources, offline=True)]
    assert kept == [
        (Level.FINE, ["It was read well last time."]),
        (Level.FAILS, ["It never gave a story: answered 404 Not Found."]),
    ]
    assert len(paper.asked) == asked


def test_robots_that_forbid_a_feed_fail_it(tmp_path: Path, paper: Site) -> None:
    paper.serve("/robots.txt", b"User-agent: *\nDisallow: /feed")
    paper.serve("/feed", feed(paper))
    (found,) = diagnosed(tmp_path, paper, "/feed")
    assert (found.level, "robots.txt disallows" in told(found)[0]) == (Level.FAILS, True)


def test_the_commands_print_verdicts_and_end_with_what_was_found(project: Project) -> None:
    project.digest("collect")
    printed = project.digest("doctor", "sources")
    assert "0 with warnings, 0 failing." in printed
    assert "last 24 h:" in printed
    report: list[dict[str, Any]] = json.loads(project.digest("doctor", "sources", "--offline", "--json"))
    assert all(one["level"] == "fine" and one["last_good"] for one in report)
    everything = project.digest("doctor")
    assert [word for word in ("Database", "Clock", "Transport", "Sources") if f"{word}\n" not in everything] == []
    assert "There is no source 'x'" in project.digest("doctor", "sources", "x", exit_code=2)
    assert "is whole, schema" in project.digest("doctor", "database")
    assert "its clocks change on" in project.digest("doctor", "clock")
    assert "Letters are files in" in project.digest("doctor", "transport")
    project.change_config(lambda text: text.replace("feed.atom", "feed.gone"))
    assert "failing." in project.digest("doctor", "sources", exit_code=1)


def test_the_way_to_a_mail_server_is_tried_stage_by_stage(project: Project) -> None:
    from tests.e2e.test_senders import use_smtp
    from tests.standins.smtp import SmtpStandin

    with SmtpStandin() as server:
        use_smtp(project, server)
        assert "answers." in project.digest("doctor", "transport")
        assert not server.taken
    found = check_transport(load_config(project.folder / "config.toml"))
    assert [finding.level for finding in found] == [Level.FAILS]
    assert "can't be reached" in found[0].what
