"""The letter of several sections before its slot, and which sections never come together."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from digest.app import App
from digest.cli.app import known_sections
from digest.composing import Collected, collect_stories
from digest.config import load_config
from digest.errors import EditionError
from digest.model import Edition, Letter
from digest.previewing import edition_and_letter
from digest.render import render_terminal
from digest.schedule import catch_up
from digest.store import editions
from digest.wiring import open_app
from tests.unit.test_combining import SECTIONS, opened

BOTH = ("politics", "sports")


def looked_at(app: App, *sections: str) -> tuple[Edition, Letter]:
    return edition_and_letter(app, sections, lambda: collect_stories(app))


def no_need(*_: object) -> Collected:
    raise AssertionError("all is frozen: no source need be asked")


def test_a_combined_letter_is_drafted_before_its_slot_and_frozen_as_it_was_shown(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports"}) as app:
        edition, letter = looked_at(app, *BOTH)
        assert editions.list_editions(app.database) == (), "looking leaves nothing behind"
        catch_up(app)
        assert edition_and_letter(app, BOTH, no_need) == (edition, letter)
    assert edition.id == letter.edition_id == "politics+sports/2026-11-24"
    assert [part.section for part in edition.parts] == ["politics", "sports"]


def test_a_set_that_nobody_reads_is_made_of_the_frozen_sections(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports", "ben": "business"}) as app:
        catch_up(app)
        edition, letter = edition_and_letter(app, ("politics", "business"), no_need)
    assert "Mooring dues rise" in letter.text
    assert "Bakery chain" in letter.text
    assert "Rovers" not in letter.text
    assert edition.id == "politics+business/2026-11-24"


def test_a_terminal_shows_each_section_of_a_combined_letter(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports"}) as app:
        edition, _ = looked_at(app, *BOTH)
    shown = render_terminal(edition, color=False)
    assert "Inside today: Politics · Sports" in shown
    assert shown.index("\nPolitics\n") < shown.index("Mooring dues") < shown.index("\nSports\n") < shown.index("Rovers")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ('at = "08:00"', "politics goes out at 07:00 in UTC and sports goes out at 08:00 in UTC."),
        ('timezone = "Asia/Tokyo"', "politics goes out at 07:00 in UTC and sports goes out at 07:00 in Asia/Tokyo."),
        ('timezone = "subscriber"', "sports goes out at 07:00 by each reader's own clock."),
        ("combine = false", "politics and sports never stand in one letter: sports has combine = false."),
        ('days = "sat,sun"', "politics goes out mon-fri and sports sat,sun."),
    ],
)
def test_what_never_stands_in_one_letter_is_told_with_the_reason(tmp_path: Path, told: str, why: str) -> None:
    with opened(tmp_path, {}):
        pass
    path = tmp_path / "config.toml"
    head, sports = path.read_text("utf-8").split('[sections.sports]\nat = "07:00"\n')
    hour = "" if told.startswith("at") else 'at = "07:00"\n'
    head = head.replace("[sections.politics]\n", '[sections.politics]\ndays = "mon-fri"\n')
    path.write_text(f"{head}[sections.sports]\n{hour}{told}\n{sports}", "utf-8")
    with open_app(load_config(path)) as app, pytest.raises(EditionError) as caught:
        looked_at(app, *BOTH)
    assert why in str(caught.value)


def test_sections_are_read_in_any_order_and_none_twice(tmp_path: Path) -> None:
    with opened(tmp_path, {}) as app:
        assert known_sections(app.config, "business+politics+sports") == SECTIONS
        for name, why in (("politics+politics", "stands twice"), ("politics+tennis", "no section 'tennis'")):
            with pytest.raises(typer.BadParameter, match=why):
                known_sections(app.config, name)
