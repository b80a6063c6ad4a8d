"""The path of one edition. Read this first.

    sources | collect | cluster | rank | choose | compress | compose | render | freeze | deliver

`run` takes slots and gives each of them exactly one edition. Everything up to `freeze` may be done
again and gives the same bytes; from there on the stored letter and the ledger's rows are the truth,
and a restart goes on from them. Each step is a stage's own function; this file only joins them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import digest.render as render
from digest import collect, compress, select
from digest.audience import ReaderLinks
from digest.config import Config
from digest.deliver import arming, dispatch, ledger
from digest.errors import DisarmedError, Fault
from digest.model import (
    Addressed,
    Choice,
    Cluster,
    Delivery,
    DeliveryState,
    Edition,
    EditionStatus,
    FrontPage,
    Letter,
    Pick,
    Popularity,
    SourceProblem,
    Story,
    Weather,
)
from digest.ports import Fetcher, Sender
from digest.slots import Slot, instant_of, local_date
from digest.store import editions, stories
from digest.store.database import Database
from digest.subscribing import import_lists

__all__ = [
    "App",
    "Collected",
    "Draft",
    "EditionReport",
    "RunReport",
    "collect_stories",
    "compose_letter",
    "draft",
    "run",
    "today",
]

# A story is looked at for three days: the widest window that choosing relaxes to, and a margin.
STORY_DAYS = 3
USED_DAYS = 7
# A refusal that may pass is waited for this long at a time; the next run or alarm goes on with it.
PATIENCE_SECONDS = 60.0
FINISHED = frozenset(
    {EditionStatus.DONE, EditionStatus.HELD, EditionStatus.SKIPPED, EditionStatus.MISSED, EditionStatus.CANCELLED}
)
# SENDING after a run: letters are left that could not be submitted yet.
FAILED = frozenset({EditionStatus.HELD, EditionStatus.MISSED, EditionStatus.SENDING})


@dataclass(frozen=True, slots=True)
class App:
    """An opened installation: the configuration, and the adapters that `wiring` chose for it."""

    config: Config
    database: Database
    fetcher: Fetcher
    sender: Sender
    links: ReaderLinks
    theme: render.Theme
    now: Callable[[], datetime]
    host: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What the sources gave at one moment; sections are assigned already."""

    at: datetime
    stories: tuple[Story, ...]
    clusters: tuple[Cluster, ...]  # over all sections: words are rare or common by the whole paper
    front_pages: tuple[FrontPage, ...]
    popularity: tuple[Popularity, ...]
    popularity_input: str
    weather: Weather | None
    problems: tuple[SourceProblem, ...]
    source_count: int
    pages_fetched: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition as it would go out now; without stories enough, `edition` is None and the choice says why."""

    edition: Edition | None
    choice: Choice
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class EditionReport:
    """What became of one slot."""

    id: str
    status: EditionStatus
    reason: str = ""
    subject: str = ""
    letter_bytes: int = 0
    made_of: str = ""
    counts: tuple[tuple[DeliveryState, int], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run did. `collected` is None when every edition was finished before."""

    collected: Collected | None
    collect_seconds: float
    list_faults: tuple[Fault, ...]
    editions: tuple[EditionReport, ...]

    @property
    def has_failed(self) -> bool:
        return any(edition.status in FAILED for edition in self.editions)


def run(
    app: App, slots: Sequence[Slot], *, stop: threading.Event | None = None, is_asked_for: bool = False
) -> RunReport:
    """Fill each slot with its one edition, from the sources to the inboxes.

    An edition that exists is gone on with, or left alone when it is finished.

    Args:
        stop: Set it to end early; what is in flight is finished.
        is_asked_for: Somebody wants it now, whatever the clock says: `too_late_minutes` count from here.
    """
    slack = timedelta(minutes=app.config.delivery.too_late_minutes)
    too_late_at = {slot: (app.now() if is_asked_for else slot.at) + slack for slot in slots}
    list_faults = import_lists(app.config, app.database, app.now())
    rows = [editions.open_edition(app.database, slot.section, slot.at, app.now(), slot.edition_id) for slot in slots]
    needs_stories = any(
        row.status not in FINISHED and editions.get_letter(app.database, row.id) is None for row in rows
    )
    started = time.monotonic()
    collected = collect_stories(app) if needs_stories else None
    seconds = time.monotonic() - started
    stop = stop or threading.Event()
    reports = tuple(_fill(app, slot, collected, stop, too_late_at[slot]) for slot in slots)
    return RunReport(collected, seconds, list_faults, reports)


def today(app: App, section: str) -> Slot:
    """Return the slot of `section` for today's local date, whether its time has come or not."""
    zone = app.config.zone_of(section)
    day = local_date(app.now(), zone)
    return Slot(instant_of(day, app.config.sections[section].at_time, zone), section, day)


def collect_stories(app: App) -> Collected:
    """Read every source, popularity and the weather; what fails is a problem, never an error."""
    config, now = app.config, app.now()
    known = {story.id: story for story in stories.stories_since(app.database, now - timedelta(days=STORY_DAYS))}
    gathered = collect.gather(config.sources, app.fetcher, now=now, known=known, root=config.root)
    stories.save_stories(app.database, gathered.stories)
    # A story that has left its feed keeps its place in the window, but no longer one on a page.
    here = {story.id: replace(story, position=None) for story in known.values()}
    here.update((story.id, story) for story in gathered.stories)
    labels = {key: (config.title_of(key), *section.labels) for key, section in config.sections.items()}
    placed = tuple(replace(story, section=select.assign_section(story, labels).section) for story in here.values())
    reading = collect.read_popularity(
        config.popularity,
        open_path=config.path,
        front_pages=gathered.front_pages,
        known_urls=frozenset(story.url for story in placed),
        now=now,
    )
    weather = _weather(app, now)
    problems = [*gathered.problems, *reading.problems]
    if isinstance(weather, SourceProblem):
        problems.append(weather)
    return Collected(
        at=now,
        stories=placed,
        clusters=select.cluster(placed),
        front_pages=gathered.front_pages,
        popularity=reading.popularity,
        popularity_input=reading.input,
        weather=weather if isinstance(weather, Weather) else None,
        problems=tuple(problems),
        source_count=len(config.sources),
        pages_fetched=gathered.fetched,
    )


def draft(app: App, slot: Slot, collected: Collected) -> Draft:
    """Choose, compress and compose the edition of `slot`. Pure but for what earlier editions used."""
    config, section = app.config, app.config.sections[slot.section]
    picks = select.rank(
        _clusters_of(slot.section, collected.clusters),
        collected.popularity,
        collected.at,
        config.rank.weights,
        front_pages=collected.front_pages,
        half_life_hours=config.popularity.half_life_hours,
        window_hours=config.popularity.window_hours,
    )
    used = editions.used_stories(app.database, slot.section, collected.at - timedelta(days=USED_DAYS))
    choice = select.choose(
        picks, section.quota, collected.at, used=[select.Used(story_id, at) for story_id, at in used]
    )
    if choice.lead is None:
        return Draft(None, choice, picks)
    briefs = {pick.cluster.lead.id: compress.brief(pick.cluster, is_lead=pick is choice.lead) for pick in choice.picks}
    place = config.publication.place
    edition = render.compose(
        section=slot.section,
        title=config.title_of(slot.section),
        slot=slot.at,
        publication=config.publication_noun(),
        zone=config.zone_of(slot.section),
        place=place.name if place else "",
        weather=collected.weather,
        choice=choice,
        briefs=briefs,
    )
    return Draft(edition, choice, picks)


def _clusters_of(section: str, clusters: Sequence[Cluster]) -> tuple[Cluster, ...]:
    """Return the events that `section` covers, each led by its own newest story."""
    found = []
    for cluster in clusters:
        own = next((story for story in cluster.stories if story.section == section), None)
        if own is not None:
            found.append(Cluster(own, tuple(story for story in cluster.stories if story is not own)))
    return tuple(found)


def _weather(app: App, now: datetime) -> Weather | SourceProblem | None:
    place = app.config.publication.place
    return collect.read_weather(place, app.fetcher, now=now) if place else None


def compose_letter(app: App, edition: Edition) -> tuple[Edition, Letter, tuple[str, ...]]:
    """Return the edition as it fits into a letter, that letter, and what was cut for it."""
    fitted, cuts = render.fit(edition, app.theme)
    return fitted, render.render(fitted, app.theme), cuts


def _fill(
    app: App, slot: Slot, collected: Collected | None, stop: threading.Event, too_late_at: datetime
) -> EditionReport:
    """Bring the edition of `slot` as far as it can go now."""
    row = editions.get_edition(app.database, slot.edition_id)
    if row is None or row.status in FINISHED or stop.is_set():
        return _report(app, slot)
    letter = editions.get_letter(app.database, slot.edition_id)
    notes: tuple[str, ...] = ()
    if letter is None:
        if collected is None:
            return _report(app, slot)
        made = draft(app, slot, collected)
        notes = made.choice.notes
        if made.edition is None:
            _skip(app, slot, " ".join(notes))
            return _report(app, slot)
        edition, letter, cuts = compose_letter(app, made.edition)
        notes += cuts
        letter = editions.freeze(app.database, edition, letter, app.now())
    try:
        arming.require_armed(app.database, app.sender, app.host)
    except DisarmedError as error:
        return _report(app, slot, (*notes, str(error)))
    ledger.freeze_audience(app.database, slot.edition_id, slot.section, app.now(), app.sender.batch_size)
    delivered = dispatch.deliver(
        app.database,
        slot.edition_id,
        letter,
        app.sender,
        partial(_addressed, app.links, slot.section),
        app.config.delivery,
        now=app.now,
        stop=stop,
        patience_seconds=PATIENCE_SECONDS,
        too_late_at=too_late_at,
    )
    return _report(app, slot, (*notes, *delivered.notes))


def _addressed(links: ReaderLinks, section: str, delivery: Delivery) -> Addressed:
    reader = delivery.subscriber_id
    return Addressed(delivery, links.unsubscribe_url(reader, section), links.preferences_url(reader))


def _skip(app: App, slot: Slot, reason: str) -> None:
    unfinished = frozenset({EditionStatus.DRAFT, EditionStatus.APPROVED})
    editions.set_status(
        app.database, slot.edition_id, EditionStatus.SKIPPED, expected=unfinished, reason=reason, now=app.now()
    )


def _report(app: App, slot: Slot, notes: tuple[str, ...] = ()) -> EditionReport:
    """Read back from the database what is true of the slot's edition now."""
    row = editions.get_edition(app.database, slot.edition_id)
    if row is None:
        return EditionReport(slot.edition_id, EditionStatus.MISSED, "there is no such edition")
    content = editions.get_content(app.database, row.id)
    letter = editions.get_letter(app.database, row.id)
    return EditionReport(
        id=row.id,
        status=row.status,
        reason=row.reason,
        subject=row.subject,
        letter_bytes=len(letter.html.encode()) if letter else 0,
        made_of=_made_of(content) if content else "",
        counts=ledger.counts(app.database, row.id),
        notes=notes,
    )


def _made_of(edition: Edition) -> str:
    parts = ((1 + len(edition.top), "top"), (len(edition.popular), "popular"), (len(edition.more), "more"))
    return ", ".join(f"{count} {name}" for count, name in parts if count)
