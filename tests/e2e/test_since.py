"""`digest collect --since`: an age or a moment, in the publication's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Project
from tests.standins.sites import serve_site

CONFIG = """
[publication]
name = "The Quay"
url = "{site}"
from = "The Quay <news@quay.example>"
postal_address = "1 Quay Street, Harbour City"
timezone = "Pacific/Kiritimati"

[[sources]]
kind = "feed"
url = "{site}/feed"
allow_private = true
fetch_articles = false

[sections.politics]
"""


@pytest.fixture
def quay(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_since_takes_an_age_or_a_moment_in_the_zone_of_the_publication(quay: Project) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(hours=hours) for hours in (1, 30, 90, 300)]
    items = "".join(
        f"<item><title>Story {number}</title><link>https://quay.example/{number}</link>"
        f"<pubDate>{format_datetime(now - age)}</pubDate></item>"
        for number, age in enumerate(ages)
    )
    there = (now - timedelta(hours=89)).astimezone(ZoneInfo("Pacific/Kiritimati"))
    with serve_site() as site:
        site.serve("/feed", f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())
        (quay.folder / "config.toml").write_text(CONFIG.format(site=site.url), "utf-8")

        def known(since: str) -> str:
            return quay.digest("collect", "--since", since).partition(" known")[0]

        assert [known(since) for since in ("20h", "2d", f"{there:%Y-%m-%dT%H:%M}", "4 D", "2020-02-29")] == [
            "1 story is",
            "2 stories are",
            "2 stories are",
            "3 stories are",
            "4 stories are",
        ]


@pytest.mark.parametrize(
    ("since", "problem"),
    [("soon", "no age and no date"), ("9999-12-31T23:59-10:00", "no age and no date"), ("2999-01-01", "lies ahead")],
)
def test_since_that_means_nothing_is_misuse_and_says_what_to_write(quay: Project, since: str, problem: str) -> None:
    (quay.folder / "config.toml").write_text(CONFIG.format(site="http://127.0.0.1:9"), "utf-8")
    assert problem in quay.digest("collect", "--since", since, exit_code=2)
