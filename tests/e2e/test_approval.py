"""Editions that need an editor's word: waited for, given, and not given in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.config import load_config
from digest.model import EditionStatus
from digest.pipeline import run, today
from digest.schedule import catch_up
from digest.store import settings
from digest.wiring import open_app
from tests.conftest import Project

REQUIRED = '[sections.politics]\napproval = "required"\napprove_by_minutes = 45\nif_unanswered = "{then}"\n'


def require_approval(project: Project, then: str = "skip") -> None:
    project.change_config(lambda text: text.replace("[sections.politics]\n", REQUIRED.format(then=then), 1))


def test_what_is_approved_leaves_as_it_was_seen_and_nothing_leaves_before(project: Project) -> None:
    require_approval(project)
    project.change_config(lambda text: text.replace("approve_by_minutes = 45", "approve_by_minutes = 1440"))
    told = project.digest("run", "politics")
    assert "It waits for `digest approve politics` until" in told
    assert project.letters() == []
    seen = json.loads(project.digest("preview", "politics", "--format", "json"))
    project.digest("drop", "politics", seen["lead"]["story"]["id"])
    assert "approved" in project.digest("approve", "politics")
    assert "is frozen" in project.digest("restore", "politics", exit_code=1)
    project.digest("run", "politics")
    assert project.letters()
    out = json.loads(project.digest("preview", "politics", "--format", "json"))
    assert out["lead"]["story"]["id"] == seen["top"][0]["story"]["id"]


@pytest.mark.parametrize(("then", "status"), [("skip", EditionStatus.SKIPPED), ("deliver", EditionStatus.DONE)])
def test_without_an_answer_it_goes_as_configured(project: Project, then: str, status: EditionStatus) -> None:
    require_approval(project, then)
    config = load_config(project.folder / "config.toml")
    with open_app(config) as opened:
        slot = today(opened, "politics")
        opened = replace(opened, now=lambda: slot.at + timedelta(minutes=44))
        settings.first_served(opened.database, slot.at - timedelta(minutes=1))
        waiting = catch_up(opened)
        assert waiting is not None
        (report,) = [edition for edition in waiting.editions if edition.id == slot.edition_id]
        assert (report.status, report.notes) == (
            EditionStatus.DRAFT,
            ("It waits for `digest approve politics` until 07:45.",),
        )
        late = replace(opened, now=lambda: slot.at + timedelta(minutes=45))
        (report,) = run(late, [slot]).editions
        assert report.status is status
