"""What was found, the cache of responses, the settings, and nouns as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from digest.errors import StoreError
from digest.model import Brief, Condition, Letter, Masthead, Passage, Story, Takeaway, Weather
from digest.ports import CachedResponse
from digest.store import codec
from digest.store.database import Database
from digest.store.responses import SqlResponseCache
from digest.store.schema import responses
from digest.store.settings import clear_setting, first_served, get_setting, put_setting
from digest.store.stories import get_story, save_stories, stories_since
from tests.unit.audience_setup import LETTER, SLOT, edition, opened

pytestmark = pytest.mark.usefixtures("each_database")

QUAY = Story(
    url="https://h.example/quay",
    title="Quay “reopens” 🚢\u2028",
    paragraphs=("One.", "Why", "Two."),
    subheads=(1,),
    text="One.\n\nWhy\n\nTwo.",
    authors=("Ana Núñez",),
    section="politics",
    published_at=SLOT,
    updated_at=datetime(2026, 11, 24, 9, 30, 1, 250_000, timezone(timedelta(hours=2))),
    fetched_at=SLOT,
    position=3,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def test_edition_comes_back_as_it_was() -> None:
    takeaway = Takeaway("The quay reopens.", QUAY.id, 0, 4)
    lead = Brief(QUAY, "Quay", (takeaway,), "Teaser", (Passage("Why", is_subhead=True),), (QUAY,), "Quay")
    whole = replace(
        edition(),
        masthead=Masthead("24 November 2026", "Harbour", Weather(-1.5, "°C", Condition.CLEAR_NIGHT, SLOT)),
        lead=lead,
        top=(lead,),
        more=(lead,),
    )

    assert codec.load_edition(codec.dump_edition(whole)) == whole
    assert codec.load_edition(codec.dump_edition(whole, indent=2)) == whole


_TEXTS = st.text(max_size=30)
_INSTANTS = st.none() | st.datetimes(timezones=st.just(UTC))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.builds(
        Story, url=_TEXTS, title=_TEXTS, text=_TEXTS, paragraphs=st.tuples(_TEXTS, _TEXTS), published_at=_INSTANTS
    )
)
def test_any_story_comes_back_as_it_was(story: Story) -> None:
    assert codec.load_story(codec.dump_story(story)) == story


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.builds(Letter, edition_id=_TEXTS, segment=_TEXTS, subject=_TEXTS, html=_TEXTS, text=_TEXTS, mark=_TEXTS))
def test_any_letter_comes_back_as_it_was(letter: Letter) -> None:
    assert codec.load_letter(codec.dump_letter(letter)) == letter


def test_content_changed_by_hand_is_an_error_that_says_where() -> None:
    text = codec.dump_letter(LETTER).replace('"subject":"Quay reopens"', '"subject":7')

    with pytest.raises(StoreError, match=r"stored Letter can't be read: subject: "):
        codec.load_letter(text)


def test_newer_reading_of_a_story_replaces_the_older(database: Database) -> None:
    save_stories(database, (QUAY,))
    newer = replace(QUAY, title="Quay closed again", fetched_at=SLOT + timedelta(hours=1))
    save_stories(database, (newer,))
    save_stories(database, ())

    assert get_story(database, QUAY.id) == newer
    assert get_story(database, "nothing") is None


def test_stories_since_are_those_published_or_fetched_then(database: Database) -> None:
    def story(name: str, published_days: int | None, fetched_days: int, section: str = "politics") -> Story:
        published = SLOT - timedelta(days=published_days) if published_days is not None else None
        url = f"https://h.example/{name}"
        fetched = SLOT - timedelta(days=fetched_days)
        return Story(url=url, title=name, section=section, published_at=published, fetched_at=fetched)

    old_fetched_now, old, new, undated = story("a", 30, 0), story("b", 9, 8), story("c", 1, 1), story("d", None, 2)
    sport = story("e", 0, 0, "sport")
    save_stories(database, (new, old, old_fetched_now, sport, undated))

    since = SLOT - timedelta(days=3)
    assert stories_since(database, since) == (old_fetched_now, undated, new, sport)
    assert stories_since(database, since, "sport") == (sport,)


def _response(url: str, fetched_at: datetime = SLOT, body: bytes = b"\x00<rss/>") -> CachedResponse:
    return CachedResponse(
        url, body, "text/xml; charset=x", '"e"', "Tue, 24 Nov 2026 07:00:00 GMT", fetched_at, f"{url}/"
    )


def test_response_comes_back_and_a_newer_replaces_it(database: Database) -> None:
    cache = SqlResponseCache(database)
    cache.put(_response("https://h.example/feed"))
    newer = _response("https://h.example/feed", SLOT + timedelta(hours=1), b"new")
    cache.put(newer)

    assert cache.get("https://h.example/feed") == newer
    assert cache.get("https://h.example/other") is None


def test_responses_that_were_not_fetched_for_long_are_cleared_out(database: Database) -> None:
    earlier = SqlResponseCache(database)
    earlier.put(_response("https://h.example/old"))
    earlier.flush()
    cache = SqlResponseCache(database)
    cache.put(_response("https://h.example/new", SLOT + timedelta(days=15)))
    cache.flush()

    assert cache.get("https://h.example/old") is None
    assert cache.get("https://h.example/new") is not None


def test_cache_that_is_open_for_weeks_clears_out_what_is_old_and_forgets_its_name(database: Database) -> None:
    cache = SqlResponseCache(database)
    for day in range(30):
        cache.put(_response(f"https://h.example/{day}", SLOT + timedelta(days=day)))
        cache.flush()

    with database.read() as connection:
        kept = set(connection.execute(select(responses.c.url)).scalars())
    assert kept == {f"https://h.example/{day}" for day in range(22, 30)}
    assert cache.get("https://h.example/21") is None
    assert cache.get("https://h.example/29") is not None


def test_responses_are_found_at_once_and_by_others_once_written(database: Database) -> None:
    cache, other = SqlResponseCache(database), SqlResponseCache(database)
    one = _response("https://h.example/1")
    cache.put(one)
    assert cache.get(one.url) == one
    assert SqlResponseCache(database).get(one.url) is None
    cache.flush()
    assert other.get(one.url) == one
    for number in range(2, 103):
        cache.put(_response(f"https://h.example/{number}"))
    assert SqlResponseCache(database).get("https://h.example/50") is not None


def test_responses_put_by_several_threads_are_seen_by_all_at_once_and_all_written(database: Database) -> None:
    cache = SqlResponseCache(database)

    def put(first: int) -> int:
        seen = 0
        for number in range(first, first + 120):
            one = _response(f"https://h.example/{number}", body=b"%d" % number)
            cache.put(one)
            seen += cache.get(one.url) == one
        return seen

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(put, range(0, 720, 120))) == [120] * 6
    cache.flush()
    others = SqlResponseCache(database)
    kept = [others.get(f"https://h.example/{number}") for number in range(720)]
    assert [response.body for response in kept if response] == [b"%d" % number for number in range(720)]


def test_freshness_of_a_kept_body_can_be_changed(database: Database) -> None:
    cache, until = SqlResponseCache(database), SLOT + timedelta(minutes=9)
    for url in ("https://h.example/1", "https://h.example/2"):
        cache.put(_response(url))
    cache.keep_fresh("https://h.example/1", until)
    cache.flush()
    cache.keep_fresh("https://h.example/2", until)
    for url in ("https://h.example/1", "https://h.example/2"):
        assert cache.get(url) == replace(_response(url), fresh_until=until)
    cache.flush()
    again = SqlResponseCache(database)
    assert again.get("https://h.example/2") == replace(_response("https://h.example/2"), fresh_until=until)
    again.keep_fresh("https://h.example/2", None)
    assert again.get("https://h.example/2") == _response("https://h.example/2")


def test_setting_is_kept_replaced_and_cleared(database: Database) -> None:
    put_setting(database, "k", "1")
    put_setting(database, "k", "2")
    kept = get_setting(database, "k")
    clear_setting(database, "k")

    assert (kept, get_setting(database, "k")) == ("2", None)


def test_first_served_stays_at_the_first(database: Database) -> None:
    assert first_served(database, SLOT) == SLOT
    assert first_served(database, SLOT + timedelta(days=1)) == SLOT


def test_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="no time zone"):
        first = replace(QUAY, published_at=datetime(2026, 11, 24))  # noqa: DTZ001  (that is what is refused)
        save_stories(database, (first,))
