"""Which lines of text are a site's furniture ("Subscribe to read on") and no story's own.

A line is furniture when it stands under four headlines that have no word in common. So the agency report
that six papers print under six headlines keeps its text: those headlines speak of the same thing.
"""

from __future__ import annotations

from digest.model import Story
from digest.select.words import words

__all__ = ["Furniture"]

_HEADLINES = 4
_SHORTEST_WORD = 4  # shorter ones are in headlines of all kinds
_BORNE_OUT = 1 / 3  # of a headline's words: what follows is its story and no notice

_Place = tuple[frozenset[str], str]  # the words of a headline, and the text below it


class Furniture:
    """The lines met so far. `line in furniture` tells whether it is one."""

    def __init__(self) -> None:
        self._places: dict[str, list[_Place] | _Place] = {}

    def learn(self, story: Story) -> None:
        """Take note of every line of a story."""
        place = frozenset(word.casefold() for word in words(story.title) if len(word) >= _SHORTEST_WORD), story.text
        places = self._places
        for line in {story.summary, *story.text.split("\n")}:
            known = places.setdefault(line, place)
            if known is not place:
                if isinstance(known, tuple):  # most lines stand in one story: no list for those
                    known = places[line] = [known]
                if len(known) < _HEADLINES and _is_elsewhere(place, known):
                    known.append(place)

    def __contains__(self, line: str) -> bool:
        known = self._places.get(line)
        return isinstance(known, list) and len(known) >= _HEADLINES


def _is_elsewhere(place: _Place, known: list[_Place]) -> bool:
    headline, text = place
    if any(headline & other for other, _ in known):
        return False
    return all(text != other for _, other in known) or not _bears_out(text, headline)


def _bears_out(text: str, headline: frozenset[str]) -> bool:
    lower = text.casefold()
    return sum(word in lower for word in headline) > len(headline) * _BORNE_OUT
