"""An editor's own decisions at the terminal, from the first look to the frozen letter."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from digest.config import load_config
from digest.pipeline import run, today
from digest.store.clicks import Clicked, add_clicks
from digest.wiring import open_app
from tests.conftest import Project
from tests.e2e.test_path import read_letter


def edition(project: Project) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.digest("preview", "politics", "--format", "json"))
    return told


def headlines(told: dict[str, Any]) -> list[str]:
    return [told["lead"]["headline"], *(brief["headline"] for brief in told["top"])]


def test_an_editor_pins_moves_drops_rewrites_and_takes_back(project: Project) -> None:
    before = edition(project)
    lead, first, second, third = (brief["story"] for brief in (before["lead"], *before["top"][:3]))
    assert "is pinned at the head" in project.digest("pin", "politics", third["id"])
    project.digest("move", "politics", first["url"], "2")
    project.digest("drop", "politics", second["title"])
    project.digest("rewrite", "politics", lead["id"], "--headline", "Our own words", "--takeaway", "One point, ours.")
    project.digest("rewrite", "politics", "--subject", "A subject of ours", "--preheader", "And what stands behind it")

    after = edition(project)
    assert (after["subject"], after["preheader"]) == ("A subject of ours", "And what stands behind it")
    assert after["lead"]["story"]["id"] == third["id"]
    assert after["top"][0]["story"]["id"] == first["id"]
    assert after["top"][1]["headline"] == "Our own words"
    assert [takeaway["text"] for takeaway in after["top"][1]["takeaways"]] == ["One point, ours."]
    assert second["id"] not in json.dumps(after)
    assert "An editor dropped it." in project.digest("explain", "politics", second["id"])
    told = json.loads(project.digest("edits", "politics", "--json"))
    assert [(row["kind"], row["story"]) for row in told][:3] == [
        ("pin", third["id"]),
        ("pin", first["id"]),
        ("drop", second["id"]),
    ]

    assert "1 edit taken back" in project.digest("restore", "politics", second["id"])
    assert second["id"] in json.dumps(edition(project))
    assert "5 edits taken back" in project.digest("restore", "politics")
    assert headlines(edition(project)) == headlines(before)


def test_what_is_frozen_is_edited_no_more_and_mistakes_are_named(project: Project) -> None:
    lead = edition(project)["lead"]["story"]
    assert "No collected story is meant by 'no such thing'" in project.digest(
        "drop", "politics", "no such thing", exit_code=1
    )
    assert "name one by its id" in project.digest("drop", "politics", "a", exit_code=1)
    assert "Name a STORY" in project.digest("rewrite", "politics", lead["id"], exit_code=2)
    assert "Name a STORY" in project.digest("rewrite", "politics", "--headline", "Ours", exit_code=2)
    project.digest("boost", "politics", lead["id"], "0.5")
    assert "boost" in project.digest("explain", "politics", lead["id"])
    project.digest("run", "politics")
    assert "is frozen" in project.digest("drop", "politics", lead["id"], exit_code=1)
    assert "is frozen" in project.digest("restore", "politics", exit_code=1)


def test_an_edition_can_span_sections_with_at_most_half_of_one(project: Project) -> None:
    daily = '[sections.daily]\ntitle = "Daily"\nspans = "all"\ntop = 4\nwindow_hours = 72\n\n[sections.politics]'
    project.change_config(lambda text: text.replace("[sections.politics]", daily, 1))
    told = json.loads(project.digest("preview", "daily", "--format", "json"))
    sections = [brief["story"]["section"] for brief in (told["lead"], *told["top"])]
    assert len(sections) == 4
    assert max(sections.count(section) for section in sections) <= 2
    project.change_config(lambda text: text.replace('spans = "all"', 'spans = ["science", "nonsense"]'))
    assert "sections.daily.spans: 'nonsense' is no section" in project.digest("check", exit_code=1)


def test_two_subjects_are_tried_and_the_rest_gets_the_winner(project: Project) -> None:
    assert "none are counted here" in project.digest("rewrite", "politics", "--or-subject", "B", exit_code=1)
    readers = "".join(f"reader{number}@example.com,form\n" for number in range(1, 301))
    (project.folder / "subscribers" / "politics.csv").write_text(f"email,consent_source\n{readers}", "utf-8")
    trial = "[sections.politics.subject_trial]\nshare = 0.5\n\n"
    counted = f'[[popularity.inputs]]\nkind = "clicks"\n\n{trial}[sections.politics]'
    project.change_config(lambda text: text.replace("[sections.politics]", counted, 1))
    project.digest("rewrite", "politics", "--subject", "The first", "--or-subject", "The second")
    assert "Two subjects are tried until" in project.digest("run", "politics")
    assert subjects(project) == {"The first": 75, "The second": 75}
    links = re.findall(r"politics\.[0-9-]+-[ab]\?to=", project.letters()[0].read_text("utf-8").replace("=\n", ""))
    assert links

    with open_app(load_config(project.folder / "config.toml")) as app:
        slot = today(app, "politics")
        add_clicks(app.database, {Clicked(f"{slot.edition_id}-b", "https://h.example/x", app.now()): 3})
        later = replace(app, now=lambda: app.now() + timedelta(minutes=31))
        (report,) = run(later, [slot], is_asked_for=True).editions
    assert "The second subject won: 0 clicks of 75 letters, 3 of 75." in report.notes
    assert subjects(project) == {"The first": 75, "The second": 225}
    assert json.loads(project.digest("stats", "--json"))[0]["clicks"] == 3
    project.digest("audit", slot.edition_id)


def subjects(project: Project) -> Counter[str]:
    return Counter(str(read_letter(path)["Subject"]) for path in project.letters())


def test_two_subjects_are_refused_where_readers_have_their_own_hours(project: Project) -> None:
    sub_table = 'timezone = "subscriber"\nsubject_trial = { share = 0.5 }\n'
    project.change_config(lambda text: text.replace("[sections.politics]\n", f"[sections.politics]\n{sub_table}", 1))
    told = project.digest("check", exit_code=1)
    assert "sections.politics.subject_trial: is never used with timezone = 'subscriber'." in told
    refused = project.digest("rewrite", "politics", "--or-subject", "B", exit_code=1)
    assert (
        "politics goes out at each reader's own hour. Two subjects are tried where all readers have one hour" in refused
    )
    assert json.loads(project.digest("edits", "politics", "--json")) == []
