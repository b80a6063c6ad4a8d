"""Which lines of text are a site's furniture ("Subscribe to read on") and no story's own.

A line is furniture when it stands under four headlines that have no word in common. So the agency report
that six papers print under six headlines keeps its text: those headlines speak of the same thing. A short text
that is all there is of two stories ("Chat with us as it happens") and has little to do with either headline is none.
"""

from __future__ import annotations

from digest.model import Story
from digest.select.words import words

__all__ = ["Furniture"]

_HEADLINES = 4  # that have nothing in common make a line furniture
_STUB_HEADLINES = 2  # that do, when it is all their stories' text
_STUB_CHARACTERS = 160
_SHORTEST_WORD = 4  # shorter ones are in headlines of all kinds
_BORNE_OUT = 1 / 3  # of a headline's words: what follows is its story and no notice

_Place = tuple[frozenset[str], str]  # the words of a headline, and the text below it


class Furniture:
    """The lines met so far, and which of them are furniture."""

    def __init__(self) -> None:
        self._place_of: dict[str, _Place] = {}  # where a line was met first
        self._places: dict[str, list[_Place]] = {}  # of the few that were met again elsewhere

    def learn(self, story: Story) -> None:
        """Take note of every line of a story."""
        place = frozenset(word.casefold() for word in words(story.title) if len(word) >= _SHORTEST_WORD), story.text
        for line in {story.summary, *story.text.split("\n")} - {""}:
            first = self._place_of.setdefault(line, place)
            if first is not place:
                known = self._places.setdefault(line, [first])
                if len(known) < _HEADLINES and _is_elsewhere(place, known):
                    known.append(place)

    def without(self, text: str) -> str:
        """Return `text` without the lines that are furniture."""
        lines = text.split("\n")
        if self._places.keys().isdisjoint(lines):
            return text
        return "\n".join(line for line in lines if not self._is_furniture(line))

    def _is_furniture(self, line: str) -> bool:
        known = self._places.get(line, ())
        if len(known) >= _HEADLINES:
            return True
        is_stub = len(known) >= _STUB_HEADLINES and len(line) <= _STUB_CHARACTERS
        return is_stub and all(text == line and not _bears_out(text, headline) for headline, text in known)


def _is_elsewhere(place: _Place, known: list[_Place]) -> bool:
    headline, text = place
    if any(headline & other for other, _ in known):
        return False
    return all(text != other for _, other in known) or not _bears_out(text, headline)


def _bears_out(text: str, headline: frozenset[str]) -> bool:
    lower = text.casefold()
    return sum(word in lower for word in headline) > len(headline) * _BORNE_OUT
