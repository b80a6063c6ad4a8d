"""Edition → the text part: written as text, in 72 columns, with numbered links at the end.

It is read aloud as often as it is read: no drawn lines, no capitals for emphasis, every list item a
sentence. It says what the HTML says, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    page.block(letter.publication, letter.date, _weather(letter))
    inside = "; ".join(item.text for item in letter.inside)
    page.block(_sentence(f"{letter.words.inside}: {inside}") if inside else "", _sentence(letter.minutes))
    if letter.lead:
        _lead(page, letter, letter.lead)
    if letter.top:
        page.heading(letter.words.top)
        for article in letter.top:
            page.block(page.with_link(article.headline, article.href))
            _points(page, article)
            page.block(*_small_print(page, letter, article))
    _list(page, letter.more_label, letter.more, numbered=False)
    _list(page, letter.words.popular, letter.popular, numbered=True)
    _footer(page, letter)
    return page.text(letter.words.links)


class _Page:
    """Lines as they are written, and the links that they refer to."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._links: dict[str, int] = {}

    def block(self, *paragraphs: str) -> None:
        """Add lines that belong together; an empty one is none."""
        lines = [line for paragraph in paragraphs if paragraph for line in wrap(paragraph, _COLUMNS)]
        if lines:
            self._blocks.append("\n".join(lines))

    def heading(self, text: str) -> None:
        """Open a part: an empty line more than between stories."""
        self._blocks.append("\n" + "\n".join(wrap(text, _COLUMNS)))

    def items(self, texts: Iterable[str], *, numbered: bool = False) -> None:
        lines: list[str] = []
        for number, text in enumerate(texts, 1):
            first = f"{number}. " if numbered else "- "
            lines.extend(wrap(text, _COLUMNS, first, " " * len(first)))
        if lines:
            self._blocks.append("\n".join(lines))

    def addresses(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Add labelled addresses, each on a line of its own so that nothing breaks it."""
        self._blocks.append("\n".join(f"{label}:\n{url}" for label, url in pairs if url))

    def with_link(self, text: str, href: str) -> str:
        """Return `text` with the number of its link, the same for the same address."""
        if not href:
            return text
        number = self._links.setdefault(href, len(self._links) + 1)
        return f"{text} [{number}]"

    def text(self, links_label: str) -> str:
        blocks = list(self._blocks)
        if self._links:
            listed = "\n".join(f"[{number}] {href}" for href, number in self._links.items())
            blocks.append(f"\n{links_label}\n\n{listed}")
        return "\n\n".join(blocks) + "\n"


def _sentence(text: str) -> str:
    return text if text.endswith(("…", ".", "?", "!")) else f"{text}."


def _weather(letter: Galley) -> str:
    sky = f"{letter.sky.degrees}, {letter.sky.words}" if letter.sky else ""
    return ": ".join(filter(None, (letter.place, sky)))


def _lead(page: _Page, letter: Galley, lead: Article) -> None:
    page.heading(f"{letter.title}: {lead.headline}")
    page.block(_meta(lead))
    if lead.takeaways:
        page.block(f"{letter.words.takeaways}:")
    _points(page, lead)
    for passage in lead.body:
        page.block(passage.text)
    page.block(page.with_link(letter.words.read, lead.href) if lead.href else "", *_others(page, letter, lead))


def _points(page: _Page, article: Article) -> None:
    page.items(article.takeaways)
    page.block(article.teaser)


def _list(page: _Page, label: str, articles: tuple[Article, ...], *, numbered: bool) -> None:
    if articles:
        page.heading(label)
        page.items((page.with_link(article.headline, article.href) for article in articles), numbered=numbered)


def _small_print(page: _Page, letter: Galley, article: Article) -> Iterable[str]:
    yield _meta(article)
    yield from _others(page, letter, article)


def _meta(article: Article) -> str:
    return f"{', '.join(article.meta)}." if article.meta else ""


def _others(page: _Page, letter: Galley, article: Article) -> Iterable[str]:
    if article.elsewhere:
        yield f"{letter.words.elsewhere} {', '.join(page.with_link(o.text, o.href) for o in article.elsewhere)}."
    for other in article.related:
        yield f"{letter.words.related}: {page.with_link(other.text, other.href)}"


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
    page.block(letter.address)
