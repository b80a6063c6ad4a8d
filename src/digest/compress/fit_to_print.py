"""The rules that make a takeaway fit to print, whoever wrote it: R1 to R8.

Each is a function of (bullet, source, language) that returns None or, in words, why the bullet
breaks it.
"""

from __future__ import annotations

import re
from functools import cache

from digest.compress.lexicon import Language
from digest.compress.words import find_terms, lowered, word_count, words

__all__ = [
    "MOST_CHARACTERS",
    "MOST_WORDS",
    "r1_starts_with_no_pronoun",
    "r2_starts_with_no_connective",
    "r3_length",
    "r4_balance",
    "r5_ends_as_a_sentence",
    "r6_starts_as_a_sentence",
    "r7_is_no_question",
    "r8_is_no_bare_quotation",
]

# "Den will die Regierung schließen": an article that no noun follows is a demonstrative.
_GERMAN_DEMONSTRATIVE = re.compile(
    r"[\W_]*(?:Der|Die|Das|Den|Dem|Denen|Deren|Dessen) (?:ist|sind|war|waren|wird|werden|wurde|wurden|hat|haben|hatte"
    r"|kann|können|konnte|muss|müssen|soll|sollen|will|wollen|darf|dürfen|gilt|gelten|zeigt|zeigen|macht|heißt|geht)\b"
)
LEAST_WORDS, MOST_WORDS, MOST_CHARACTERS = 6, 45, 280

_FIRST_WORD = re.compile(r"[\W_]*([^\W_]+(?:['’][^\W_]+)*-?)")
_PRONOUN_SPEAKS = re.compile(r"[\"”’'],? (?:he|she|they) (?:said|says|added|told|explained|wrote|argued|noted)\b")
_NAME_BEFORE = re.compile(
    r"[^\"“‘']*?[a-z,] [A-Z][a-z]+|[A-Z][a-z]+ [A-Z][a-z]+|(?:Mr|Mrs|Ms|Dr)\. [A-Z]"
)  # of a quotation
# "Despite these concerns, ..." but not "At this year's festival, ..."
_LEANING_OPENING = re.compile(
    r"(?:despite|because of|due to|after|before|with|at|in|for|on|from|under|by|to|among|amid|following|given|as|of"
    r"|through|during|against|like|unlike|beyond|besides|alongside|since|until|behind|between|over|without|all)"
    r" (?:all )?(?:of )?(?:these|those|such|that|it|them|him|this(?! (?:year|week|month|summer|autumn|winter|spring"
    r"|season|morning"
    r"|afternoon|evening|weekend)))\b"
    r"|(?:while|although|though|even if|even though) (?:that|this|these|those|such)\b"
    r"|mostly because\b|only because\b"
    r"|in (?:each|either|both|neither|any|every) (?:case|cases|event|instance|way)\b"
)


def r1_starts_with_no_pronoun(bullet: str, source: str, language: Language) -> str | None:
    """A reader has not met whom a pronoun or demonstrative points at."""
    match = _FIRST_WORD.match(bullet)
    if not match or match[1].endswith("-"):
        return None
    word = lowered(match[1])
    if language.code == "de" and _GERMAN_DEMONSTRATIVE.match(bullet):
        return f"starts with “{match[1]}”"
    is_acronym = match[1].isupper() and len(match[1]) > 1 and not bullet.isupper()  # "US", "IT"
    starts = word in language.pronouns or word.split("'")[0] in language.pronouns
    return f"starts with “{match[1]}”" if starts and not is_acronym else None


def r2_starts_with_no_connective(bullet: str, source: str, language: Language) -> str | None:
    """What leans on the sentence before can't stand alone."""
    opening = re.sub(r"^[\W_]+", "", lowered(bullet))
    connective = _opening_connective(language.connectives).match(opening) if language.connectives else None
    if connective:
        return f"starts with “{connective.group().rstrip(',')}”"
    leaning = _LEANING_OPENING.match(opening) if language.code == "en" else None
    return f"starts with “{leaning.group()}”" if leaning else None


def r3_length(bullet: str, source: str, language: Language) -> str | None:
    """6 to 45 words, at most 280 characters."""
    count = word_count(bullet)
    if count < LEAST_WORDS:
        return f"{count} words, at least {LEAST_WORDS}"
    if count > MOST_WORDS:
        return f"{count} words, at most {MOST_WORDS}"
    if len(bullet) > MOST_CHARACTERS:
        return f"{len(bullet)} characters, at most {MOST_CHARACTERS}"
    return None


def r4_balance(bullet: str, source: str, language: Language) -> str | None:
    """Quotes and brackets open and close."""
    if bullet.count('"') % 2:
        return "a quotation mark without its other"
    for opening, closing in ("()", "[]", "{}", "「」", "『』"):
        if not _nests(bullet, opening, closing):
            return f"{opening} and {closing} do not pair"
    return _double_quotes(bullet) or _single_quotes(bullet)


def r5_ends_as_a_sentence(bullet: str, source: str, language: Language) -> str | None:
    """Ends with a full stop or exclamation mark, perhaps before a closing quote; never cut off."""
    if re.search(r"(?:\.\.|…)[\"'”’»“)]*$", bullet):
        return "is cut off"
    if not re.search(r"[.!。！।۔](?:[\"'”’»“」』]|[\"'”’]{2})?$", bullet):
        return "does not end as a sentence"
    return None


def r6_starts_as_a_sentence(bullet: str, source: str, language: Language) -> str | None:
    """Starts with a capital, a digit or a quote; a script without capitals starts as it likes."""
    first = bullet[:1]
    if first.isdigit() or first.isupper() or first.istitle() or first in "\"'“‘„«「『":
        inner = bullet[1:2]
        return "starts with a small letter" if not first.isalnum() and inner.islower() else None
    if first.isalpha() and first.lower() == first.upper():
        return None
    return "starts with neither a capital nor a digit"


def r7_is_no_question(bullet: str, source: str, language: Language) -> str | None:
    """A bullet tells; it does not ask."""
    return "is a question" if re.search(r"[?？؟¿]", bullet) else None


def r8_is_no_bare_quotation(bullet: str, source: str, language: Language) -> str | None:
    """A quotation comes with its speaker: something outside the marks says who, and not only "he said"."""
    if language.code == "en" and _PRONOUN_SPEAKS.search(bullet) and not _NAME_BEFORE.match(bullet):
        return "is a quotation whose speaker is not named"
    if not re.match(r"[\"“„«‘'「『]", bullet):
        return None
    outside = re.sub(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|「[^」]*」|『[^』]*』", " ", bullet)
    outside = re.sub(r"(?<!\w)[‘'].*?[’'](?!\w)", " ", outside)
    if word_count(outside) < 2:
        return "is a quotation without its speaker"
    speaker = _speaker_outside(outside, language)
    return None if speaker else "is a quotation whose speaker is not named"


@cache
def _opening_connective(connectives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(one) + ("" if one[-1] == "," else r"(?![\w'-])") for one in connectives))


def _speaker_outside(outside: str, language: Language) -> bool:
    """Say whether what stands around a quotation names somebody, not only "he said"."""
    if not language.stop:
        return True
    names = [word for word in words(outside) if word not in language.stop and word not in language.pronouns]
    return any(not find_terms(language.cues, word) for word in names)


def _nests(text: str, opening: str, closing: str) -> bool:
    if opening not in text and closing not in text:
        return True
    depth = 0
    for character in text:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0


def _double_quotes(text: str) -> str | None:
    marks = re.sub(r"[^“”„«»]", "", text)
    return None if re.fullmatch(r"(?:“”|„“|„”|””|«»|»«)*", marks) else "a quotation mark without its other"


def _single_quotes(text: str) -> str | None:
    """Judge single quotes by what stands around them, for an apostrophe looks the same."""
    opened = len(re.findall(r"(?<![\w.,!?’”])[‘'](?=\w)(?!(?:em|tis|twas|til|cause|n|\d\ds?)\b)", text))
    closed = len(re.findall(r"(?<=[\w.,!?])['’](?![\w])", text))
    sure_closed = len(re.findall(r"(?<=[.,!?])['’](?![\w])", text))
    if opened > closed or sure_closed > opened or text.count("‘") > text.count("’"):
        return "a quotation mark without its other"
    return None
