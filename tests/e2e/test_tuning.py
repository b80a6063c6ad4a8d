"""`digest tune`: earlier editions under other settings, and what --save leaves of config.toml."""

from __future__ import annotations

import json

from tests.conftest import Project


def test_other_weights_are_tried_on_what_went_out_and_saved_only_when_asked(project: Project) -> None:
    config = project.folder / "config.toml"
    before = config.read_text("utf-8")
    assert "kept from now on" in project.digest("tune", "--set", "rank.recency=0.5")
    project.digest("run", "politics", "sport")

    same = json.loads(project.digest("tune", "--set", "rank.recency=0.15", "--json"))
    assert [edition["before"] == edition["after"] for edition in same["editions"]] == [True, True]
    frozen = json.loads(project.digest("preview", "politics", "--format", "json"))
    replayed = {edition["edition"]: edition for edition in same["editions"]}[frozen["id"]]
    assert replayed["before"] == [brief["story"]["id"] for brief in (frozen["lead"], *frozen["top"])]

    told = project.digest(
        "tune", "--set", "rank.recency=1", "--set", "sections.politics.top=5", "--section", "politics"
    )
    assert "rank.weights.front_page = 0.0" in told
    assert "new" in told
    assert "Nothing was saved" in told
    assert config.read_text("utf-8") == before

    project.digest("tune", "--set", "rank.recency=0.3", "--set", "sections.politics.top=5", "--save")
    after = config.read_text("utf-8")
    assert "recency = 0.3\n" in after
    assert "top = 5                             # stories with takeaways" in after
    assert [line for line in before.splitlines() if "#" in line and "top" not in line] == [
        line for line in after.splitlines() if "#" in line and "top" not in line
    ]
    project.digest("check")


def test_what_cannot_be_tried_is_named(project: Project) -> None:
    assert "rank.recency" in project.digest("tune", "--set", "rank.recent=1", exit_code=2)
    assert "is no number" in project.digest("tune", "--set", "rank.recency=much", exit_code=2)
    assert "add up to 1" in project.digest("tune", "--set", "rank.recency=1.5", exit_code=2)
    assert "can't be replayed" in project.digest("tune", "--set", "popularity.half_life_hours=3", exit_code=2)
    assert "sections.politics.top" in project.digest("tune", "--set", "sections.politics.top=99", exit_code=1)
