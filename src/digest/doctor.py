"""What is wrong with an installation, or soon will be: its sources, database, clock and transport, in verdicts.

Looks and touches nothing that is promised: no edition is made, no letter leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest import collect
from digest.app import App
from digest.collect.feeds.facts import FeedFacts
from digest.composing import look_back
from digest.model import Story
from digest.settings import Source, SourceKind
from digest.store import editions
from digest.store.source_visits import SourceVisit, note_ids, note_visits, visits_by_source
from digest.store.stories import stories_since

__all__ = ["Diagnosis", "Finding", "Level", "diagnose_sources"]

_STALE = timedelta(hours=48)  # without anything new
_DEAD = timedelta(days=60)
_FEW = 3  # items, below which nothing is told from their likeness
_CHURN = 0.1  # of items that kept their address and got another id
_MANY = 0.5  # of items without a date
_LARGE_BYTES = 5 * 1024 * 1024
_SLOW_SECONDS = 10.0
_EDITIONS = 5


class Level(StrEnum):
    """How much a finding matters; only FAILS makes the command fail."""

    FINE = "fine"
    NOTE = "note"
    WARNS = "warns"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is odd, and what to do about it."""

    level: Level
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A source and what was found of it. `by_hour` are the stories of each of the last 24 hours, oldest first."""

    source: Source
    ways: tuple[collect.Way, ...]
    visit: SourceVisit | None  # by what earlier runs kept
    by_hour: tuple[int, ...]
    in_editions: tuple[int, ...]  # how many stories it gave to each of the newest editions, newest first
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        return max((finding.level for finding in self.findings), key=list(Level).index, default=Level.FINE)


def diagnose_sources(app: App, sources: Sequence[Source], *, offline: bool = False) -> tuple[Diagnosis, ...]:
    """Look at every way to each of `sources` now, or only at what earlier runs kept of them."""
    now, known = app.now(), visits_by_source(app.database)
    window = look_back(app.config)
    if offline:
        examined = tuple(collect.Examination(source, ()) for source in sources)
    else:
        examined = collect.examine(
            sources,
            app.fetcher,
            now=now,
            window_hours=window / timedelta(hours=1),
            cache=app.responses,
            root=app.config.root,
        )
    lately = stories_since(app.database, now - timedelta(hours=24))
    carried = _carried(app)
    found = []
    for examination in examined:
        visit = known.get(examination.source.label)
        findings = tuple(_of_ways(examination.ways, visit, now) if examination.ways else _of_visit(visit, now))
        label = examination.source.label
        told = Diagnosis(
            examination.source,
            examination.ways,
            visit,
            _by_hour([story for story in lately if story.source == label], now),
            tuple(sources_of.get(label, 0) for sources_of in carried),
            findings or (Finding(Level.FINE, "Nothing odd."),),
        )
        found.append(told)
    _remember(app, examined, now)
    return tuple(found)


def _of_visit(visit: SourceVisit | None, now: datetime) -> Iterator[Finding]:
    if visit is not None and visit.good_at is None and visit.error:
        yield Finding(Level.FAILS, f"It never gave a story: {visit.error}")
    elif visit is None or visit.good_at is None:
        yield Finding(Level.WARNS, "No run has had a story from it.", "`digest doctor sources` asks it now.")
    elif visit.error_at is not None and visit.error_at > visit.good_at:
        yield Finding(Level.FAILS, f"It failed last: {visit.error}")
    elif now - visit.good_at > _STALE:
        yield Finding(Level.WARNS, f"It was read well last on {visit.good_at:%Y-%m-%d %H:%M} UTC.")
    else:
        yield Finding(Level.FINE, "It was read well last time.")


def _of_ways(ways: Sequence[collect.Way], visit: SourceVisit | None, now: datetime) -> Iterator[Finding]:
    own, *fallbacks = ways
    if own.error:
        helps = next((way for way in fallbacks if way.stories), None)
        level = Level.WARNS if helps else Level.FAILS
        instead = f" Its fallback {helps.kind} gives {helps.stories}." if helps else ""
        yield Finding(level, f"{own.error.rstrip('.')}.{instead}", own.hint)
    elif not own.stories:
        yield Finding(Level.FAILS, "It has no stories.", "Check that it is the right address.")
    for way in fallbacks:
        if way.error:
            yield Finding(Level.WARNS, f"Its fallback {way.kind} {way.url} fails: {way.error}", way.hint)
    if own.stories and own.newest is not None and now - own.newest > _STALE:
        days = (now - own.newest) // timedelta(days=1)
        is_dead = now - own.newest > _DEAD
        level, hint = (Level.FAILS, "It is dead.") if is_dead else (Level.WARNS, "")
        yield Finding(
            level, f"Nothing new for {days} days.", f"{hint} If the paper goes on, it has another feed.".strip()
        )
    if own.kind is SourceKind.SITEMAP and own.stories and own.undated == own.stories:
        yield Finding(Level.WARNS, "None of its stories has a date.", "They count from when they are first seen.")
    if own.final_url:
        yield Finding(Level.NOTE, f"It redirects to {own.final_url}.", "Name that address: it saves a request a run.")
    if own.bytes > _LARGE_BYTES:
        yield Finding(Level.WARNS, f"It is {own.bytes / 1024 / 1024:.1f} MB large.", "Ask for a shorter feed.")
    if own.seconds > _SLOW_SECONDS:
        yield Finding(Level.WARNS, f"It took {own.seconds:.0f} s.")
    if own.bytes and not own.has_validator:
        hint = "Its server sends neither ETag nor Last-Modified, so it is fetched and read whole each time."
        yield Finding(Level.NOTE, "It can't be asked whether it has changed.", hint)
    if own.facts is not None:
        yield from _of_feed(own.facts, visit)


def _of_feed(facts: FeedFacts, visit: SourceVisit | None) -> Iterator[Finding]:
    """Tell what is odd about a feed's items."""
    of = f"of {facts.items} items"
    if facts.in_future:
        yield Finding(Level.WARNS, f"{facts.in_future} {of} are dated in the future.", "Those dates are not believed.")
    if facts.without_date > _MANY * facts.items:
        yield Finding(
            Level.WARNS, f"{facts.without_date} {of} have no date.", "They count from when they are first seen."
        )
    if facts.alike == facts.items and facts.items > _FEW:
        yield Finding(
            Level.WARNS,
            f"All {facts.items} items have one date.",
            "It dates them when it is asked: order is all it tells.",
        )
    if facts.without_title:
        yield Finding(Level.WARNS, f"{facts.without_title} {of} have no title and are left out.")
    if facts.without_link:
        yield Finding(Level.WARNS, f"{facts.without_link} {of} have no address and are left out.")
    if facts.repeated_ids:
        yield Finding(Level.WARNS, f"{facts.repeated_ids} {of} repeat an id.", "Here a story is told by its address.")
    if facts.declared and facts.actual not in ("", "ascii") and _codec(facts.declared) != _codec(facts.actual):
        yield Finding(Level.NOTE, f"It says it is {facts.declared} and is {facts.actual}.", "It is read as what it is.")
    before = dict(visit.ids) if visit else {}
    kept = [(ours, theirs) for ours, theirs in facts.ids if ours in before]
    churned = sum(before[ours] != theirs for ours, theirs in kept)
    if kept and churned > _CHURN * len(kept):
        hint = "Readers of the feed see stories twice; here addresses count, so nothing is doubled."
        yield Finding(Level.WARNS, f"{churned} of {len(kept)} items got a new id since the last look.", hint)


def _codec(name: str) -> str:
    import codecs

    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return name
    return _FAMILIES.get(codec, codec)


# Encodings that only add characters to another: what is one of them is the other too.
_FAMILIES = {
    "shift_jis_2004": "shift_jis", "shift_jisx0213": "shift_jis", "cp932": "shift_jis",
    "euc_jis_2004": "euc_jp", "euc_jisx0213": "euc_jp", "gbk": "gb2312", "gb18030": "gb2312", "cp949": "euc_kr",
    "cp1252": "iso8859-1", "big5hkscs": "big5", "cp950": "big5",
}  # fmt: skip


def _by_hour(stories: Sequence[Story], now: datetime) -> tuple[int, ...]:
    hours = [0] * 24
    for story in stories:
        at = story.published_at or story.fetched_at
        if at is not None and timedelta() <= now - at < timedelta(hours=24):
            hours[23 - (now - at) // timedelta(hours=1)] += 1
    return tuple(hours)


def _carried(app: App) -> list[Mapping[str, int]]:
    """Return for each of the newest editions how many of its stories each source gave, newest first."""
    found: list[Mapping[str, int]] = []
    for row in editions.list_editions(app.database, limit=_EDITIONS * len(app.config.sections), of_one_section=True):
        content = editions.get_content(app.database, row.id)
        if content is None:
            continue
        counts: dict[str, int] = {}
        for brief in content.briefs:
            counts[brief.story.source] = counts.get(brief.story.source, 0) + 1
        found.append(counts)
    return found[:_EDITIONS]


def _remember(app: App, examined: Sequence[collect.Examination], now: datetime) -> None:
    """Keep what was found for the next look."""
    seen = [examination for examination in examined if examination.ways]
    note_visits(
        app.database,
        [(one.source.label, max(way.stories for way in one.ways), one.ways[0].error) for one in seen],
        now,
    )
    for one in seen:
        if one.ways[0].facts is not None:
            note_ids(app.database, one.source.label, one.ways[0].facts.ids)
