"""Composing an edition: its name, date, subject and preheader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.model import (
    Brief,
    Choice,
    Cluster,
    Condition,
    Edition,
    Masthead,
    Pick,
    Publication,
    Sponsor,
    Story,
    Takeaway,
    Weather,
)
from digest.render import combine, compose
from digest.render.dates import long_date, moment
from digest.render.subjects import other_subjects

PUBLICATION = Publication("Post", "https://p.example", "Post <n@p.example>", "1 Street")
SLOT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CLAUSE = "This headline is as long as a test of subjects needs"
LONG = f"{CLAUSE}, and as it happens that is a lot of letters"
UNPAUSED = LONG.replace(",", "")
WEATHER = Weather(17.4, "°C", Condition.CLEAR, SLOT)


def _brief(headline: str, short: str = "") -> Brief:
    return Brief(Story(url=f"https://p.example/{headline[:9]}", title="x"), headline, short_headline=short)


def _pick(brief: Brief) -> Pick:
    return Pick(Cluster(brief.story), 1.0)


def _compose(
    lead: Brief | None, top: tuple[Brief, ...] = (), zone: str = "America/Los_Angeles", slot: datetime = SLOT
) -> Edition:
    briefs = (*((lead,) if lead else ()), *top)
    choice = Choice(lead=_pick(lead) if lead else None, top=tuple(map(_pick, top)), popular=(), more=())
    return compose(
        section="politics",
        title="Politics",
        slot=slot,
        publication=PUBLICATION,
        zone=ZoneInfo(zone),
        place="Los Angeles",
        weather=WEATHER,
        choice=choice,
        briefs={brief.story.id: brief for brief in briefs},
    )


def test_edition_holds_what_was_chosen() -> None:
    lead, second = _brief("Council backs night ferry"), _brief("Tram line slips")

    assert _compose(lead, (second,)) == Edition(
        id="politics/2026-11-24",
        section="politics",
        slot=SLOT,
        publication=PUBLICATION,
        title="Politics",
        subject="Council backs night ferry",
        preheader="Tram line slips",
        masthead=Masthead("Tuesday, November 24, 2026", "Los Angeles", WEATHER, "America/Los_Angeles"),
        lead=lead,
        top=(second,),
    )


def test_edition_is_named_by_the_local_date() -> None:
    edition = _compose(_brief("x"), zone="Pacific/Auckland", slot=datetime(2026, 11, 23, 18, 0, tzinfo=UTC))

    assert (edition.id, edition.masthead.date) == ("politics/2026-11-24", "Tuesday, November 24, 2026")


@pytest.mark.parametrize(
    ("headline", "short", "subject"),
    [
        (LONG[:60].rstrip(), "In short", LONG[:60].rstrip()),
        (LONG[:64], "A whole phrase", "A whole phrase"),
        (LONG[:78], "A phrase that was…", CLAUSE),
        (LONG, "", CLAUSE),
        (UNPAUSED[:78], "A phrase that was…", UNPAUSED[:78]),
        (UNPAUSED, "", f"{CLAUSE} and as it happens that…"),
        ("Two\r\nBcc: lines\u202e", "", "Two Bcc: lines"),
    ],
)
def test_subject_is_the_leads_headline_in_a_length_that_is_shown(headline: str, short: str, subject: str) -> None:
    assert _compose(_brief(headline, short)).subject == subject


def test_preheader_tells_the_second_and_third_story() -> None:
    top = (_brief("Second story"), _brief("Third story at length", "Third in short"))

    assert _compose(_brief("First"), top).preheader == "Second story · Third in short"


def test_preheader_passes_over_a_story_that_it_could_only_cut() -> None:
    top = (_brief("Second story"), _brief(f"{UNPAUSED} indeed", "This headline is…"), _brief("Fourth story"))

    assert _compose(_brief("First"), top).preheader == "Second story · Fourth story"


def test_preheader_of_a_lone_lead_is_its_first_takeaway() -> None:
    lead = replace(_brief("First"), takeaways=(Takeaway("It was decided."),))

    assert _compose(lead).preheader == "It was decided."


def test_without_a_lead_the_subject_is_the_section_and_the_day() -> None:
    assert _compose(None).subject == "Politics: Tuesday, November 24, 2026"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, November 24, 2026"),
        ("de", "Dienstag, 24. November 2026"),
        ("fr-CA", "mardi 24 novembre 2026"),
        ("xx-nowhere", "Tuesday, November 24, 2026"),
        ("", "Tuesday, November 24, 2026"),
    ],
)
def test_long_date_is_in_the_publications_language(language: str, said: str) -> None:
    assert long_date(date(2026, 11, 24), language) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 24, 6, 5, tzinfo=UTC), "06:05"),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Mon\xa023:30"),
        (datetime(2026, 11, 17, 23, 0, tzinfo=UTC), "17 Nov 2026"),
    ],
)
def test_moment_is_as_short_as_it_is_clear(at: datetime, said: str) -> None:
    assert moment(at, date(2026, 11, 24), ZoneInfo("Europe/London"), "en-GB") == said


def test_other_subjects_are_whole_phrases_of_the_days_stories() -> None:
    lead = _brief("Council backs a night ferry to the island", "Council backs night ferry")
    edition = _compose(lead, (_brief("Tram line slips again"), _brief("Rents to be capped")))
    assert other_subjects(edition) == (
        "Council backs night ferry",
        "Council backs night ferry · Tram line slips again",
        "Council backs night ferry · Rents to be capped",
        "Tram line slips again",
    )
    assert other_subjects(_compose(_brief("First"))) == ()
    assert other_subjects(replace(edition, lead=None)) == ()


def test_sections_with_the_same_sponsor_show_it_once() -> None:
    bakery, bank = Sponsor("Bakery", "Bread.", "https://b.example"), Sponsor("Bank", "Money.", "https://m.example")
    other_words = replace(bakery, text="Rolls.")
    masthead = Masthead("24 November 2026")
    parts = [
        replace(
            Edition(f"{key}/2026-11-24", key, SLOT, PUBLICATION, key, "s", "", masthead, lead=_brief(f"{key} leads")),
            sponsors=sponsors,
        )
        for key, sponsors in (("a", (bakery,)), ("b", (bank, bakery)), ("c", (bank, other_words)))
    ]
    combined = combine(parts, "a+b+c/2026-11-24")
    assert [part.sponsors for part in combined.parts] == [(bakery,), (bank,), (other_words,)]


def test_a_section_with_nothing_left_to_say_takes_no_other_sections_sponsor_away() -> None:
    bakery = Sponsor("Bakery", "Bread.", "https://b.example")
    masthead = Masthead("24 November 2026")
    shared = _brief("the same story leads all")
    parts = [
        replace(
            Edition(f"{key}/2026-11-24", key, SLOT, PUBLICATION, key, "s", "", masthead, lead=lead), sponsors=sponsors
        )
        for key, lead, sponsors in (
            ("a", shared, ()),
            ("b", shared, (bakery,)),
            ("c", _brief("another"), (bakery,)),
        )
    ]
    combined = combine(parts, "a+b+c/2026-11-24")
    assert [(part.section, part.sponsors) for part in combined.parts] == [("a", ()), ("c", (bakery,))]
