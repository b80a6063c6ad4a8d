"""Edition → the text part: written as text, in 72 columns, with numbered links at the end.

It is read aloud as often as it is read: no drawn lines, no capitals for emphasis, every list item a
sentence. It says what the HTML says, in the same order. A story is one block: an empty line says that
the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.model import Edition
from digest.render.galley import Article, Galley
from digest.render.html import galley_of
from digest.render.lines import wrap

__all__ = ["render_text"]

_COLUMNS = 72


def render_text(edition: Edition) -> str:
    """Return the text part, its blanks unfilled."""
    letter = galley_of(edition)
    page = _Page()
    page.block(_lines(letter.publication), _lines(letter.date), _lines(_weather(letter)))
    inside = "; ".join(item.text for item in letter.inside)
    page.block(
        _lines(_sentence(f"{letter.words.inside}: {inside}") if inside else ""), _lines(_sentence(letter.minutes))
    )
    for part in letter.parts or (letter,):
        if letter.parts:
            page.heading(part.title)
        _section(page, part)
    _footer(page, letter)
    return page.text(letter.words.links)


def _section(page: _Page, letter: Galley) -> None:
    """Write one section's stories, in the order of the HTML."""
    if letter.note:
        page.heading(letter.words.note)
        page.block(*map(_lines, letter.note))
    if letter.lead:
        _lead(page, letter, letter.lead)
    if letter.top:
        page.heading(letter.words.top)
        for article in letter.top:
            page.block(_lines(page.with_link(article.headline, article.href)), *_story(page, letter, article))
    for advert in letter.adverts:
        page.heading(f"{letter.words.advert}: {advert.name}")
        page.block(_lines(page.with_link(advert.text, advert.href)))
    if letter.more:
        page.heading(letter.more_label)
        page.block(*(_lines(page.with_link(article.headline, article.href), "- ") for article in letter.more))
    if letter.popular:
        page.heading(letter.words.popular)
        numbered = enumerate(letter.popular, 1)
        page.block(*(_lines(page.with_link(item.headline, item.href), f"{number}. ") for number, item in numbered))


class _Page:
    """Blocks of lines as they are written, and the links that they refer to."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._links: dict[str, int] = {}

    def block(self, *paragraphs: list[str]) -> None:
        """Add lines that belong together; none make no block."""
        lines = [line for paragraph in paragraphs for line in paragraph]
        if lines:
            self._blocks.append("\n".join(lines))

    def heading(self, text: str, under: str = "") -> None:
        """Open a part: an empty line more than between stories."""
        self._blocks.append("\n" + "\n".join((*_lines(text), *_lines(under))))

    def addresses(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add labelled addresses, each on a line of its own so that nothing breaks it."""
        self._blocks.append("\n".join(f"{label}:\n{url}" for label, url in pairs if url))

    def with_link(self, text: str, href: str) -> str:
        """Return `text` with the number of its link, the same for the same address."""
        if not href:
            return text
        number = self._links.setdefault(href, len(self._links) + 1)
        return f"{text}\N{NO-BREAK SPACE}[{number}]"

    def text(self, links_label: str) -> str:
        blocks = list(self._blocks)
        if self._links:
            listed = "\n".join(f"[{number}] {href}" for href, number in self._links.items())
            blocks.append(f"\n{links_label}\n\n{listed}")
        return "\n\n".join(blocks) + "\n"


def _lines(text: str, mark: str = "") -> list[str]:
    """Return a paragraph in lines; behind a list's mark they hang under the first word."""
    return wrap(text, _COLUMNS, mark, " " * len(mark)) if text else []


def _sentence(text: str) -> str:
    return text if text.endswith(("…", ".", "?", "!")) else f"{text}."


def _weather(letter: Galley) -> str:
    sky = f"{letter.sky.degrees}, {letter.sky.words}" if letter.sky else ""
    return ": ".join(filter(None, (letter.place, sky)))


def _lead(page: _Page, letter: Galley, lead: Article) -> None:
    headline = lead.headline if letter.anchor else f"{letter.title}: {lead.headline}"
    page.heading(headline, _meta(letter, lead))
    if lead.takeaways:
        page.block(_lines(f"{letter.words.takeaways}:"))
    page.block(*_points(lead))
    for passage in lead.body:
        page.block(_lines(passage.text))
    page.block(_lines(page.with_link(letter.words.read, lead.href) if lead.href else ""), *_others(page, letter, lead))


def _story(page: _Page, letter: Galley, article: Article) -> Iterator[list[str]]:
    yield _lines(_meta(letter, article))
    yield from _points(article)
    yield from _others(page, letter, article)


def _meta(letter: Galley, article: Article) -> str:
    marks = (article.label, letter.words.is_update if article.is_update else "")
    told = ", ".join(filter(None, (*marks, *article.meta)))
    return f"{told}." if told else ""


def _points(article: Article) -> Iterator[list[str]]:
    yield from (_lines(takeaway, "- ") for takeaway in article.takeaways)
    yield _lines(article.teaser)


def _others(page: _Page, letter: Galley, article: Article) -> Iterator[list[str]]:
    if article.elsewhere:
        links = ", ".join(page.with_link(other.text, other.href) for other in article.elsewhere)
        yield _lines(f"{letter.words.elsewhere} {links}.")
    for other in article.related:
        yield _lines(f"{letter.words.related}: {page.with_link(other.text, other.href)}")


def _footer(page: _Page, letter: Galley) -> None:
    page.heading(letter.why)
    words = letter.words
    page.addresses(
        (
            (words.preferences, letter.preferences_url),
            (words.unsubscribe, letter.unsubscribe_url),
            (words.browser, letter.browser_url),
        )
    )
    page.block(_lines(letter.address))
