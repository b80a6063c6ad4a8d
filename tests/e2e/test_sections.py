"""`digest sections`: what placed the stories, and labels written into config.toml."""

from __future__ import annotations

import json

from tests.conftest import Project


def test_sections_say_what_placed_their_stories_and_take_unknown_labels(project: Project) -> None:
    project.digest("collect")
    told = json.loads(project.digest("sections", "list", "--json"))
    assert all(
        row["stories"] == sum(row[step] for step in ("explicit", "label", "address", "learnt", "words"))
        for row in told["sections"]
    )
    assert sum(row["stories"] for row in told["sections"]) > 20
    assert "Section" in project.digest("sections", "list").title()
    assert "No unknown label" in project.digest("sections", "learn")
    assert json.loads(project.digest("sections", "learn", "--json")) == []
