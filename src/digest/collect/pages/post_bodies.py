"""The markup of an article without its page, as feeds and content systems give it → paragraphs, sub-heads, key points.

There is no furniture of a page around it, so nothing has to be found: only blocks are told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.collect.markup import parse_html
from digest.collect.pages.key_lines import key_points_of, whole_points
from digest.collect.pages.takeaway_blocks import find_takeaways, remove_takeaways
from digest.collect.prose import element_text, paragraphs_of, plain_paragraphs

__all__ = ["PostBody", "read_post_body", "without_furniture"]

_SUBHEADS = ("h2", "h3", "h4")
_MAX_SUBHEAD = 200
# What plugins write below a post.
_FURNITURE = re.compile(
    r"^(the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|continue reading\b.{0,200}"
    r"|read more\b.{0,80}|share this:?|like this:?|like loading\W*|\[?(…|\.\.\.)\]?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PostBody:
    """The text; `subheads` are those of `paragraphs` that are sub-heads."""

    paragraphs: tuple[str, ...] = ()
    subheads: tuple[int, ...] = ()
    takeaways: tuple[str, ...] = ()


def read_post_body(markup: str, title: str) -> PostBody:
    """Return what `markup`, the article called `title`, says; plain text is parted at its blank lines."""
    if "<" not in markup:
        return _plain_body(without_furniture(plain_paragraphs(markup)))
    tree = parse_html(f"<article>{markup}</article>")
    if tree is None:
        return PostBody()
    block = find_takeaways(tree, title)
    if block is not None:
        remove_takeaways(block)
    heads = {text for head in tree.iter(*_SUBHEADS) if (text := element_text(head)) and len(text) <= _MAX_SUBHEAD}
    paragraphs = without_furniture(paragraphs_of(tree))
    while paragraphs and paragraphs[-1] in heads:  # nothing below it
        paragraphs = paragraphs[:-1]
    subheads = tuple(index for index, text in enumerate(paragraphs) if text in heads)
    return PostBody(paragraphs, subheads, whole_points(block.bullets, paragraphs) if block else ())


def _plain_body(paragraphs: tuple[str, ...]) -> PostBody:
    """Return a text without markup, its key points apart where one of its paragraphs begins as such."""
    at = next((index for index, paragraph in enumerate(paragraphs) if key_points_of(paragraph)), None)
    if at is None:
        return PostBody(paragraphs)
    body = paragraphs[:at] + paragraphs[at + 1 :]
    return PostBody(body, takeaways=whole_points(key_points_of(paragraphs[at]), body))


def without_furniture(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paragraphs without those that belong to the page, such as a link to comments."""
    return tuple(paragraph for paragraph in paragraphs if not _FURNITURE.match(paragraph))
