"""Which language a site speaks: what it states, unless its own headlines say otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from digest.select.words import language_of

__all__ = ["spoken_language"]

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_FEWEST = 5  # headlines, below which they say nothing against the page
_MOST = 40
# The first word of a letter's Unicode name, and the language that is written with it most on news sites.
_SCRIPTS = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
_ALSO_WRITTEN_SO = {
    "ar": {"ar", "fa", "ur", "ps", "ckb", "ug", "sd"},
    "hi": {"hi", "mr", "ne", "sa"},
    "ru": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"},
    "he": {"he", "yi", "iw"},
    "zh": {"zh", "ja", "yue"},
    "ja": {"ja"},
}


def spoken_language(stated: str, headlines: Sequence[str]) -> tuple[str, str]:
    """Return a BCP 47 tag and what it was told by.

    Args:
        stated: The page's own word, "" for none. It is not believed when it is no tag of a known language, nor when
            its headlines are written in another script or full of another language's small words.
    """
    said = " ".join(headlines[:_MOST])
    script = _script(said)
    is_known = bool(_TAG.fullmatch(stated)) and _is_language(stated.partition("-")[0].lower())
    if script:
        own = stated.partition("-")[0].lower()
        if is_known and own in _ALSO_WRITTEN_SO.get(script, {script}):
            return stated, "stated by the page"
        return script, "told by the headlines' letters"
    guessed = str(language_of("", said))
    if is_known and (len(headlines) < _FEWEST or guessed in ("en", stated[:2].lower())):
        return stated, "stated by the page"
    return guessed, "told by the headlines' words"


def _is_language(code: str) -> bool:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _script(text: str) -> str:
    """Return the language of a script that most letters belong to, "" for Latin letters and for none."""
    counts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
    if counts["HIRAGANA"] + counts["KATAKANA"] > 0.1 * counts.total():  # kana stand between Han
        return "ja"
    script, count = next(iter(counts.most_common(1)), ("", 0))
    return _SCRIPTS.get(script, "") if count > 0.5 * counts.total() else ""
