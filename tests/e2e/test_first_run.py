"""The first run of a new project: no dead source empties it, no archive floods it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from tests.conftest import Project
from tests.standins.sites import Site, serve_site

STORIES = {
    "Ferry sells out": "Tickets for every sailing in December were gone within an hour, the company said.",
    "Mayor cuts budget": "Two library branches will close on Saturdays from March.",
    "Lighthouse turns red": "Councillors voted nine to two, against the advice of their architect.",
    "Herring is back": "Fishermen landed forty tonnes in a night, the most since the quotas began.",
}
ARCHIVE = {f"Old story {number} of many": "" for number in range(400)}


def feed(site: Site, stories: dict[str, str], *, dated: bool) -> bytes:
    now = datetime.now(UTC)
    items = "".join(
        f"<item><title>{title}</title><link>{site.url}/politics/{title.replace(' ', '-').lower()}</link>"
        f"<description>{said}</description>"
        + (f"<pubDate>{format_datetime(now - timedelta(hours=number))}</pubDate>" if dated else "")
        + "</item>"
        for number, (title, said) in enumerate(stories.items(), 1)
    )
    return f'<rss version="2.0"><channel><title>Q</title>{items}</channel></rss>'.encode()


def paper(folder: Path, site: Site, *paths: str) -> Project:
    sources = "".join(
        f'[[sources]]\nkind = "feed"\nname = "{path}"\nurl = "{site.url}{path}"\nsection = "politics"\n'
        "allow_private = true\nfetch_articles = false\nlimit = 1000\n"
        for path in paths
    )
    publication = (
        f'[publication]\nname = "Q"\nurl = "{site.url}"\nfrom = "q@q.example"\npostal_address = "1 Quay Street, Port"\n'
    )
    delivery = '[sections.politics]\ntop = 10\n[delivery]\nsender = "outbox"\noutbox = "outbox"\n'
    (folder / "config.toml").write_text(f"{publication}{sources}{delivery}", "utf-8")
    (folder / "subscribers").mkdir(exist_ok=True)
    (folder / "subscribers" / "politics.csv").write_text("email\nreader@example.com\n", "utf-8")
    return Project(folder)


def test_a_dead_source_and_an_archive_neither_empty_nor_flood_the_first_edition(tmp_path: Path) -> None:
    with serve_site() as site:
        site.serve("/good", feed(site, STORIES, dated=True))
        site.serve("/archive", feed(site, ARCHIVE, dated=False))
        project = paper(tmp_path, site, "/gone", "/archive", "/good")
        printed = project.digest("run")
        assert "done" in printed
        assert "answered 404 Not Found" in printed
        edition = json.loads(project.digest("preview", "politics", "--format", "json"))
        told = {brief["story"]["title"] for brief in (edition["lead"], *edition["top"], *edition["more"])}
        assert told == set(STORIES)


def test_with_nothing_but_an_archive_the_edition_is_skipped_and_says_so(tmp_path: Path) -> None:
    with serve_site() as site:
        site.serve("/archive", feed(site, ARCHIVE, dated=False))
        project = paper(tmp_path, site, "/archive")
        printed = project.digest("run", exit_code=1)
        assert "skipped" in printed
        assert "0 stories to choose from" in printed
