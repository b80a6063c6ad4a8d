"""One entry of a feed, in the words that RSS, Atom and JSON Feed share → a story."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digest.collect.links import web_address
from digest.collect.pages.key_lines import key_points_of, whole_points, whole_summary
from digest.collect.pages.post_bodies import PostBody, read_post_body, without_furniture
from digest.collect.prose import plain_line, plain_paragraphs
from digest.model import Story

__all__ = ["FeedItem", "first_section", "language_tag", "only_web", "story_of"]

_MAX_TITLE, _MAX_SUMMARY, _MAX_GUID = 500, 1_000, 500
_FULL_TEXT = 800  # characters from which a lone description is the article, not its standfirst
_PARAGRAPH = "\n\n"
_CREDIT = re.compile(
    r"(?:\b(?:photos?|photograph|image|picture|foto|bild|crédit|credits?)\b(?: credits?)?\s*(?::|/|\bby\b)|©|\(c\))"
    r"\s*(.{2,})",
    re.IGNORECASE,
)
_NO_SECTION = frozenset(("uncategorized", "uncategorised", "allgemein", "sin categoría"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """An entry as its feed has it: texts may hold markup, addresses may be relative."""

    link: str
    title: str
    content: str  # the article, where the feed carries it
    summary: str
    authors: tuple[str, ...]
    section: str
    image: str
    published: datetime | None
    updated: datetime | None
    language: str
    image_alt: str = ""
    image_caption: str = ""
    id: str = ""  # as the feed has it


def story_of(item: FeedItem, url: str, position: int) -> Story | None:
    """Return what an item of the feed at `url` tells as a story; None without a title or a web address."""
    link = web_address(item.link, url)
    title = plain_line(item.title, limit=_MAX_TITLE)
    if not link or not title:
        return None
    summary = without_furniture(plain_paragraphs(item.summary))
    body = read_post_body(item.content, title) if item.content else PostBody()
    if not body.paragraphs and sum(map(len, summary)) >= _FULL_TEXT:
        body, summary = read_post_body(item.summary, title), summary[:1]
    standfirst = " ".join(summary)
    caption = plain_line(item.image_caption, limit=500)
    # Atom may give only `updated`, RSS 1.0 only dc:date: the one date that there is.
    published = item.published or item.updated
    was_updated = item.published is None or (item.updated is not None and item.updated > item.published)
    return Story(
        url=link,
        title=title,
        text=_PARAGRAPH.join(body.paragraphs),
        paragraphs=body.paragraphs,
        subheads=body.subheads,
        summary=_clip_words(whole_summary(standfirst, body.paragraphs), _MAX_SUMMARY),
        # An excerpt made by machine begins with the page's key points, in one line and cut off.
        takeaways_given=body.takeaways or whole_points(key_points_of(standfirst), body.paragraphs),
        authors=_names(item.authors),
        section=plain_line(item.section, limit=80),
        language=item.language,
        published_at=published,
        updated_at=item.updated if was_updated else None,
        image_url=web_address(item.image, url) or _first_image(item.content or item.summary, url),
        image_alt=plain_line(item.image_alt, limit=300) or _CREDIT.sub("", caption).strip(" .,;|/(–-")[:300],
        image_credit=_credit(caption),
        position=position,
        guid="" if item.id == item.link else plain_line(item.id, limit=_MAX_GUID),
    )


def only_web(text: str) -> str:
    """Return `text` if it is a web address, else ""."""
    return text if text.startswith(("http://", "https://")) else ""


def _credit(caption: str) -> str:
    """Return whom a picture's caption credits, "" when it only tells what is seen."""
    match = _CREDIT.search(caption)
    return match[1].strip(" .)")[:200] if match else ""


def _names(authors: Iterable[str]) -> tuple[str, ...]:
    """Return names without addresses, brackets and "By"."""
    names: dict[str, None] = {}
    for author in authors:
        name = re.sub(r"\S+@\S+|^\s*by\s+", " ", plain_line(author, limit=200), flags=re.IGNORECASE).strip(" ()<>,;")
        if name and not name.startswith(("http://", "https://")):
            names[name] = None
    return tuple(names)[:10]


def first_section(labels: Iterable[str]) -> str:
    """Return the first label that names a section, "" when none does."""
    return next((label for label in labels if label.strip() and label.strip().lower() not in _NO_SECTION), "")


def _first_image(markup: str, url: str) -> str:
    for match in re.finditer(r"""<img\b[^<>]{0,2000}?\bsrc\s*=\s*["']?([^"'\s<>]+)""", markup[:100_000], re.IGNORECASE):
        address = web_address(match[1].replace("&amp;", "&"), url)
        # Counters and social buttons are pictures too.
        if address and not re.search(
            r"pixel|/count|feedburner|feeds\.|doubleclick|/share|1x1|blank\.", address, re.IGNORECASE
        ):
            return address
    return ""


def language_tag(tag: str) -> str:
    """Return `tag` if it has the form of a language tag (BCP 47: "en", "pt-BR"), else ""."""
    return tag.strip() if re.fullmatch(r"\s*[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\s*", tag) else ""


def _clip_words(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rpartition(" ")[0] + "…"
