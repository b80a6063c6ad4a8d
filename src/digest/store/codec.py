"""Nouns to JSON and back: what is loaded equals what was dumped.

pydantic reads and writes the dataclasses as they are declared, so a field added with a default still
loads what an older Digest stored.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from digest.errors import StoreError
from digest.model import Edition, Letter, Story

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["dump_edition", "dump_letter", "dump_story", "load_edition", "load_letter", "load_story"]


def dump_edition(edition: Edition, *, indent: int | None = None) -> str:
    """Return an edition as JSON, for `load_edition`."""
    return _dumped(edition, indent)


def load_edition(text: str) -> Edition:
    """Return the edition of `dump_edition`; what older versions did not write has its default."""
    edition: Edition = _loaded(Edition, text)
    return edition


def dump_letter(letter: Letter) -> str:
    """Return a letter as JSON, for `load_letter`."""
    return _dumped(letter)


def load_letter(text: str) -> Letter:
    """Return the letter of `dump_letter`."""
    letter: Letter = _loaded(Letter, text)
    return letter


def dump_story(story: Story) -> str:
    """Return a story as JSON, for `load_story`."""
    return _dumped(story)


def load_story(text: str) -> Story:
    """Return the story of `dump_story`."""
    story: Story = _loaded(Story, text)
    return story


@cache
def _adapter(noun: type) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(noun)


def _dumped(value: Edition | Letter | Story, indent: int | None = None) -> str:
    noun: Any = type(value)
    return _adapter(noun).dump_json(value, indent=indent).decode()


def _loaded(noun: type, text: str) -> Any:
    from pydantic import ValidationError

    try:
        return _adapter(noun).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise StoreError(
            f"A stored {noun.__name__} can't be read: {where}: {first['msg']}. "
            "It was written by a newer Digest, or changed by hand."
        ) from error
