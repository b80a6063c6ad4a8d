"""A theme of one's own, from its first file to the letter."""

from __future__ import annotations

import os
from pathlib import Path

import httpx

from digest.cli.theme_watch import watch_site
from digest.render.sample import FULL
from tests.conftest import Project


def test_a_new_theme_is_a_few_differences_and_its_faults_are_named(project: Project) -> None:
    assert "digest theme preview ours --watch" in project.digest("theme", "new", "ours", "--from", "brief")
    assert "exists already" in project.digest("theme", "new", "ours", exit_code=1)
    assert "can't be a theme's name" in project.digest("theme", "new", "Our's", exit_code=2)
    assert "shipped: brief, classic, plain" in project.digest("theme", "new", "other", "--from", "fancy", exit_code=1)
    assert "templates/ours: no fault." in project.digest("theme", "check", "ours")
    assert "Sample &amp; Post" in project.digest("theme", "preview", "ours")
    project.change_config(lambda text: text.replace('theme = "classic"', 'theme = "ours"'))
    page = project.folder / "page.html"
    project.digest("theme", "preview", "--section", "politics", "-o", str(page))
    assert "Harbour Herald" in page.read_text("utf-8")

    styles = project.folder / "templates" / "ours" / "more.css.j2"
    styles.write_text(".headline { color: {{ ink }} }\n", "utf-8")
    told = project.digest("theme", "check", exit_code=1)
    assert "templates/ours/more.css.j2:1" in told
    assert "'ink' is undefined" in told
    assert "'ink' is undefined" in project.digest("theme", "preview", exit_code=1)


async def shown(site: object, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=site)  # type: ignore[arg-type]  # Starlette is an ASGI application
    async with httpx.AsyncClient(transport=transport, base_url="http://watch") as client:
        return await client.get(path)


def test_the_watched_page_shows_the_files_as_they_are_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    import asyncio

    folder = tmp_path / "templates" / "ours"
    folder.mkdir(parents=True)
    (folder / "theme.toml").write_text('extends = "classic"\n', "utf-8")
    site = watch_site(folder, FULL)
    assert "/letter" in asyncio.run(shown(site, "/")).text
    first = asyncio.run(shown(site, "/version")).text
    assert asyncio.run(shown(site, "/letter")).status_code == 200
    (folder / "theme.toml").write_text('extends = "classic"\n[light]\nink = "red"\n', "utf-8")
    os.utime(folder / "theme.toml", ns=(1, int(first) + 1))
    assert asyncio.run(shown(site, "/version")).text != first
    faulty = asyncio.run(shown(site, "/letter"))
    assert (faulty.status_code, "is no colour" in faulty.text) == (500, True)
