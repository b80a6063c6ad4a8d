"""Sections that are learnt from labelled stories, and labels that are learnt from sections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import select
from digest.bundled import bundled
from digest.config import Config, load_config
from digest.model import Story
from digest.sectioning import Alias, open_sectioning, propose_aliases
from digest.select import SectionModel, dump_model, learn_sections, load_model
from digest.store.database import Database
from digest.store.stories import save_stories
from tests.unit.audience_setup import opened

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
GARDEN = ["roses", "compost", "pruning", "seedlings", "orchard", "beetroot", "greenhouse"]
HARBOUR = ["ferry", "quay", "crane", "tugboat", "pilot", "dredger", "lighthouse"]


def stories(label: str, words: list[str], count: int, folder: str = "x") -> list[Story]:
    return [
        Story(
            f"https://h.example/{folder}/{label}-{number}".replace(" ", "-"),
            f"The {words[number % 7]} and the {words[(number + 2) % 7]}",
            text=f"Much about {words[(number + 3) % 7]} and {words[(number + 5) % 7]} was said.",
            section=label,
            language="en",
            published_at=NOW - timedelta(hours=number % 40),
        )
        for number in range(count)
    ]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(bundled("config.toml").read_text("utf-8"), "utf-8")
    return load_config(path)


def test_a_story_without_a_label_goes_where_its_words_are_labelled() -> None:
    model = learn_sections(
        (story.section, story)
        for words, label in ((GARDEN, "garden"), (HARBOUR, "port"))
        for story in stories(label, words, 50)
    )
    unlabelled = Story("https://h.example/y", "Pruning an orchard", text="Compost for the roses.", language="en")
    assert model.section_of(unlabelled) == "garden"
    assert model.section_of(Story("https://h.example/z", "Nothing of the kind", language="en")) == ""
    assert model.section_of(Story("https://h.example/z", "Compost for the quay", language="en")) == ""
    assert load_model(dump_model(model)) == model
    labels = {"garden": (), "port": ()}
    assert select.assign_section(unlabelled, labels, model) == select.Assigned("garden", select.SectionStep.LEARNT)


def test_what_was_taught_too_little_is_not_learnt() -> None:
    few = [("garden", story) for story in stories("garden", GARDEN, 49)]
    many = [("port", story) for story in stories("port", HARBOUR, 50)]
    model = learn_sections([*few, *many])
    assert model.sections == ("port",)
    assert model.section_of(many[0][1]) == ""
    assert learn_sections([]).section_of(many[0][1]) == ""


@given(st.permutations(stories("garden", GARDEN, 6) + stories("port", HARBOUR, 6)))
def test_the_order_of_the_teaching_changes_nothing(told: list[Story]) -> None:
    def learnt(some: list[Story]) -> SectionModel:
        return learn_sections((story.section, story) for story in some * 10)

    assert learnt(told) == learnt(told[::-1])


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"sections": 1}', '{"sections":["a"],"stories":[1],"counts":{"x":"y"}}']
)
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        load_model(text)


def test_the_model_is_learnt_once_a_night_of_what_labels_placed(database: Database, config: Config) -> None:
    save_stories(database, [*stories("Politics", HARBOUR, 60), *stories("Sport", GARDEN, 60), *stories("", HARBOUR, 9)])
    first = open_sectioning(config, database, NOW)
    assert first.model is not None
    assert (first.model.sections, first.model.stories) == (("politics", "sport"), (60, 60))
    (placed,) = first.place(stories("", GARDEN, 1))
    assert placed.section == "sport"
    save_stories(database, stories("Science", ["alpha", *GARDEN[1:]], 60, folder="s"))
    assert open_sectioning(config, database, NOW + timedelta(hours=19)).model == first.model
    later = open_sectioning(config, database, NOW + timedelta(hours=21)).model
    assert later is not None
    assert later.sections == ("politics", "science", "sport")


def test_unknown_labels_are_proposed_for_the_section_that_their_stories_speak_for(
    database: Database, config: Config
) -> None:
    save_stories(database, stories("Waterfront", HARBOUR, 8, folder="politics"))
    save_stories(database, stories("Rare", HARBOUR, 4, folder="politics"))
    save_stories(database, stories("Riddles", GARDEN, 9))
    sectioning = open_sectioning(config, database, NOW)
    assert propose_aliases(database, sectioning) == (Alias("Waterfront", "politics", 8, 8),)


def test_a_model_that_cannot_be_read_is_learnt_anew(database: Database, config: Config) -> None:
    from digest.store.settings import put_setting

    for kept in ("no JSON", json.dumps({"at": NOW.isoformat()}), json.dumps({"at": "x", "labels": {}, "model": ""})):
        put_setting(database, "section-model", kept)
        model = open_sectioning(config, database, NOW).model
        assert model is not None
        assert model.sections == ()
