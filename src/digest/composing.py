"""From the sources to a letter: the half of an edition's path that may be repeated.

    collect_stories  →  draft (rank | choose | compress | compose)  →  compose_letter (fit | render)

Same stories, same events so far, same popularity, same moment: same bytes. Nothing is promised to anyone before the
letter is frozen, so previews and explanations use these very functions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import digest.render as render
from digest import collect, select
from digest.app import App
from digest.briefs import Briefs, brief_clusters
from digest.config import Config, SectionConfig
from digest.grouping import group_stories
from digest.model import (
    Brief,
    Choice,
    Cluster,
    Edition,
    Edits,
    FrontPage,
    Letter,
    Pick,
    Popularity,
    Rewrite,
    SourceProblem,
    Sponsor,
    Story,
    Takeaway,
    Weather,
)
from digest.picturing import with_hosted_pictures
from digest.sectioning import open_sectioning
from digest.slots import Slot
from digest.store import editions, settings, stories
from digest.store.clicks import clicks_since
from digest.store.database import Database
from digest.store.edits import edits_of
from digest.store.source_visits import note_visits

__all__ = ["Collected", "Draft", "collect_stories", "compose_letter", "draft", "look_back", "recheck"]


# What an editor is told of a story that was read again; of the others there is nothing to tell.
_FATES = {
    collect.Fate.CHANGED: "was read anew",
    collect.Fate.GONE: "is gone and was left out",
    collect.Fate.RETRACTED: "was taken back and left out",
}


@dataclass(frozen=True, slots=True)
class Collected:
    """What the sources gave at one moment; sections are assigned already."""

    at: datetime
    stories: tuple[Story, ...]
    clusters: tuple[Cluster, ...]  # over all sections: words are rare or common by the whole paper
    moves: tuple[select.Move, ...]  # which stories were in another event before
    front_pages: tuple[FrontPage, ...]
    popularity: tuple[Popularity, ...]
    popularity_input: str
    weather: Weather | None
    problems: tuple[SourceProblem, ...]
    pages_fetched: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition as it would go out now; without stories enough, `edition` is None and the choice says why."""

    edition: Edition | None
    choice: Choice
    picks: tuple[Pick, ...]
    edits: Edits  # what editors had decided by then
    briefs: Briefs | None = None  # before editors' own words


def collect_stories(app: App, since: datetime | None = None) -> Collected:
    """Read every source, popularity and the weather; what fails is a problem, never an error.

    Args:
        since: Take what was published or updated since then; by default as far back as editions look.
    """
    config, now = app.config, app.now()
    back = look_back(config)
    back_to = min(since or now, now - back)
    known = {story.id: story for story in stories.stories_since(app.database, back_to)}
    gathered = collect.gather(
        config.sources,
        app.fetcher,
        now=now,
        known=known,
        root=config.root,
        window_hours=back / timedelta(hours=1),
        since=since,
        cache=app.responses,
        first_seen=partial(stories.first_seen, app.database),
    )
    stories.save_stories(app.database, (*gathered.stories, *gathered.put_aside))
    note_visits(app.database, [_visited(report) for report in gathered.reports], now)
    # A story that has left its feed keeps its place in the window, but no longer one on a page.
    here = {story.id: replace(story, position=None) for story in known.values()}
    here.update((story.id, story) for story in gathered.stories)
    placed = open_sectioning(config, app.database, now).place(here.values())
    reading = collect.read_popularity(
        config.popularity,
        open_path=config.path,
        front_pages=gathered.front_pages,
        known_urls=frozenset(story.url for story in placed),
        now=now,
        progress=_KeptInStore(app.database),
        asker=app.asker,
    )
    clusters, moves = group_stories(app.database, placed, now)
    weather = _weather(app, now)
    problems = [*gathered.problems, *reading.problems]
    if isinstance(weather, SourceProblem):
        problems.append(weather)
    return Collected(
        at=now,
        stories=placed,
        clusters=clusters,
        moves=moves,
        front_pages=gathered.front_pages,
        popularity=reading.popularity,
        popularity_input=reading.input,
        weather=weather if isinstance(weather, Weather) else None,
        problems=tuple(problems),
        pages_fetched=gathered.fetched,
    )


def _visited(report: collect.SourceReport) -> tuple[str, int, str]:
    """Return a source's name, how many stories it gave by any way, and what went wrong with its own."""
    return report.source, max((attempt.stories for attempt in report.attempts), default=0), report.attempts[0].error


@dataclass(frozen=True, slots=True)
class _KeptInStore:
    """How far logs were read, kept among the settings (`collect.log_offsets.Progress`)."""

    database: Database

    def get(self, key: str) -> str | None:
        return settings.get_setting(self.database, key)

    def put(self, key: str, text: str) -> None:
        settings.put_setting(self.database, key, text)


def draft(app: App, slot: Slot, collected: Collected, *, may_ask: bool | None = None) -> Draft:
    """Choose, compress and compose the edition of `slot`. Pure but for what the store and a language model know.

    Args:
        may_ask: As for `briefs.brief_clusters`: whether a language model is asked.
    """
    config, section = app.config, app.config.sections[slot.section]
    edits = edits_of(app.database, slot.edition_id)
    picks = select.rank(
        _clusters_of(slot.section, section.spans, collected.clusters),
        collected.popularity,
        collected.at,
        config.rank.weights,
        front_pages=collected.front_pages,
        half_life_hours=config.popularity.half_life_hours,
        window_hours=config.popularity.window_hours,
        section_weights={key: told.weight for key, told in config.sections.items()},
        boosts=edits.boosts,
        clicks=_clicks(app, collected.at),
    )
    since = collected.at - select.STAYS_OUT
    used = editions.used_stories(app.database, slot.section, since, but=slot.edition_id)
    choice = select.choose(picks, section.quota, collected.at, used=used, edits=edits)
    if choice.lead is None:
        return Draft(None, choice, picks, edits)
    made = brief_clusters(
        app,
        [pick.cluster for pick in choice.picks],
        lead=choice.lead.cluster,
        but=frozenset(key for key, words in edits.rewrites.items() if words.takeaways),
        may_ask=may_ask,
        read_at=slot.at,
    )
    choice = replace(choice, notes=(*choice.notes, *_told(collected.moves, choice), *made.notes))
    briefs = dict(made.by_story)
    briefs.update((key, _rewritten(briefs[key], words)) for key, words in edits.rewrites.items() if key in briefs)
    briefs = {key: _marked(app, slot, brief, {use.story_id for use in used}) for key, brief in briefs.items()}
    if config.popularity.counts_clicks:
        briefs = {key: replace(brief, link=_link(app, slot, brief.story)) for key, brief in briefs.items()}
    place = config.publication.place
    edition = render.compose(
        section=slot.section,
        title=config.title_of(slot.section),
        slot=slot.at,
        day=slot.day,
        publication=config.publication_noun(),
        zone=config.zone_of(slot.section),
        place=place.name if place else "",
        weather=collected.weather,
        choice=choice,
        briefs=briefs,
    )
    # Not by its slot: an inbox sorts by this date, and a signature dated in the future is refused (RFC 6376 §3.5).
    edition = replace(
        edition,
        dated_at=collected.at,
        note=edits.note,
        sponsors=_sponsors(section, slot),
        subject=edits.subject or edition.subject,
        preheader=edits.preheader or edition.preheader,
    )
    return Draft(edition, choice, picks, edits, made)


def _told(moves: Sequence[select.Move], choice: Choice) -> tuple[str, ...]:
    """Tell an editor which stories of the edition changed their event since somebody last looked."""
    chosen = {story.id for pick in choice.picks for story in pick.cluster.stories}
    return tuple(f"{move}." for move in moves if move.story.id in chosen)


def recheck(app: App, collected: Collected, made: Draft) -> tuple[Collected, tuple[str, ...]]:
    """Read the stories of a draft again; return what is true now, and a sentence on each that changed or is gone."""
    if made.edition is None:
        return collected, ()
    chosen = list({brief.story.id: brief.story for brief in made.edition.briefs}.values())
    again = collect.reread(chosen, app.config.sources, app.fetcher, now=app.now(), cache=app.responses)
    _save_changed(app.database, [found.story for found in again if found.fate is collect.Fate.CHANGED])
    gone = {found.story.id for found in again if found.fate in (collect.Fate.GONE, collect.Fate.RETRACTED)}
    kept = (tuple(story for story in cluster.stories if story.id not in gone) for cluster in collected.clusters)
    read = {found.story.id: found.story for found in again}
    clusters = tuple(
        Cluster(read.get(lead.id, lead), tuple(read.get(other.id, other) for other in others))
        for lead, *others in filter(None, kept)
    )
    notes = [f"“{found.story.title}” {_FATES[found.fate]}: {found.why}." for found in again if found.fate in _FATES]
    if unread := [found for found in again if found.fate is collect.Fate.UNREAD]:
        whose = "1 story" if len(unread) == 1 else f"{len(unread)} stories"
        notes.append(f"{whose} could not be read again and go out as they were: {unread[0].why}.")
    return replace(collected, clusters=clusters), tuple(notes)


def _save_changed(database: Database, changed: Sequence[Story]) -> None:
    """Keep the new text; the publisher's own label and the first sighting stay as they were."""
    held = {story.id: stories.get_story(database, story.id) for story in changed}
    stories.save_stories(
        database,
        [
            replace(story, section=before.section, fetched_at=before.fetched_at)
            for story in changed
            if (before := held[story.id]) is not None
        ],
    )


def _rewritten(brief: Brief, words: Rewrite) -> Brief:
    """Put an editor's own words in the place of ours."""
    if words.headline:
        brief = replace(brief, headline=words.headline, short_headline="")
    if words.takeaways:
        story_id = brief.story.id
        brief = replace(brief, takeaways=tuple(Takeaway(text, story_id) for text in words.takeaways), teaser="")
    return brief


def _clicks(app: App, now: datetime) -> tuple[Popularity, ...]:
    """Return the clicks that break ties, if the configuration counts them."""
    told = app.config.popularity
    return clicks_since(app.database, now - timedelta(hours=told.window_hours)) if told.counts_clicks else ()


def _sponsors(section: SectionConfig, slot: Slot) -> tuple[Sponsor, ...]:
    return tuple(
        Sponsor(told.name, told.text, told.url, told.image or "") for told in section.sponsors if told.runs_on(slot.day)
    )


def _marked(app: App, slot: Slot, brief: Brief, used: Collection[str]) -> Brief:
    """Say of a story that readers got it before, and in an edition of several sections whose it is."""
    section = brief.story.section
    is_foreign = section != slot.section and section in app.config.sections
    return replace(
        brief,
        is_update=brief.story.id in used,
        section_title=app.config.title_of(section) if is_foreign and app.config.sections[slot.section].spans else "",
    )


def _link(app: App, slot: Slot, story: Story) -> str:
    """Return the address that counts a click and leads on to the story; "" where there is nowhere to lead."""
    is_web = story.url.startswith(("https://", "http://"))
    return app.links.click_url(slot.edition_id, story.url) if is_web else ""


def _clusters_of(
    section: str, spans: Literal["all"] | tuple[str, ...], clusters: Sequence[Cluster]
) -> tuple[Cluster, ...]:
    """Return the events that `section` covers, each led by the newest story of its own or of those it spans."""
    if spans == "all":
        return tuple(clusters)
    own_sections = {section, *spans}
    found = []
    for cluster in clusters:
        own = next((story for story in cluster.stories if story.section in own_sections), None)
        if own is not None:
            found.append(Cluster(own, tuple(story for story in cluster.stories if story is not own)))
    return tuple(found)


def look_back(config: Config) -> timedelta:
    """Return how old a story may be: choosing widens a section's window twofold when too little is new."""
    return 2 * timedelta(hours=max(section.window_hours for section in config.sections.values()))


def _weather(app: App, now: datetime) -> Weather | SourceProblem | None:
    place = app.config.publication.place
    return collect.read_weather(place, app.fetcher, now=now) if place else None


def compose_letter(app: App, edition: Edition) -> tuple[Edition, Letter, tuple[str, ...]]:
    """Return the edition as it fits into a letter, that letter, and what was left out or cut for it."""
    edition, notes = with_hosted_pictures(app, edition)
    fitted, cuts = render.fit(edition, app.theme)
    return fitted, render.render(fitted, app.theme), (*notes, *cuts)
