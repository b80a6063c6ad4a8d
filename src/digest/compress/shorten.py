"""Shorter forms of a sentence, made by leaving things out and by nothing else.

Each step is a deletion that leaves a sentence: a dateline, a connective, an aside, a day beside a
verb of saying, a relative clause at the end. Whether a form is faithful is for `faithful` to say:
`shortened_forms` proposes, shortest first, and always ends with the sentence itself.
"""

from __future__ import annotations

import re

from digest.compress.clean import dateline_length
from digest.compress.lexicon import Language
from digest.compress.words import word_count

__all__ = ["shortened_forms", "tidy"]

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_SAID = (
    r"said|says|told \w+|announced|confirmed|reported|ruled|voted|agreed|approved|unveiled|launched|published|released"
    r"|resigned|arrived|died|opened|signed|warned|declared|pleaded guilty|appeared|testified|tweeted|wrote"
)
_DAY_BESIDE_VERB = re.compile(
    rf"(?<=[\w,”\"] )(?P<verb>(?:{_SAID}))(?:,)? (?:on |late |early |late on |early on )?{_DAY}(?: (?:morning"
    rf"|afternoon|evening|night))?"
    rf"(?= (?:that|the|to|it|he|she|they|in|at|a|an|there|by|for|as|after|with|its|his|her)\b|[,.])(?!, \w+ \d)"
)
_DAY_BEFORE_VERB = re.compile(rf"(?<=[a-z]),? on {_DAY},? (?=(?:{_SAID}|admitted|insisted|denied|accused|urged)\b)")
_ASIDE_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]\"“”]{1,90}[)\]]")
_ASIDE_IN_DASHES = re.compile(r"\s(?:--|[–—]|-)\s(?P<aside>[^–—\"“”]{3,140}?)\s(?:--|[–—]|-)\s")
_TIGHT_DASHES = re.compile(r"(?<=\w)—(?P<aside>[^—\"“”]{3,140})—(?=\w)")
_CONNECTIVE = {
    "en": re.compile(
        r"(?:(?:But|And|However|Meanwhile|Moreover|Furthermore|Additionally|In addition|Also|Nevertheless|Nonetheless"
        r"|Still|Instead|Indeed|In fact|Of course|As a result|Therefore|Thus|Consequently|For example|For instance"
        r"|On the other hand|At the same time|In turn|In response|Finally|Overall|Similarly|Likewise|Besides|Secondly"
        r"|Lastly|Later|Then|Now|After all|Interestingly|Unfortunately|Fortunately|Surprisingly|That said|Even so"
        r"|In the meantime|Elsewhere|In total|In all|So|Yet|First|Second|Third|In other words|In short), |(?:But"
        r"|And|Yet) )"
    ),
    "de": re.compile(r"(?:Aber|Und|Doch|Allerdings|Außerdem|Zudem),? (?=der |die |das |[A-ZÄÖÜ])"),
    "es": re.compile(
        r"(?:(?:Pero|Y|Sin embargo|Además|Asimismo|Por otro lado|Por otra parte|Por su parte|No obstante|Mientras tanto"
        r"|En este sentido|En ese sentido|Finalmente|De hecho|Al respecto|Por ejemplo|En tanto|A su vez), "
        r"|Por su parte )"
    ),
    "fr": re.compile(
        r"(?:Mais|Et|Cependant|Toutefois|Néanmoins|Par ailleurs|En outre|De plus|Pourtant|Enfin|Ainsi|En effet"
        r"|Par exemple|En revanche|Par conséquent|De son côté|Au contraire), "
    ),
    "pt": re.compile(
        r"(?:Mas|E|Porém|No entanto|Além disso|Entretanto|Contudo|Por outro lado|Enquanto isso|Por sua vez|Ainda assim"
        r"|Segundo ele|Nesse sentido|Por exemplo|Com isso), "
    ),
    "it": re.compile(
        r"(?:Ma|E|Tuttavia|Inoltre|Intanto|Nel frattempo|D'altra parte|Infine|Infatti|Ad esempio|Per esempio|Invece), "
    ),
    "nl": re.compile(r"(?:Maar|En|Echter|Bovendien|Daarnaast|Ondertussen|Intussen|Verder), "),
}
_SET_OFF = re.compile(
    r", (?:however|though|meanwhile|therefore|moreover|furthermore|nevertheless|nonetheless|too|then|in turn"
    r"|for example|for instance|as a result|of course|after all),(?= )"
)
_LAST_CLAUSE = re.compile(r", (?:which|who|whose|where)\b(?P<clause>[^\"“”()–—]{12,})(?P<stop>[.!])$")
_LAST_ASIDE = re.compile(r"(?:\s--|\s[–—]|—)\s?(?P<aside>[^–—\"“”()]{12,})(?P<stop>[.!])$")
_LONG = 25  # words: beyond this a closing clause is worth its loss

_SPACE_BEFORE_STOP = re.compile(r"(?<=\w)\s+(?=[.,;!](?:\s|$))")


def tidy(text: str, language: Language) -> str:
    """Return the sentence without its dateline and without blanks before its stops."""
    text = text[dateline_length(text) :].lstrip(" -–—•·*▪►:")
    return _SPACE_BEFORE_STOP.sub("", text)


def shortened_forms(text: str, language: Language) -> tuple[str, ...]:
    """Return the forms of a sentence from the shortest to the one that only lost its dateline."""
    whole = tidy(text, language)
    forms = [whole]
    for step in (_without_connective, *_STEPS):
        shorter = step(forms[-1], language)
        if shorter != forms[-1] and shorter:
            forms.append(shorter)
    return tuple(sorted(dict.fromkeys([*forms, *_without_each(whole, language)]), key=len))


def _without_each(whole: str, language: Language) -> list[str]:
    """Return the forms that lose one thing only, for when losing all of them was too much."""
    opened = _without_connective(whole, language)
    return [step(opened, language) for step in _STEPS] if opened != whole else []


def _without_connective(text: str, language: Language) -> str:
    pattern = _CONNECTIVE.get(language.code)
    match = pattern.match(text) if pattern else None
    return _capitalised(text[match.end() :]) if match else text


def _without_set_off(text: str, language: Language) -> str:
    """Drop a connective that stands between commas, with both of them."""
    return _SET_OFF.sub("", text) if language.code == "en" else text


def _without_brackets(text: str, language: Language) -> str:
    return _ASIDE_IN_BRACKETS.sub("", text) if language.stop else text


def _without_dashes(text: str, language: Language) -> str:
    if not language.stop:
        return text
    return _TIGHT_DASHES.sub(" ", _ASIDE_IN_DASHES.sub(" ", text, count=1), count=1)


def _without_day(text: str, language: Language) -> str:
    if language.code != "en":
        return text
    return _DAY_BEFORE_VERB.sub(" ", _DAY_BESIDE_VERB.sub(lambda match: match["verb"], text))


def _without_last_clause(text: str, language: Language) -> str:
    if language.code != "en" or word_count(text) <= _LONG:
        return text
    return _LAST_ASIDE.sub(r"\g<stop>", _LAST_CLAUSE.sub(r"\g<stop>", text))


_STEPS = (_without_set_off, _without_brackets, _without_dashes, _without_day, _without_last_clause)


def _capitalised(text: str) -> str:
    """Return `text` with a capital first letter, a quotation mark before it or not."""
    match = re.match(r"[\"“‘'«„(]*", text)
    at = match.end() if match else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]
