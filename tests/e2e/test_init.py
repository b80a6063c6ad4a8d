"""`digest init`: what a newcomer types first, and every way in which it can go wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import COMMAND, Project
from tests.standins.sites import serve_site


def init(folder: Path, *arguments: str, exit_code: int = 0) -> str:
    assert COMMAND is not None
    done = subprocess.run([COMMAND, "init", *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_site_becomes_a_project_and_its_first_email_is_shown(project: Project) -> None:
    url = f"http://{_site_of(project)}"
    told = init(project.folder, "paper", "--site", url)
    for line in ("Looking for feeds …", "stated by the page", "its own Most Popular block", "wrote paper/config.toml"):
        assert line in told
    assert "The Politics email as it would go out now:" in told
    assert "one letter to yourself" in told
    paper = Project(project.folder / "paper")
    assert "1 fault." in paper.digest("check", exit_code=1)
    assert "exists already" in init(project.folder, "paper", "--site", url, exit_code=1)


def _site_of(project: Project) -> str:
    text = (project.folder / "config.toml").read_text("utf-8")
    return text.partition('url = "http://')[2].partition('"')[0]


@pytest.mark.parametrize("site", ["", "ftp://example.com", "https://", "not an address", "http://["])
def test_what_is_no_web_address_is_misuse(tmp_path: Path, site: str) -> None:
    assert "is no web address" in init(tmp_path, "paper", "--site", site, exit_code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_site_that_cannot_be_read_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with serve_site() as site:
        told = init(tmp_path, "paper", "--site", f"{site.url}/gone", exit_code=1)
        assert f"{site.url}/gone: answered 404" in told
        site.serve("/pdf", b"%PDF-1.7", Content_Type="application/pdf")
        init(tmp_path, "pdf", "--site", f"{site.url}/pdf")
    told = init(tmp_path, "paper", "--site", site.url, exit_code=1)
    assert f"{site.url}: " in told
    assert not (tmp_path / "paper").exists()


def test_without_a_site_there_is_an_example_to_fill_in(tmp_path: Path) -> None:
    assert "Next: fill in paper/config.toml" in init(tmp_path, "paper")
    assert (tmp_path / "paper" / "subscribers" / "news.csv").exists()
