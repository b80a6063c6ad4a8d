"""Stories just before they go out: only the site's own word changes them or takes them away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.collect.fetching.answers import AnswerError
from digest.collect.rereading import Fate, Reread, reread
from digest.errors import SourceError
from digest.model import Story
from digest.ports import CachedResponse
from digest.settings import Source, SourceKind
from tests.unit.test_collect_gather import SITE, Web, article, story

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # two hours after the stories were read
SOURCE = Source(SourceKind.FEED, f"{SITE}/feed", name="H", section="politics")


class Moved(Web):
    """Answers every page from another address."""

    def __init__(self, pages: dict[str, bytes | SourceError], final_url: str) -> None:
        super().__init__(pages)
        self.final_url = final_url

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        return replace(super().get(url), final_url=self.final_url)


def held(number: int) -> Story:
    return story(number, source="H", section="politics")


def fates(web: Web, *stories: Story, sources: tuple[Source, ...] = (SOURCE,)) -> list[Reread]:
    return list(reread(stories, sources, web, now=NOW))


def test_what_is_as_it_was_stays_and_what_was_changed_is_taken_anew() -> None:
    changed = article(2).replace(b"eleven years", b"twelve years")
    web = Web({f"{SITE}/crane-1": article(1), f"{SITE}/crane-2": changed})
    same, new = fates(web, held(1), held(2))
    assert (same.fate, same.story) == (Fate.UNCHANGED, replace(held(1), fetched_at=NOW))
    assert (new.fate, new.story.id, new.story.section, new.story.position) == (
        Fate.CHANGED,
        held(2).id,
        "politics",
        1,
    )
    assert "twelve years" in new.story.text


def test_what_the_site_took_down_or_back_is_gone() -> None:
    retracted = article(1).replace(b"Crane 1 is moved today", b"RETRACTED: Crane 1 is moved today")
    emptied = article(2).replace(b"The harbour office said", b"This story has been removed. The harbour office said")
    web = Web(
        {
            f"{SITE}/crane-1": retracted,
            f"{SITE}/crane-2": emptied,
            f"{SITE}/crane-4": AnswerError("answered 410 Gone.", "", SITE, 410),
        }
    )
    assert [(found.fate, found.why) for found in fates(web, held(1), held(2), held(3), held(4))] == [
        (Fate.RETRACTED, "its page says so"),
        (Fate.RETRACTED, "its page says so"),
        (Fate.GONE, "answered 404 Not Found"),
        (Fate.GONE, "answered 410 Gone"),
    ]


@pytest.mark.parametrize(
    ("final_url", "fate"), [(f"{SITE}/", Fate.GONE), (f"{SITE}/crane-1?utm_source=x", Fate.UNCHANGED)]
)
def test_a_redirect_to_the_home_page_means_that_there_is_no_story_any_more(final_url: str, fate: Fate) -> None:
    (found,) = fates(Moved({f"{SITE}/crane-1": article(1)}, final_url), held(1))
    assert found.fate is fate


def test_a_redirect_to_the_section_above_means_the_same() -> None:
    url = f"{SITE}/politics/crane-1"
    (found,) = fates(Moved({url: article(1)}, f"{SITE}/politics/"), replace(held(1), url=url))
    assert found.fate is Fate.GONE


def test_nothing_that_fails_takes_a_story_away() -> None:
    web = Web(
        {
            f"{SITE}/crane-1": SourceError("the connection failed: reset.", ""),
            f"{SITE}/crane-2": AnswerError("answered 503 Service Unavailable.", "", SITE, 503),
            f"{SITE}/crane-3": b"<html><body>Wartungsarbeiten</body></html>",
        }
    )
    found = fates(web, held(1), held(2), held(3))
    assert [(one.fate, one.story) for one in found] == [(Fate.UNREAD, held(number)) for number in (1, 2, 3)]


def test_what_was_read_just_now_or_has_no_page_is_not_asked_for() -> None:
    web = Web({})
    lately = replace(held(1), fetched_at=NOW - timedelta(minutes=9))
    no_pages = replace(SOURCE, name="N", fetch_articles=False)
    folder = Source(SourceKind.FOLDER, path="stories", name="F")
    stories = (lately, replace(held(2), source="N"), replace(held(3), source="F"), replace(held(4), source="unknown"))
    assert [found.fate for found in fates(web, *stories, sources=(SOURCE, no_pages, folder))] == [Fate.UNCHANGED] * 4
    assert web.asked == []
