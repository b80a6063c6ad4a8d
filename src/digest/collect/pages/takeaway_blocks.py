"""A page's own list of key points, where it has one.

These shapes are known. A headed block: a short heading of a known wording ("Key Takeaways", "At a
glance", "Das Wichtigste in Kürze") and right after it a list, or paragraphs in a box of their own, or
lines that begin with bullets. One paragraph that begins with such a heading ("Key Takeaways: …").
A lead list without a heading: two to six sentences as bullets between headline and first
paragraph, or three and more lines that are the page's description. A list in the middle of a text,
of links, or of furniture is none, nor is the teaser of another story. Bullets come out as the page
has them; `key_lines` sees to those that are cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from digest.collect.pages.headings import heading_text, is_key_points_heading, is_plain_key_points_heading
from digest.collect.pages.key_lines import key_points_of
from digest.collect.prose import element_text, folded, plain_line

__all__ = ["TakeawayBlock", "find_takeaways", "remove_takeaways"]

_MIN_BULLETS, _MAX_BULLETS = 2, 10
_MIN_MEAN, _MAX_BULLET = 24, 600
_MAX_LABEL = 50  # characters within which a paragraph's "Key Takeaways:" stands
_CARD = 500  # characters that the card of a story has beside its teaser
_PARTS = frozenset(("p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4"))
_MARK = re.compile(r"^(?:[•·▪‣●■◦►✓✔*–—-]|\d{1,2}[.)])\s*")
_STOP = re.compile(r"[.!?。！？]$")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCE = 40  # a lead bullet is at least so long, on the average of its list
_HEADING_TAGS = tuple("h1 h2 h3 h4 h5 h6 p div span strong b dt summary legend label header button".split())
_FURNITURE = re.compile(
    r"nav|menu|share|social|related|recommend|popular|trending|most[-_]?read|footer|breadcrumb|comment|newsletter|sidebar|tags?\b|toc|table-of-contents|promo|author|byline|gallery|slider|carousel",
    re.IGNORECASE,
)
_OUTSIDE = frozenset(("nav", "footer", "aside", "menu", "form"))


@dataclass(frozen=True, slots=True)
class TakeawayBlock:
    """The bullets, and the elements of the page that are the block."""

    bullets: tuple[str, ...]
    elements: tuple[HtmlElement, ...]


def find_takeaways(page: HtmlElement, title: str, description: str = "") -> TakeawayBlock | None:
    """Return the block of key points of the story called `title`, or None when its page has none.

    Args:
        page: The page's root.
        title: The headline.
        description: What the page gives as its description.
    """
    return (
        _headed_block(page)
        or _paragraph_block(page, title)
        or _lead_list(page, title)
        or _lead_lines(page, folded(description))
    )


def remove_takeaways(block: TakeawayBlock) -> None:
    """Take the block out of its page, so that it is not read as part of the text."""
    for element in block.elements:
        parent = element.getparent()
        if parent is not None:
            element.drop_tree()


# --- a headed block ------------------------------------------------------------------------------


def _headed_block(page: HtmlElement) -> TakeawayBlock | None:
    for heading in page.iter(*_HEADING_TAGS):
        text = heading_text(heading)
        if text and is_key_points_heading(text) and not _is_outside(heading):
            block = _block_after(heading)
            if block is not None:
                return block
    return None


def _block_after(heading: HtmlElement) -> TakeawayBlock | None:
    """Return what follows `heading`, looked for beside it and then beside the boxes that hold only it."""
    at = heading
    for _ in range(5):
        following = at.getnext()
        steps = 0
        while following is not None and steps < 4:
            if isinstance(following.tag, str):
                steps += 1
                found = _bullets_in(following)
                if found:
                    return TakeawayBlock(found, (at, following))
                if element_text(following):
                    break  # something else follows: the heading is not of a list
            following = following.getnext()
        parent = at.getparent()
        if (
            parent is None
            or parent.tag in ("body", "html", "main", "article")
            or heading_text(parent) != heading_text(heading)
        ):
            return None
        at = parent
    return None


def _bullets_in(element: HtmlElement) -> tuple[str, ...]:
    """Return the bullets of `element`: of the list that it is, or of the one list that is all it holds."""
    lists = [element] if element.tag in ("ul", "ol") else list(element.iter("ul", "ol"))
    if len(lists) >= 1:
        first = lists[0]
        bullets = _items(first)
        within = element_text(element)
        if bullets and len("".join(bullets)) >= 0.6 * len(within):
            return bullets
        return ()
    if marked := _marked_lines(element):
        return marked
    if element.tag in ("div", "section") and 2 <= len(element) <= _MAX_BULLETS:
        paragraphs = [element_text(part) for part in element if isinstance(part.tag, str)]
        if all(part.tag in ("p", "div") for part in element if isinstance(part.tag, str)):
            return _acceptable(paragraphs)
    return ()


def _items(listing: HtmlElement) -> tuple[str, ...]:
    items = [part for part in listing if part.tag == "li"]
    if any(2 * sum(map(test, items)) > len(items) for test in (_is_link_only, _holds_link)):
        return ()  # contents, or ways to other stories
    return _acceptable([element_text(item) for item in items])


def _acceptable(bullets: list[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(bullet for bullet in bullets if bullet))
    if not _MIN_BULLETS <= len(found) <= _MAX_BULLETS:
        return ()
    if any(len(bullet) > _MAX_BULLET for bullet in found) or _mean_length(found) < _MIN_MEAN:
        return ()
    return found


def _mean_length(bullets: tuple[str, ...]) -> float:
    """Return the mean length in letters, one of a dense script counting for three."""
    return sum(len(bullet) + 2 * len(_DENSE.findall(bullet)) for bullet in bullets) / len(bullets)


def _is_link_only(item: HtmlElement) -> bool:
    text = element_text(item)
    linked = sum(len(element_text(link)) for link in item.iter("a"))
    return bool(text) and linked >= 0.9 * len(text)


def _holds_link(item: HtmlElement) -> bool:
    return any((link.get("href") or "").strip("#") for link in item.iter("a"))


def _is_outside(element: HtmlElement) -> bool:
    """Return whether `element` stands in the page's furniture."""
    at: HtmlElement | None = element
    while at is not None and at.tag not in ("body", "html"):
        if at.tag in ("nav", "footer", "menu", "form"):
            return True
        at = at.getparent()
    return False


# --- one paragraph -------------------------------------------------------------------------------


def _paragraph_block(page: HtmlElement, title: str) -> TakeawayBlock | None:
    for element in page.iter("p", "div", "blockquote"):
        if not _begins_with_label(element) or any(part.tag in _PARTS for part in element.iterdescendants()):
            continue
        points = key_points_of("\n".join(_lines(element)))
        if not points or len(max(points, key=len)) > _MAX_BULLET:
            continue
        if not _in_furniture(element) and not _is_teaser(element, title):
            return TakeawayBlock(points, (element,))
    return None


def _begins_with_label(element: HtmlElement) -> bool:
    """Return whether the first words of `element`, up to a colon, announce key points."""
    beginning = ""
    for part in element.itertext():
        beginning += part
        if ":" in part or "\uff1a" in part:
            return is_plain_key_points_heading(re.split("[:\uff1a]", beginning, maxsplit=1)[0])
        if len(beginning) > _MAX_LABEL and len(beginning.strip()) > _MAX_LABEL:
            return False
    return False


def _lines(element: HtmlElement) -> list[str]:
    """Return the lines of `element`, parted at its line breaks."""
    lines = [""]
    for node in element.iter():
        if node.tag == "br":
            lines.append("")
        elif isinstance(node.tag, str):
            lines[-1] += node.text or ""
        if node is not element:
            lines[-1] += node.tail or ""
    return [text for line in lines if (text := plain_line(line))]


def _marked_lines(element: HtmlElement) -> tuple[str, ...]:
    """Return the lines of a paragraph of which each begins with a bullet."""
    if element.tag not in ("p", "div") or next(element.iter("br"), None) is None:
        return ()
    lines = _lines(element)
    return _acceptable([_MARK.sub("", line) for line in lines]) if all(map(_MARK.match, lines)) else ()


def _is_teaser(element: HtmlElement, title: str) -> bool:
    """Return whether `element` stands in the card of another story: beside a headline that is a link."""
    length = len(element_text(element))
    for above in islice(element.iterancestors(), 4):
        if above.tag in ("body", "html", "main") or len(element_text(above)) > length + _CARD:
            return False
        headlines = [heading for heading in above.iter("h1", "h2", "h3", "h4", "h5") if _is_linked(heading)]
        if any(folded(element_text(heading)) != folded(title) for heading in headlines):
            return True
    return False


def _is_linked(heading: HtmlElement) -> bool:
    return next(heading.iter("a"), None) is not None or any(above.tag == "a" for above in heading.iterancestors())


# --- a lead list ---------------------------------------------------------------------------------


def _lead_list(page: HtmlElement, title: str) -> TakeawayBlock | None:
    headings = [heading for heading in page.iter("h1", "h2") if element_text(heading)]
    heading = next((heading for heading in headings if element_text(heading) == title), None)
    heading = heading if heading is not None else next((heading for heading in headings if heading.tag == "h1"), None)
    if heading is None:
        return None
    after = False
    for element in page.iter():
        if element is heading:
            after = True
        elif after and element.tag in ("ul", "ol"):
            bullets = _lead_bullets(element)
            if bullets:
                return TakeawayBlock(bullets, (element,))
        elif after and element.tag == "p" and len(element_text(element)) > 150 and not _in_furniture(element):
            return None  # the text has begun
    return None


def _lead_bullets(listing: HtmlElement) -> tuple[str, ...]:
    if _in_furniture(listing) or next(listing.iter("a", "time", "button"), None) is not None:
        return ()
    bullets = _items(listing)
    if not 2 <= len(bullets) <= 6 or _mean_length(bullets) < _SENTENCE:
        return ()
    return bullets


def _lead_lines(page: HtmlElement, description: str) -> TakeawayBlock | None:
    """Return three or more lines without full stops in one box that together are the page's description.

    So Korean papers set their key points, parted by line breaks, between headline and text.
    """
    if len(description) < _SENTENCE:
        return None
    for element in page.iter("p", "div", "h2", "h3"):
        if sum(1 for _ in element.iterchildren("br")) < 2:
            continue
        lines = _lines(element)
        if folded("".join(lines)) != description or any(map(_STOP.search, lines)):
            continue
        if points := _acceptable(lines):
            return TakeawayBlock(points, (element,))
    return None


def _in_furniture(element: HtmlElement) -> bool:
    at: HtmlElement | None = element
    while at is not None and at.tag not in ("body", "html"):
        if at.tag in _OUTSIDE or _FURNITURE.search(f"{at.get('class') or ''} {at.get('id') or ''}"):
            return True
        at = at.getparent()
    return False
