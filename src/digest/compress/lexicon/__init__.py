"""The word lists of seven languages, and how sentences open in some more: data and nothing else.

`languages` says which language a story is in.
"""

from digest.compress.lexicon.english import ENGLISH
from digest.compress.lexicon.germanic import DUTCH, GERMAN
from digest.compress.lexicon.language import UNKNOWN, Language, word_set
from digest.compress.lexicon.openers import OPENERS
from digest.compress.lexicon.romance import FRENCH, ITALIAN, PORTUGUESE, SPANISH

__all__ = [
    "DUTCH",
    "ENGLISH",
    "FRENCH",
    "GERMAN",
    "ITALIAN",
    "OPENERS",
    "PORTUGUESE",
    "SPANISH",
    "UNKNOWN",
    "Language",
    "word_set",
]
