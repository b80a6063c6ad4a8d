"""What keeps two alike headlines apart.

Likeness alone is wrong: "Guard sent to Chicago" and "Guard sent to Portland" differ by one word, and
that word is the story. Each rule takes two readings and tells whether they can't be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from digest.select.reading import Reading
from digest.select.words import term

__all__ = ["are_doubles", "are_opposite", "are_serial", "have_different_names", "is_one_word_swapped"]

_MONTH_NAMES = (
    "january jan february feb march mar april apr may june jun july jul august aug september sept sep october oct "
    "november nov december dec januar februar marz mai juni juli oktober dezember janvier fevrier mars avril juin "
    "juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre"
)
_WEEKDAY_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado "
    "domingo"
)
# What comes in numbered instalments.
_SERIES_NAMES = (
    "chapter connections crossword day door edition episode game heat issue lap leg lesson level match matchday night "
    "no nr number part phase powerball puzzle quarter quiz race round season session set stage strands sudoku tag test "
    "vol volume wave week woche wordle jour journee semaine dia jornada semana"
)
_COUNTDOWN = re.compile(r"\b(\d+) (days?|weeks?|hours?|sleeps?) (to go|left|until|to)\b")
_ORDINAL_WORDS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_OPPOSITE_PAIRS = (
    "rise/fall rise/drop rise/decline rose/fell soar/plunge soar/slump surge/plunge surge/drop jump/drop gain/slip "
    "climb/slide climb/fall rally/tumble increase/decrease increase/decline higher/lower raise/cut uphold/block "
    "uphold/overturn approve/reject approve/block pass/reject back/reject accept/reject accept/refuse agree/refuse "
    "support/oppose allow/ban allow/block grant/deny confirm/deny convict/acquit guilty/acquit arrest/release "
    "charge/clear jail/free open/close reopen/close start/stop start/end begin/end begin/stop resume/suspend "
    "resume/halt hire/fire appoint/sack join/quit join/leave stay/quit stay/leave alive/dead found/missing "
    "survive/die legal/illegal expand/shrink strengthen/weaken launch/scrap keep/scrap lift/impose ease/tighten "
    "sign/veto win/lose won/lost safe/unsafe add/cut beat/miss grow/shrink grew/shrank guilty/clear drop/reopen"
)
_NEGATION_WORDS = (
    "not no never without cannot neither nor nicht kein keine keinen ne pas sans jamais sin nunca non senza nao "
    "sem niet geen fail fails failed"
)

_MONTHS, _WEEKDAYS, _SERIES, _NEGATIONS = (
    frozenset(names.split()) for names in (_MONTH_NAMES, _WEEKDAY_NAMES, _SERIES_NAMES, _NEGATION_WORDS)
)
_ORDINALS = {word: str(number) for number, word in enumerate(_ORDINAL_WORDS.split(), start=1)}
_SPELLING = 0.85  # two words this alike are one word spelt twice


def are_serial(one: Reading, other: Reading) -> bool:
    """Tell whether the headlines are two instalments: another number beside the same month, week, day or game."""
    mine, theirs = dict(_instalments(one)), dict(_instalments(other))
    if any(mine[unit] != theirs[unit] for unit in mine.keys() & theirs.keys()):
        return True
    return _differ_in_date_alone(one, other)


def are_opposite(one: Reading, other: Reading) -> bool:
    """Tell whether the headlines say the contrary of the same thing: rises/falls, will/won't."""
    mine, theirs = set(one.headline), set(other.headline)
    mine |= {"up", "down"} & set(one.headline_words)
    theirs |= {"up", "down"} & set(other.headline_words)
    shared = len(mine & theirs)
    if shared < 2 or shared < min(len(mine), len(theirs)) / 2:
        return False
    if _is_negated(one) != _is_negated(other) and len(mine ^ theirs) <= 1:
        return True
    mine, theirs = mine - theirs, theirs - mine
    return any((a in mine and b in theirs) or (b in mine and a in theirs) for a, b in _opposite_terms())


def is_one_word_swapped(one: Reading, other: Reading) -> bool:
    """Tell whether each headline has exactly one term that the other lacks.

    Two figures are no swap but an update: a toll rises. Nor are two spellings of one word.
    """
    mine, theirs = _only(one, other), _only(other, one)
    if len(mine) != 1 or len(theirs) != 1:
        return False
    if mine[0][0].isdigit() and theirs[0][0].isdigit():
        return False
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(mine[0], theirs[0]) < _SPELLING


def have_different_names(one: Reading, other: Reading) -> bool:
    """Tell whether each headline names somebody or some place that the other story does not open with."""
    return bool(one.names - other.opening.keys()) and bool(other.names - one.opening.keys())


def are_doubles(one: Reading, other: Reading) -> bool:
    """Tell whether one publisher tells two stories in the same words: another town, another winner.

    A swapped word that is no name may be a synonym. It counts only where there is no text to decide.
    """
    mine, theirs = _only(one, other), _only(other, one)
    shared = len(one.headline) - len(mine)
    if one.publisher != other.publisher or shared < max(len(mine), len(theirs)) or not (mine and theirs):
        return False
    has_text = one.has_text or other.has_text
    return have_different_names(one, other) or (not has_text and is_one_word_swapped(one, other))


def _only(one: Reading, other: Reading) -> list[str]:
    return [term for term in one.headline if term not in other.headline]


def _instalments(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield (unit, number) for "week 5", "third round", "Oct. 4", "4 October", "20 days to go" and the like."""
    said = reading.headline_words
    for place, word in enumerate(said):
        before, after = said[max(0, place - 1) : place], said[place + 1 : place + 2]
        if word in _MONTHS:
            numbers = [neighbour for neighbour in (*after, *before) if neighbour[:1].isdigit()]
        elif word in _SERIES:
            numbers = [neighbour for neighbour in after if neighbour[:1].isdigit()]
            numbers += [_ORDINALS[neighbour] for neighbour in before if neighbour in _ORDINALS]
        else:
            continue
        for number in numbers[:1]:
            yield (word[:3] if word in _MONTHS else word), number.rstrip("sthndr").replace(",", "")
    if countdown := _COUNTDOWN.search(" ".join(said)):
        yield countdown[2], countdown[1]


def _differ_in_date_alone(one: Reading, other: Reading) -> bool:
    """Tell whether all that the headlines differ in is a weekday, a month or a year, and figures with it."""
    mine, theirs = set(one.headline_words), set(other.headline_words)
    only_mine, only_theirs = mine - theirs, theirs - mine
    return (
        any(map(_is_date_word, only_mine))
        and any(map(_is_date_word, only_theirs))
        and all(_is_date_word(word) or word[0].isdigit() for word in only_mine | only_theirs)
    )


def _is_date_word(word: str) -> bool:
    name = word.removesuffix("'s")
    return name in _WEEKDAYS or name in _MONTHS or (len(word) == 4 and word[:2] in ("19", "20") and word.isdigit())


@cache
def _opposite_terms() -> tuple[tuple[str, str], ...]:
    pairs = (pair.split("/") for pair in _OPPOSITE_PAIRS.split())
    return (("up", "down"), *((term(one, "en"), term(other, "en")) for one, other in pairs))


def _is_negated(reading: Reading) -> bool:
    return any(word in _NEGATIONS or word.endswith("n't") for word in reading.headline_words)
