"""Edition → a terminal: the letter's order and rhythm in columns of text, for `digest preview`.

A rule opens a part, then its label; headlines are bold, takeaways have a dash, meta is dim. Stories
were cleaned of control characters in the galley, so nothing of theirs can steer the terminal.
"""

from __future__ import annotations

from digest.model import Edition
from digest.render.galley import Article, Galley
from digest.render.html import galley_of
from digest.render.lines import columns, wrap

__all__ = ["render_terminal"]

_BOLD, _DIM, _LABEL = "1", "2", "1;36"


def render_terminal(edition: Edition, *, width: int = 80, color: bool = True) -> str:
    """Return the edition for a terminal of `width` columns; without `color`, no escape sequences."""
    letter = galley_of(edition)
    page = _Page(width, color)
    _masthead(page, letter)
    for place, part in enumerate(letter.parts or (letter,)):
        if place:
            page.rule()
        _section(page, part)
    page.rule()
    page.line(letter.why, _DIM)
    page.line(letter.address, _DIM)
    return page.text()


def _section(page: _Page, letter: Galley) -> None:
    if letter.note:
        page.label(letter.words.note)
        for paragraph in letter.note:
            page.line(paragraph)
        page.gap()
        page.rule()
    if letter.lead:
        page.label(letter.title)
        _story(page, letter, letter.lead)
    if letter.top:
        page.rule()
        page.label(letter.words.top)
        for article in letter.top:
            _story(page, letter, article)
    for advert in letter.adverts:
        page.rule()
        page.label(letter.words.advert)
        page.line(advert.name, _BOLD)
        page.line(advert.text)
        page.gap()
    if letter.more:
        page.rule()
        page.label(letter.more_label)
        for article in letter.more:
            page.line(article.headline, first="– ", rest="  ")
        page.gap()
    if letter.popular:
        page.rule()
        page.label(letter.words.popular)
        for number, article in enumerate(letter.popular, 1):
            page.line(article.headline, first=f"{number}  ", rest="   ")
        page.gap()


class _Page:
    """Lines as they are set, each in one style."""

    def __init__(self, width: int, color: bool) -> None:
        self._width = width
        self._color = color
        self._lines: list[str] = []

    def line(self, text: str, style: str = "", first: str = "", rest: str = "") -> None:
        if text:
            self._lines.extend(self._styled(line, style) for line in wrap(text, self._width, first, rest))

    def ends(self, left: str, right: str) -> None:
        """Set two texts at the ends of a line, or one under the other."""
        room = self._width - columns(left) - columns(right)
        if right and room >= 2:
            self._lines.append(self._styled(left + " " * room + right, _DIM))
        else:
            self.line(left, _DIM)
            self.line(right, _DIM)

    def rule(self) -> None:
        self._lines.append("─" * self._width)

    def label(self, text: str) -> None:
        self.line(text, _LABEL)
        self.gap()

    def gap(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._color else text


def _masthead(page: _Page, letter: Galley) -> None:
    sky = f"{letter.sky.sign} {letter.sky.degrees} {letter.sky.words}" if letter.sky else ""
    page.line(letter.publication, _BOLD)
    page.ends(letter.date, ", ".join(filter(None, (sky, letter.place))))
    page.rule()
    inside = " · ".join(item.text for item in letter.inside)
    page.line(" · ".join(filter(None, (f"{letter.words.inside}: {inside}" if inside else "", letter.minutes))), _DIM)
    page.gap()


def _story(page: _Page, letter: Galley, article: Article) -> None:
    page.line(article.headline, _BOLD)
    marks = (article.label, letter.words.is_update if article.is_update else "")
    page.line(" · ".join(filter(None, (*marks, *article.meta))), _DIM)
    for takeaway in article.takeaways:
        page.line(takeaway, first="– ", rest="  ")
    page.line(article.teaser)
    for passage in article.body:
        page.gap()
        page.line(passage.text, _BOLD if passage.is_subhead else "")
    if article.body:
        page.gap()
    if article.elsewhere:
        page.line(f"{letter.words.elsewhere} {', '.join(other.text for other in article.elsewhere)}", _DIM)
    for other in article.related:
        page.line(f"{letter.words.related}: {other.text}", _DIM)
    page.gap()
