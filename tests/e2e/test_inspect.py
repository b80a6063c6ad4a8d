"""The inbox lab from the command line."""

from __future__ import annotations

import json
from functools import partial

from tests.conftest import Project


def test_the_demos_letters_have_no_error_in_any_theme_and_bad_ones_fail(project: Project) -> None:
    for theme in ("classic", "brief", "plain"):
        project.change_config(partial(_with_theme, name=theme))
        told = json.loads(project.digest("inspect", "politics", "--json"))
        assert [finding for finding in told[0]["findings"] if finding["level"] == "error"] == []
        assert told[0]["bytes"]["text/html"] <= 80_000
    page = project.folder / "report.html"
    printed = project.digest("inspect", "sport", "-o", str(page))
    assert "0 errors" in printed
    assert "What mail programs show" in page.read_text("utf-8")
    assert "no letter is kept" in project.digest("inspect", "politics/2020-01-01", exit_code=1)
    assert "There is no section" in project.digest("inspect", "gardening", exit_code=2)

    project.digest("rewrite", "politics", "--subject", "RE: your order")
    failed = project.digest("inspect", "politics", exit_code=1)
    assert "✗ subject" in failed
    assert "looks like an answer" in failed


def _with_theme(text: str, name: str) -> str:
    lines = [f'theme = "{name}"' if line.startswith("theme = ") else line for line in text.splitlines()]
    return "\n".join(lines) + "\n"
