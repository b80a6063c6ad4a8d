"""Rules for words that stand in a takeaway but not in what it cites, as only another writer can bring them.

An extracted takeaway can't break them: it has no words of its own. Like those of `faithful`, each is a
function of (bullet, source, language) that returns None or, in words, why the bullet breaks it.
"""

from __future__ import annotations

import re
from collections import Counter

from digest.compress.faithful import f1_deletion_only
from digest.compress.lexicon import Language, word_set
from digest.compress.rules import Rule
from digest.compress.words import content_stems, find_terms, lowered, toks, words

__all__ = ["FOREIGN_RULES", "alleges"]

_LINK = re.compile(r"https?:|www\.|@|\b[a-z0-9-]+\.(?:com|net|org|info|io|ru|cn|xyz|co|biz)\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|‘([^’]+)’")
_FIRST = re.compile(r"[\W_]*([^\W_]+)")
_LETTERED = re.compile(r"[^\W\d_]")

# Numbers in words; "one" is left out, for most of its uses count nothing.
_NUMBER_WORDS = word_set(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million"
    " millions billion billions trillion dozen dozens half halved twice double doubled triple tripled third quarter"
    " dos tres cuatro cinco seis siete ocho nueve diez doce veinte cien mil miles millón millones mitad doble"
    " deux trois quatre cinq sept huit neuf dix onze douze vingt cent mille million moitié milliard milliards"
    " zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig hundert tausend millionen milliarde"
    " milliarden hälfte doppelt dutzend"
    " dois três quatro sete oito nove dez vinte cem milhão milhões bilhão bilhões metade dobro"
    " due tre quattro cinque sei sette otto dieci undici dodici venti cento mila milione milioni miliardo miliardi"
    " metà doppio twee drie vijf zes zeven acht negen tien twaalf twintig honderd duizend miljoen miljard helft dubbel"
)


# What a sentence may be joined with: none of these says that anything happened.
_NEUTRAL = word_set(
    "about according aim aims also amid among around based case currently due effort efforts expected following group"
    " include included includes including instead involve involved involves involving issue issues largely later local"
    " mainly many matter matters nearly number numbers part parts people person place plan planned plans recent"
    " recently related roughly several together toward towards various via whether while"
)
# Endings that make another form of the same word; what is left must be long enough to tell words apart.
_ENDINGS = tuple("ations ation ments ment ures ure ions ion ing ies ed es ly e s y".split())
_LEAST_ROOT = 4


def brings_no_link(bullet: str, source: str, language: Language) -> str | None:
    """A takeaway leads nowhere: no address of a page or a mailbox."""
    found = _LINK.search(bullet)
    return f"holds “{found.group()}”, which leads elsewhere" if found else None


def brings_no_negation(bullet: str, source: str, language: Language) -> str | None:
    """Nothing is denied that the cited sentences do not deny."""
    return _brought("negation", language.negations, bullet, source)


def brings_no_allegation(bullet: str, source: str, language: Language) -> str | None:
    """Nobody is accused, charged or killed who is not in the cited sentences."""
    return _brought("allegation", language.allegations, bullet, source)


def keeps_who_said_it(bullet: str, source: str, language: Language) -> str | None:
    """What alleges something is only shortened, as F1 has it, and every "said" of it stays.

    Else the words of one sentence could accuse somebody else, or state as fact what was only said.
    """
    if not alleges(source, language):
        return None
    missing = _terms(language.cues, source) - _terms(language.cues, bullet)
    if missing:
        return f"an allegation without its “{min(missing)}”"
    reworded = f1_deletion_only(bullet, source, language)
    return f"an allegation in other words: {reworded}" if reworded else None


def alleges(source: str, language: Language) -> bool:
    """Say whether somebody says in `source` that somebody was accused, charged, killed or the like."""
    small = lowered(source)
    return bool(find_terms(language.allegations, small) and find_terms(language.cues, small))


def brings_no_quotation(bullet: str, source: str, language: Language) -> str | None:
    """What stands in quotation marks stands so, word for word, in the cited sentences."""
    said = f" {' '.join(toks(source))} "
    for groups in _QUOTED.findall(bullet):
        quoted = " ".join(toks(next(filter(None, groups))))
        if f" {quoted} " not in said:
            return f"quotes “{quoted[:40]}”, which is not what was said"
    return None


def brings_no_number(bullet: str, source: str, language: Language) -> str | None:
    """No number in words that the cited sentences do not have in words."""
    missing = Counter(_NUMBER_WORDS.intersection(words(bullet))) - Counter(_NUMBER_WORDS.intersection(words(source)))
    return f"the number “{min(missing)}” does not stand in the source" if missing else None


def brings_no_name_first(bullet: str, source: str, language: Language) -> str | None:
    """The first word, which any sentence writes large, is a word of the cited sentences too."""
    match = _FIRST.match(bullet)
    if not match or not _LETTERED.match(match[1]):
        return None
    if match[1].lower() in language.stop:  # but "US" and "IT" are names
        is_known = len(match[1]) == 1 or not match[1].isupper() or match[1] in source
        return None if is_known else f"its first word “{match[1]}” does not stand in the source"
    own = set(content_stems(match[1], language))
    known = own.issubset(content_stems(source, language)) or lowered(match[1]) in words(source)
    return None if known else f"its first word “{match[1]}” may be a name and does not stand in the source"


def brings_no_claim(bullet: str, source: str, language: Language) -> str | None:
    """Every content word is one of the cited sentences, another form of one, or says nothing by itself.

    Six words in ten, as G3 has it, would let "Ana Ortiz is a thief" stand on any sentence about her.
    """
    known = {*content_stems(source, language), *(_root(word) for word in toks(source))}
    for word in toks(bullet):
        stems = content_stems(word, language)
        if stems and not known.issuperset(stems) and _root(word) not in known and word not in _NEUTRAL:
            return f"the word “{word}” does not stand in the source"
    return None


FOREIGN_RULES: tuple[tuple[str, Rule], ...] = (
    ("G4", brings_no_link),
    ("G5", brings_no_negation),
    ("G6", brings_no_allegation),
    ("G7", keeps_who_said_it),
    ("G8", brings_no_quotation),
    ("G9", brings_no_number),
    ("G10", brings_no_name_first),
    ("G11", brings_no_claim),
)


def _root(word: str) -> str:
    """Return an English word without its ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_ROOT:
            return word[: -len(ending)]
    return word


def _brought(what: str, terms: tuple[str, ...], bullet: str, source: str) -> str | None:
    brought = _terms(terms, bullet) - _terms(terms, source)
    return f"brings the {what} “{min(brought)}”" if brought else None


def _terms(terms: tuple[str, ...], text: str) -> Counter[str]:
    return Counter(match.group() for match in find_terms(terms, lowered(text)))
