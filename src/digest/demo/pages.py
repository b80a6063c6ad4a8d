"""The paper's web pages, as a publisher's site has them: front page, sections, articles.

Their templates lie in `templates/`. Titles and texts are escaped by Jinja2; what goes
into JSON-LD is escaped here, because a script element ends at "</script>" whatever quotes it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digest.demo.broken import spoil_markup
from digest.demo.newsroom import PAPER, SECTIONS, DemoStory, Flaw, Newsroom
from digest.demo.pictures.canvas import HEIGHT, WIDTH
from digest.demo.weather import PORT_ELLERY, sky_at

__all__ = ["article_page", "front_page", "not_found_page", "section_page"]

_TEMPLATES = Path(__file__).parent / "templates"
_SECONDARY, _GRID, _STRIP, _POPULAR = 3, 4, 4, 10


def front_page(newsroom: Newsroom, base_url: str) -> str:
    """Return the front page: a lead, a grid, one strip a section, and the most read stories in order."""
    front = newsroom.front()
    lead, secondary, rest = front[:1], front[1 : 1 + _SECONDARY], front[1 + _SECONDARY :]
    illustrated = _illustrated(secondary, lead)
    grid = [story for story in rest if story.picture][:_GRID]
    shown = [*lead, *secondary, *grid]
    strips = []
    for section in SECTIONS:
        stories = [story for story in newsroom.in_section(section) if story not in shown]
        first = _illustrated(stories, shown)
        others = [story for story in stories if story is not first]
        strips.append((section, [*([first] if first else []), *others][:_STRIP]))
        shown += [first] if first else []
    return _page(
        "front.html.j2",
        newsroom,
        base_url,
        lead=lead[0] if lead else None,
        secondary=secondary,
        illustrated=illustrated,
        grid=grid,
        strips=[(section, stories) for section, stories in strips if stories],
        popular=newsroom.most_viewed()[:_POPULAR],
    )


def section_page(newsroom: Newsroom, section: str, base_url: str) -> str:
    """Return a section's page: all its stories, newest first, and its own most read."""
    stories = newsroom.in_section(section)
    popular = newsroom.most_viewed(section)[: _POPULAR // 2]
    return _page("section.html.j2", newsroom, base_url, section=section, stories=stories, popular=popular)


def article_page(newsroom: Newsroom, story: DemoStory, base_url: str) -> str:
    """Return a story's page as HTML."""
    html = _page(
        "article.html.j2",
        newsroom,
        base_url,
        section=story.section,
        story=story,
        structured=_structured_data(story, base_url),
        related=newsroom.related_to(story),
        read_more_after=_read_more_place(story),
        popular=newsroom.most_viewed()[: _POPULAR // 2],
    )
    return spoil_markup(html) if story.flaw is Flaw.BROKEN_MARKUP else html


def not_found_page(newsroom: Newsroom, base_url: str) -> str:
    """Return the page of a wrong address as HTML."""
    return _page("not_found.html.j2", newsroom, base_url)


def _page(template: str, newsroom: Newsroom, base_url: str, **facts: object) -> str:
    common = {
        "paper": PAPER,
        "sections": SECTIONS,
        "section": "",
        "base_url": base_url,
        "now": newsroom.now,
        "celsius": round(sky_at(newsroom.now).celsius),
        "picture_size": (WIDTH, HEIGHT),
    }
    return _environment().get_template(template).render(common | facts)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "iso": _iso,
        "long_date": _long_date,
        "day_and_time": _day_and_time,
        "day_or_time": _day_or_time,
        "names": _names,
    }
    return environment


def _structured_data(story: DemoStory, base_url: str) -> str:
    """Return the story as schema.org's NewsArticle, safe to stand in a script element."""
    url = base_url + story.path
    article: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "url": url,
        "headline": story.title,
        "description": story.standfirst,
        "datePublished": _iso(story.published_at),
        "dateModified": _iso(story.changed_at),
        "author": [{"@type": "Person", "name": author} for author in story.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": PAPER, "url": f"{base_url}/"},
        "articleSection": story.section.capitalize(),
        "inLanguage": story.language,
        "isAccessibleForFree": True,
    }
    if story.picture:
        article["image"] = {
            "@type": "ImageObject",
            "url": base_url + story.picture_path,
            "width": WIDTH,
            "height": HEIGHT,
            "caption": story.picture.alt,
            "creditText": story.picture.credit,
        }
    if story.correction:
        article["correction"] = {"@type": "CorrectionComment", "text": story.correction}
    text = json.dumps(article, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _illustrated(stories: Sequence[DemoStory], shown: Sequence[DemoStory]) -> DemoStory | None:
    """Return the first of `stories` with a picture, if possible of a scene that the page doesn't show yet."""
    scenes = {story.picture.scene for story in shown if story.picture}
    pictured = [(story, story.picture.scene) for story in stories if story.picture]
    return next((story for story, scene in pictured if scene not in scenes), pictured[0][0] if pictured else None)


def _read_more_place(story: DemoStory) -> int:
    """Return which passage a link to another story follows: the third, or the first paragraph after it."""
    return next((n for n, passage in enumerate(story.body) if n >= 2 and not passage.is_subhead), -1)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _long_date(moment: datetime) -> str:
    local = moment.astimezone(PORT_ELLERY)
    return f"{local:%A} {local.day} {local:%B} {local.year}"


def _day_and_time(moment: datetime) -> str:
    local = moment.astimezone(PORT_ELLERY)
    return f"{local.day} {local:%B} {local.year}, {local:%H:%M}"


def _day_or_time(moment: datetime, now: datetime) -> str:
    """Return the time of what happened today, else the day."""
    local, today = moment.astimezone(PORT_ELLERY), now.astimezone(PORT_ELLERY).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.day} {local:%B}"


def _names(authors: Sequence[str]) -> str:
    """Return "Ann", "Ann and Ben" or "Ann, Ben and Cy"."""
    return " and ".join(filter(None, (", ".join(authors[:-1]), *authors[-1:])))
