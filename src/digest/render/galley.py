"""Edition → galley: every line that a reader will see, as text and links, before it is set.

The HTML, the text part and the terminal are set from the same galley, so that they say the same. It
decides what is said (which picture, which time, whose name), never how it looks. All of it is cleaned
(`lines.one_line`) and every link is one that may be followed (`lines.web_link`) or "".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.model import Blank, Brief, Condition, Edition, Passage, Story, Weather, blank_token
from digest.render.dates import moment
from digest.render.lines import clip, host_of, one_line, web_link
from digest.render.phrases import phrase_of
from digest.render.wording import Wording, is_right_to_left, wording_for
from digest.slots import read_edition_id

__all__ = ["Advert", "Article", "Galley", "Linked", "Picture", "Sky", "galley"]

_PICTURES_AT_TOP = 2
_INSIDE = 3
_INSIDE_CHARACTERS = 64  # of one; more is no line to scan
_INSIDE_ROOM = 132  # of all: two lines of a desktop, four of a phone
_RELATED = 2
_HEADLINE_CHARACTERS = 240
_UPDATED_AFTER_SECONDS = 30 * 60  # less is the publishing system's own fuss
_WORDS_A_MINUTE = 230  # silent reading of non-fiction in English: Brysbaert 2019, 238

# Text signs, not emoji: U+FE0E asks for the plain drawing in the text's own colour.
_SIGNS = {
    Condition.CLEAR: "☀",
    Condition.CLEAR_NIGHT: "☾",
    Condition.PARTLY_CLOUDY: "☀\ufe0e☁",
    Condition.CLOUDY: "☁",
    Condition.FOG: "≋",
    Condition.RAIN: "☂",
    Condition.SNOW: "❄",
    Condition.THUNDER: "☈",
}


@dataclass(frozen=True, slots=True)
class Linked:
    """Words that lead somewhere; without an address they are only words."""

    text: str
    href: str
    language: str = ""  # "" when it is the letter's own, as in Article
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and in words what it shows."""

    src: str
    alt: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Sky:
    """The weather as the masthead shows it: a sign, its words, "17°"."""

    sign: str
    words: str
    degrees: str


@dataclass(frozen=True, slots=True)
class Advert:
    """A paid place, under its label."""

    name: str
    text: str
    href: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One story as it is set."""

    number: int  # its place in the letter, from 1
    headline: str
    href: str
    language: str  # "" when it is the letter's own
    direction: str  # "" when it is the letter's own, else "ltr" or "rtl"
    label: str  # its section, where that is not the letter's own; ""
    is_update: bool
    takeaways: tuple[str, ...]
    teaser: str  # only where there are no takeaways
    body: tuple[Passage, ...]
    meta: tuple[str, ...]  # who, when, and whether it was updated
    picture: Picture | None
    elsewhere: tuple[Linked, ...]  # other outlets that have it
    related: tuple[Linked, ...]  # the publication's own other versions

    @property
    def anchor(self) -> str:
        """The name that links within the letter lead to."""
        return f"s{self.number}"


@dataclass(frozen=True, slots=True)
class Galley:
    """A letter's lines, in the order in which they are read."""

    language: str
    direction: str
    words: Wording
    section: str
    title: str
    subject: str
    preheader: str
    publication: str
    home_url: str
    date: str
    place: str
    sky: Sky | None
    inside: tuple[Linked, ...]
    minutes: str
    note: tuple[str, ...]
    adverts: tuple[Advert, ...]
    lead: Article | None
    top: tuple[Article, ...]
    more: tuple[Article, ...]
    popular: tuple[Article, ...]
    why: str
    preferences_url: str
    unsubscribe_url: str
    browser_url: str
    forward_url: str
    address: str
    parts: tuple[Galley, ...] = ()  # the sections of a letter that has several
    anchor: str = ""  # of a part: the name that the contents list leads to

    @property
    def articles(self) -> tuple[Article, ...]:
        own = (*((self.lead,) if self.lead else ()), *self.top, *self.more, *self.popular)
        return (*own, *(article for part in self.parts for article in part.articles))

    @property
    def more_label(self) -> str:
        return self.words.more.format(section=self.title)


def galley(edition: Edition, mark: str, *, first: int = 1) -> Galley:
    """Set `edition` in lines; `mark` goes into the blanks that differ from reader to reader.

    Args:
        first: The number of its first article.
    """
    publication, words = edition.publication, wording_for(edition.publication.language)
    title, name = one_line(edition.title), one_line(publication.name)
    setter = _Setter(edition, words)
    lead = setter.article(edition.lead, first) if edition.lead else None
    top = _with_few_pictures(setter.articles(edition.top, first=first + 1), lead)
    browser_url = web_link(f"{publication.base_url}/{edition.id}") if publication.base_url else ""
    more = setter.articles(edition.more, first=first + 1 + len(top))
    popular = setter.articles(edition.popular, first=first + 1 + len(top) + len(more))
    own = (*((lead,) if lead else ()), *top, *more, *popular)
    parts = _parts(edition, mark)
    return Galley(
        language=publication.language,
        direction=setter.direction,
        words=words,
        section=edition.section,
        title=title,
        subject=one_line(edition.subject),
        preheader=one_line(edition.preheader),
        publication=name,
        home_url=web_link(publication.url),
        date=one_line(edition.masthead.date),
        place=one_line(edition.masthead.place),
        sky=_sky(edition.masthead.weather, words) if edition.masthead.weather else None,
        inside=_contents(parts) if parts else _inside(edition.top, top),
        note=tuple(filter(None, map(one_line, edition.note.splitlines()))),
        adverts=tuple(
            Advert(one_line(told.name), one_line(told.text), href, web_link(told.image_url))
            for told in edition.sponsors
            if (href := web_link(told.url))
        ),
        minutes=_minutes((*own, *(article for part in parts for article in part.articles)), words),
        lead=lead,
        top=top,
        more=more,
        popular=popular,
        why=words.why.format(section=title, publication=name),
        preferences_url=blank_token(mark, Blank.PREFERENCES_URL),
        unsubscribe_url=blank_token(mark, Blank.UNSUBSCRIBE_URL),
        browser_url=browser_url,
        forward_url=_forward_url(one_line(edition.subject), browser_url),
        address=one_line(publication.postal_address),
        parts=parts,
    )


def _parts(edition: Edition, mark: str) -> tuple[Galley, ...]:
    """Set the sections of a letter that has several, their articles numbered through."""
    found: list[Galley] = []
    first = 1
    for place, part in enumerate(edition.parts, 1):
        found.append(replace(galley(part, mark, first=first), anchor=f"p{place}"))
        first += len(part.briefs)
    return tuple(found)


def _contents(parts: tuple[Galley, ...]) -> tuple[Linked, ...]:
    return tuple(Linked(part.title, f"#{part.anchor}") for part in parts)


def _forward_url(subject: str, browser_url: str) -> str:
    """Return an address that opens a new mail with the letter's own (RFC 6068); "" without a page to show."""
    return f"mailto:?subject={quote(subject)}&body={quote(browser_url)}" if browser_url else ""


class _Setter:
    """Sets articles for one letter: its language, its day, its own host."""

    def __init__(self, edition: Edition, words: Wording) -> None:
        self._words = words
        self._language = edition.publication.language
        self._zone = ZoneInfo(edition.masthead.zone or edition.publication.timezone)
        self._day = read_edition_id(edition.id)[1]
        self._host = host_of(edition.publication.url)
        self.direction = _direction(self._language)

    def articles(self, briefs: tuple[Brief, ...], first: int) -> tuple[Article, ...]:
        return tuple(self.article(brief, number) for number, brief in enumerate(briefs, first))

    def article(self, brief: Brief, number: int) -> Article:
        story = brief.story
        is_foreign = bool(story.language) and story.language.split("-")[0] != self._language.split("-")[0]
        direction = _direction(story.language) if is_foreign else self.direction
        takeaways = tuple(filter(None, (one_line(takeaway.text) for takeaway in brief.takeaways)))
        return Article(
            number=number,
            headline=clip(one_line(brief.headline) or one_line(story.title), _HEADLINE_CHARACTERS),
            href=web_link(brief.link or story.url),
            language=story.language if is_foreign else "",
            direction=direction if direction != self.direction else "",
            label=one_line(brief.section_title),
            is_update=brief.is_update,
            takeaways=takeaways,
            teaser="" if takeaways else one_line(brief.teaser),
            body=tuple(Passage(text, p.is_subhead) for p in brief.body if (text := one_line(p.text))),
            meta=tuple(filter(None, (*self._who(story), *self._when(story)))),
            picture=_picture(story),
            elsewhere=self._elsewhere(brief.also_covered_by),
            related=tuple(
                Linked(one_line(other.title), web_link(other.url))
                for other in brief.also_covered_by
                if self._is_own(other) and web_link(other.url)
            )[:_RELATED],
        )

    def _is_own(self, story: Story) -> bool:
        host = host_of(story.url)
        return host == self._host or host.endswith(f".{self._host}")

    def _who(self, story: Story) -> Iterable[str]:
        yield ", ".join(filter(None, map(one_line, story.authors)))
        yield "" if self._is_own(story) else host_of(web_link(story.url))

    def _when(self, story: Story) -> Iterable[str]:
        at, updated = story.published_at or story.updated_at, story.updated_at
        if at is None:
            return
        yield moment(at, self._day, self._zone, self._language)
        if updated is not None and (updated - at).total_seconds() >= _UPDATED_AFTER_SECONDS:
            yield self._words.updated.format(time=moment(updated, self._day, self._zone, self._language))

    def _elsewhere(self, stories: tuple[Story, ...]) -> tuple[Linked, ...]:
        """Return one link for each other outlet, in order."""
        outlets = {host_of(story.url): web_link(story.url) for story in reversed(stories) if not self._is_own(story)}
        return tuple(Linked(host, href) for host, href in reversed(outlets.items()) if host and href)


def _direction(language: str) -> str:
    return "rtl" if is_right_to_left(language) else "ltr"


def _picture(story: Story) -> Picture | None:
    src = web_link(story.image_url)
    return Picture(src, one_line(story.image_alt), one_line(story.image_credit)) if src else None


def _with_few_pictures(articles: tuple[Article, ...], lead: Article | None) -> tuple[Article, ...]:
    """Keep the first pictures that the lead doesn't show already."""
    shown = {lead.picture.src} if lead and lead.picture else set()
    room = _PICTURES_AT_TOP
    kept = []
    for article in articles:
        is_new = article.picture is not None and article.picture.src not in shown and room > 0
        if article.picture is not None and is_new:
            shown.add(article.picture.src)
            room -= 1
        kept.append(article if is_new else replace(article, picture=None))
    return tuple(kept)


def _sky(weather: Weather, words: Wording) -> Sky:
    degrees = round(weather.temperature)
    minus = "−" if degrees < 0 else ""
    return Sky(_SIGNS[weather.condition] + "\ufe0e", words.sky[weather.condition], f"{minus}{abs(degrees)}°")


def _inside(briefs: tuple[Brief, ...], articles: tuple[Article, ...]) -> tuple[Linked, ...]:
    """Return what comes after the lead, as far as it can be said in whole phrases; one alone is no list."""
    items: list[Linked] = []
    room = _INSIDE_ROOM
    for brief, article in zip(briefs, articles, strict=True):
        phrase = phrase_of(brief, min(room, _INSIDE_CHARACTERS)) if len(items) < _INSIDE else ""
        if phrase:
            items.append(Linked(phrase, f"#{article.anchor}", article.language, article.direction))
            room -= len(phrase)
    return tuple(items) if len(items) > 1 else ()


def _minutes(articles: tuple[Article, ...], words: Wording) -> str:
    lines = (
        line
        for article in articles
        for line in (article.headline, *article.takeaways, article.teaser, *(passage.text for passage in article.body))
    )
    count = sum(len(line.split()) for line in lines)
    minutes = words.minutes.format(count=max(1, round(count / _WORDS_A_MINUTE)))
    return minutes.replace(" ", "\N{NO-BREAK SPACE}")
