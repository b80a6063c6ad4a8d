"""The rules a takeaway must pass: faithful to one sentence of the story (F), fit to print (R).

Each rule is a function of (bullet, source, language) that returns None or, in words, why the bullet
breaks it. `refusal` tries the hard ones in order; R9 is between bullets, R10 to R12 only prefer
another bullet. They hold for extracted bullets, for the page's own, and for any other writer's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

from digest.compress.lexicon import ENGLISH, Language
from digest.compress.words import content_stems, find_terms, lowered, numbers, toks, word_count, words

__all__ = [
    "HARD_RULES",
    "Rule",
    "f1_deletion_only",
    "f2_negation_kept",
    "f3_attribution_kept",
    "f4_figures_kept",
    "f4_names_kept",
    "r1_starts_with_no_pronoun",
    "r2_starts_with_no_connective",
    "r3_length",
    "r4_balance",
    "r5_ends_as_a_sentence",
    "r6_starts_as_a_sentence",
    "r7_is_no_question",
    "r8_is_no_bare_quotation",
    "r9_repeats_no_other",
    "r10_repeats_the_headline",
    "r12_names_a_day",
    "refusal",
]

Rule = Callable[[str, str, Language], str | None]

LEAST_WORDS, MOST_WORDS, MOST_CHARACTERS = 6, 45, 280
MOST_OVERLAP = 0.7

_FIRST_WORD = re.compile(r"[\W_]*([^\W_]+(?:['’][^\W_]+)*-?)")
_NAME = re.compile(r"(?<![^\W_])[A-ZÀ-Þ][\w’'-]*")
_CHUNK = re.compile(r"[^,;:()“”„«»\"–—\[\]]+")
# "Despite these concerns, ..." but not "At this year's festival, ..."
_LEANING_OPENING = re.compile(
    r"(?:despite|because of|due to|after|before|with|at|in|for|on|from|under|by|to|among|amid|following|given|as|of"
    r"|through|during|against|like|unlike|beyond|besides|alongside|since|until|behind|between|over|without|all)"
    r" (?:of )?(?:these|those|such|that|it|them|him|this(?! (?:year|week|month|summer|autumn|winter|spring"
    r"|season|morning"
    r"|afternoon|evening|weekend)))\b"
)
_SPEAKER_WORDS = 5  # how near its verb a speaker is named


# --- faithful ---------------------------------------------------------------------------------


def f1_deletion_only(bullet: str, source: str, language: Language) -> str | None:
    """The bullet's tokens are those of its source sentence, in order, some left out."""
    rest = iter(toks(source))
    for token in toks(bullet):
        if token not in rest:  # moves `rest` on to the token
            return f"“{token}” does not stand there in the source"
    return None


def f2_negation_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every negation of the source sentence is in the bullet."""
    missing = _terms(language.negations, source) - _terms(language.negations, bullet)
    return f"loses the negation “{min(missing)}”" if missing else None


def f3_attribution_kept(bullet: str, source: str, language: Language) -> str | None:
    """An allegation whose source says who said it keeps the verb and the speaker."""
    if not find_terms(language.allegations, lowered(bullet)):
        return None
    missing = _terms(language.cues, source) - _terms(language.cues, bullet)
    if missing:
        return f"an allegation without its “{min(missing)}”"
    kept = set(words(bullet))
    lost = [word for word in _speakers(source, language) if word not in kept]
    return f"an allegation without its speaker “{lost[0]}”" if lost else None


def f4_figures_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every number and currency amount of the bullet stands in the source."""
    missing = Counter(numbers(bullet)) - Counter(numbers(source))
    return f"the number “{min(missing)}” does not stand in the source" if missing else None


def f4_names_kept(bullet: str, source: str, language: Language) -> str | None:
    """Every capitalised word of a bullet that somebody else wrote stands in the source."""
    known = {word.removesuffix("'s") for word in words(source)}
    for name in _NAME.findall(bullet)[0 if bullet[:1].islower() else 1 :]:
        if lowered(name).removesuffix("'s") not in known:
            return f"the name “{name}” does not stand in the source"
    return None


# --- fit to print -----------------------------------------------------------------------------


def r1_starts_with_no_pronoun(bullet: str, source: str, language: Language) -> str | None:
    """A reader has not met whom a pronoun or demonstrative points at."""
    match = _FIRST_WORD.match(bullet)
    if not match or match[1].endswith("-"):
        return None
    word = lowered(match[1])
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
    """A quotation comes with its speaker: something outside the marks says who."""
    if not re.match(r"[\"“„«‘'「『]", bullet):
        return None
    outside = re.sub(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|「[^」]*」|『[^』]*』", " ", bullet)
    outside = re.sub(r"(?<!\w)[‘'].*?[’'](?!\w)", " ", outside)
    if word_count(outside) < 2:
        return "is a quotation without its speaker"
    speaker = _speaker_outside(outside, language)
    return None if speaker else "is a quotation whose speaker is not named"


# --- between bullets, and against the headline ------------------------------------------------


def r9_repeats_no_other(bullet: str, others: Iterable[str], language: Language) -> str | None:
    """Two bullets share under 0.7 of the shorter one's words, and no three content words in a row."""
    tokens, stems = set(toks(bullet)), content_stems(bullet, language)
    trigrams = set(zip(stems, stems[1:], stems[2:], strict=False))
    for other in others:
        theirs = content_stems(other, language)
        if _overlap(tokens, set(toks(other))) >= MOST_OVERLAP or _overlap(set(stems), set(theirs)) >= MOST_OVERLAP:
            return f"says what “{other[:40]}…” says"
        shared = trigrams.intersection(zip(theirs, theirs[1:], theirs[2:], strict=False))
        if shared:
            return f"repeats “{' '.join(min(shared))}” of “{other[:40]}…”"
    return None


def r10_repeats_the_headline(bullet: str, headline: str, language: Language) -> str | None:
    """A bullet that adds next to nothing to the headline is a wasted one (soft)."""
    own, theirs = set(content_stems(bullet, language)), set(content_stems(headline, language))
    if not own or not theirs:
        return None
    return "repeats the headline" if len(own & theirs) / len(own) >= MOST_OVERLAP else None


def r12_names_a_day(bullet: str, source: str, language: Language) -> str | None:
    """ "Today" and "Monday" are right only for a day (soft)."""
    found = [word for word in words(bullet) if word.removesuffix("'s") in language.days]
    return f"says “{found[0]}”" if found else None


HARD_RULES: tuple[tuple[str, Rule], ...] = (
    ("F1", f1_deletion_only),
    ("F2", f2_negation_kept),
    ("F3", f3_attribution_kept),
    ("F4", f4_figures_kept),
    ("R1", r1_starts_with_no_pronoun),
    ("R2", r2_starts_with_no_connective),
    ("R3", r3_length),
    ("R4", r4_balance),
    ("R5", r5_ends_as_a_sentence),
    ("R6", r6_starts_as_a_sentence),
    ("R7", r7_is_no_question),
    ("R8", r8_is_no_bare_quotation),
)


def refusal(bullet: str, source: str, language: Language = ENGLISH) -> str | None:
    """Return the first hard rule that the bullet breaks, as "R3: 52 words, at most 45", or None."""
    is_whole = bullet == source  # then it is faithful
    for name, rule in HARD_RULES:
        if is_whole and name[0] == "F":
            continue
        reason = rule(bullet, source, language)
        if reason:
            return f"{name}: {reason}"
    return None


@cache
def _opening_connective(connectives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(one) + ("" if one[-1] == "," else r"(?![\w'-])") for one in connectives))


def _terms(terms: tuple[str, ...], text: str) -> Counter[str]:
    return Counter(match.group() for match in find_terms(terms, lowered(text)))


def _speakers(source: str, language: Language) -> list[str]:
    """Return the content words near each cue, inside the same chunk between commas and quotes."""
    speakers: list[str] = []
    for chunk in _CHUNK.finditer(lowered(source)):
        for cue in find_terms(language.cues, chunk.group()):
            before = words(chunk.group()[: cue.start()])[-_SPEAKER_WORDS:]
            after = words(chunk.group()[cue.end() :])[:_SPEAKER_WORDS]
            named = _named(before, language)
            speakers += named or _named(after, language)
    return speakers


def _named(around: tuple[str, ...], language: Language) -> list[str]:
    return [word for word in around if word not in language.stop and word not in language.days]


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


def _overlap(one: set[str], other: set[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
