"""What a sentence looks like, in numbers: where it stands, what it shares with the story, how it reads.

Cheap counts only, all between about -3 and 3, so that the weights can be read. Pure arithmetic in a
fixed order: the same story gives the same numbers everywhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from digest.compress.alone import QUOTED, SECOND_PERSON, spoken_words
from digest.compress.fit_to_print import r1_starts_with_no_pronoun, r2_starts_with_no_connective
from digest.compress.lexicon import Language
from digest.compress.sentences import Sentence
from digest.compress.words import content_stems, find_terms, lowered, numbers, word_count, words

__all__ = ["FEATURES", "features"]

FEATURES = (
    "is_first",
    "is_second",
    "is_third",
    "early",  # 1 / (1 + place)
    "depth",  # place / number of sentences
    "is_first_in_paragraph",
    "is_in_last_tenth",
    "words_log",  # log of the words against 20
    "is_short",  # under 10 words
    "is_long",  # over 32 words
    "frequency",  # mean log frequency in the story of the content words
    "centroid",  # cosine with the story's content words
    "lead_overlap",  # share of the first sentence's content words
    "title_overlap",  # share of the headline's content words
    "off_topic",  # shares no word with the headline and the standfirst
    "names",  # capitalised words inside the sentence, per word
    "top_names",  # how many of the story's most frequent names
    "numbers",  # 0, 1, 2
    "quote_share",  # share of the characters that stand in quotation marks
    "has_quote",
    "cue",  # says who said it
    "first_person",  # the writer or an interviewee speaks, outside quotation
    "second_person",  # the reader is spoken to
    "unresolved_pronoun",  # a he, she or they before any name
    "leans",  # "also", "another", "those": points at the sentence before
    "bare_definite",  # "The dilemma is ...", and the headline has no dilemma
    "opens_badly",  # with a pronoun or a connective
    "commas",  # per ten words
    "after_setup",  # explains a very short sentence before it: "Lobster went the other way."
    "new_words",  # share of content words that no earlier sentence holds
    "content_share",  # content words per word
    "bigrams",  # share of its content pairs that come again in the story
)

_NAME = re.compile(r"(?<![^\W_])[A-ZÀ-Þ][\w’'-]*[a-zà-ÿA-Z]")
_LEANING = {
    "en": re.compile(
        r"\b(?:also|too|similar|similarly|another|later|again|instead|such|those|these|the same|the latter|the former"
        r"|as well|likewise|however|meanwhile|therefore|elsewhere|the others?|other)\b"
    ),
    "de": re.compile(
        r"\b(?:zudem|außerdem|ebenfalls|dagegen|unterdessen|allerdings|jedoch|daher|deshalb|dabei|dafür|dazu|davon"
        r"|damit"
        r"|hingegen|wiederum|diese[mnrs]?|jene[mnrs]?|solche[mnrs]?|dort|dorthin|auch|zunächst|dann|hier)\b"
    ),
    "es": re.compile(
        r"\b(?:también|además|asimismo|dich[oa]s?|est[ae]s?|es[ae]s?|tal|ello|allí|luego|agregó|añadió)\b"
    ),
    "fr": re.compile(r"\b(?:aussi|également|cet(?:te)?|ces|ce dernier|cette dernière|ensuite|là|y)\b"),
    "pt": re.compile(r"\b(?:também|além disso|est[ae]s?|ess[ae]s?|isso|ainda|depois|lá)\b"),
    "it": re.compile(r"\b(?:anche|inoltre|quest[oaie]|quell[oaie]|poi|lì|invece)\b"),
    "nl": re.compile(r"\b(?:ook|bovendien|daarnaast|deze|dit|die|dat|daar|toen|eveneens|echter|verder)\b"),
}
# "The dilemma is ...", "The two men were ...": said before, unless the headline says it too.
_BARE_DEFINITE = re.compile(
    r"there(?:'s| is| are) (?:an?|some|no|many|something)\b"
    r"|(?:(?:the|an?)\s+(?:(?:[a-z]+|\d+-year-old)\s+)?(?P<noun>[a-z]+)|(?:one|two|three|four|five|six|several"
    r"|some|many|most|few"
    r"|all|none)(?:\s+of them)?)\s+(?:also\s+)?(?:is|was|are|were|has|have|had|will|would|could|can"
    r"|may|might|must|should|came|comes|says?|said|told|took|began|found|offered|shows?|do(?:es)?|did|went"
    r"|made|gave|who|that"
    r"|of the|[a-z]+ed|appl(?:y|ies)|includes?|follows|remains?|means|makes|adds|claims)\b"
)
_THIRD_PERSON = {
    "en": re.compile(r"\b(?:he|she|they|him|her|his|hers|their|them|it|its)\b"),
    "de": re.compile(r"\b(?:er|sie|ihr|ihre|ihren|ihrem|sein|seine|seinen|seinem|ihm|ihn|ihnen)\b"),
    "fr": re.compile(r"\b(?:il|elle|ils|elles|lui|leur|leurs)\b"),
    "es": re.compile(r"\b(?:él|ella|ellos|ellas)\b"),
    "nl": re.compile(r"\b(?:hij|zij|haar|hem|hun)\b"),
    "pt": re.compile(r"\b(?:ele|ela|eles|elas)\b"),
    "it": re.compile(r"\b(?:lui|lei|loro)\b"),
}
_SETUP_WORDS = 8
_TOP_NAMES = 5
_COMPOUND_START = 5  # letters that two words of one topic share: "Stromnetz", "Stromausfall"
_LONGEST_SCENE = 10  # sentences
_LEAST_TOPIC_WORDS = 3  # a headline of fewer says nothing about what is off topic


@dataclass(frozen=True, slots=True)
class _Story:
    """What all sentences are held against."""

    counts: Counter[str]
    pairs: Counter[tuple[str, str]]
    norm: float
    top_names: frozenset[str]
    title: frozenset[str]  # beginnings of its words
    topic: frozenset[str]  # beginnings of the words of headline and standfirst
    lead: frozenset[str]
    sentences: int


def features(
    sentences: Sequence[Sentence], title: str, language: Language, standfirst: str = ""
) -> list[tuple[float, ...]]:
    """Return for every sentence its numbers, in the order of `FEATURES`."""
    stems = [content_stems(sentence.text, language) for sentence in sentences]
    names = [_names(sentence.text) for sentence in sentences]
    story = _story(stems, names, content_stems(title, language), content_stems(standfirst, language))
    seen: set[str] = set()
    rows = []
    begins = _beginning(stems, story.title) if language.stop else 0
    for place, sentence in enumerate(sentences):
        rows.append(
            (
                *_place(_place_after(begins, place), sentence, story.sentences),
                *_size(sentence.text),
                *_share(stems[place], story),
                *_facts(sentence.text, names[place], story),
                *_voice(sentence.text, language, story),
                float(place > 0 and _is_setup(sentences[place - 1], sentence)),
                *_novelty(sentence.text, stems[place], seen, story),
            )
        )
        seen.update(stems[place])
    return rows


def _story(
    stems: list[tuple[str, ...]], names: list[list[str]], title: tuple[str, ...], standfirst: tuple[str, ...]
) -> _Story:
    counts = Counter(stem for sentence in stems for stem in sentence)
    pairs = Counter(pair for sentence in stems for pair in pairwise(sentence))
    ranked = sorted(Counter(name for found in names for name in found).items(), key=lambda item: (-item[1], item[0]))
    return _Story(
        counts=counts,
        pairs=pairs,
        norm=math.sqrt(sum(count * count for count in counts.values())) or 1.0,
        top_names=frozenset(name for name, count in ranked[:_TOP_NAMES] if count > 1),
        title=_beginnings(title),
        topic=_beginnings((*title, *standfirst)) if len(title) >= _LEAST_TOPIC_WORDS else frozenset(),
        lead=frozenset(stems[0]) if stems else frozenset(),
        sentences=len(stems),
    )


def _beginning(stems: list[tuple[str, ...]], headline: frozenset[str]) -> int:
    """Return the place of the first sentence that speaks of what the headline says.

    A feature opens with a scene; its news begins where two of its headline's words meet, or where there
    is no such sentence, with the first that has one. Where that is late the story begins at its beginning.
    """
    shared = [len(headline & _beginnings(own)) for own in stems[: min(_LONGEST_SCENE, len(stems) // 3)]]
    return next((place for least in (2, 1) for place, count in enumerate(shared) if count >= least), 0)


def _place_after(begins: int, place: int) -> int:
    """Return a sentence's place, counted from where the story begins; a scene before it comes behind."""
    return place - begins if place >= begins else place + _LONGEST_SCENE


def _place(place: int, sentence: Sentence, sentences: int) -> tuple[float, ...]:
    depth = min(1.0, place / sentences)
    return (
        float(place == 0),
        float(place == 1),
        float(place == 2),
        1 / (1 + place),
        depth,
        float(sentence.is_first_in_paragraph),
        float(depth >= 0.9),
    )


def _size(text: str) -> tuple[float, ...]:
    count = max(1, word_count(text))
    return (math.log(count / 20), float(count < 10), float(count > 32))


def _share(stems: tuple[str, ...], story: _Story) -> tuple[float, ...]:
    if not stems:
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    own = Counter(stems)
    dot = sum(count * story.counts[stem] for stem, count in sorted(own.items()))
    norm = math.sqrt(sum(count * count for count in own.values()))
    return (
        sum(math.log(story.counts[stem]) for stem in stems) / len(stems),
        dot / (norm * story.norm),
        len(story.lead.intersection(own)) / max(1, len(story.lead)),
        len(story.title & _beginnings(stems)) / max(1, len(story.title)),
        float(bool(story.topic) and not story.topic & _beginnings(stems)),
    )


def _beginnings(stems: Iterable[str]) -> frozenset[str]:
    return frozenset(stem[:_COMPOUND_START] for stem in stems)


def _facts(text: str, names: list[str], story: _Story) -> tuple[float, ...]:
    count = max(1, word_count(text))
    quoted = sum(len(match.group()) for match in QUOTED.finditer(text))
    return (
        min(1.0, len(names) / count * 3),
        min(2.0, len(story.top_names.intersection(names))) / 2,
        min(2.0, len(numbers(text))) / 2,
        quoted / max(1, len(text)),
        float(quoted > 0),
    )


def _voice(text: str, language: Language, story: _Story) -> tuple[float, ...]:
    if not language.stop:
        return (0.0,) * 8
    unquoted = QUOTED.sub(" ", text)
    low = lowered(unquoted)
    own_words = words(low)
    spoken = spoken_words(unquoted)
    addressed = SECOND_PERSON.get(language.code)
    opens_badly = r1_starts_with_no_pronoun(text, text, language) or r2_starts_with_no_connective(text, text, language)
    leaning = _LEANING.get(language.code)
    return (
        float(bool(find_terms(language.cues, low))),
        float(not spoken.isdisjoint(language.first_person)),
        float(bool(addressed and addressed.search(unquoted))),
        float(_has_unresolved_pronoun(text, language)),
        min(2.0, len(leaning.findall(low))) if leaning else 0.0,
        float(language.code == "en" and _is_bare_definite(low, story)),
        float(bool(opens_badly)),
        min(2.0, 10 * text.count(",") / max(1, len(own_words))),
    )


def _novelty(text: str, stems: tuple[str, ...], seen: set[str], story: _Story) -> tuple[float, ...]:
    if not stems:
        return (0.0, 0.0, 0.0)
    pairs = list(pairwise(stems))
    return (
        sum(stem not in seen for stem in stems) / len(stems),
        min(1.0, len(stems) / max(1, word_count(text))),
        sum(story.pairs[pair] > 1 for pair in pairs) / max(1, len(pairs)),
    )


def _is_bare_definite(low: str, story: _Story) -> bool:
    match = _BARE_DEFINITE.match(low)
    return match is not None and (match["noun"] or "")[:_COMPOUND_START] not in story.topic


def _is_setup(before: Sentence, sentence: Sentence) -> bool:
    return before.paragraph == sentence.paragraph and word_count(before.text) < _SETUP_WORDS


def _has_unresolved_pronoun(text: str, language: Language) -> bool:
    pattern = _THIRD_PERSON.get(language.code)
    pronoun = pattern.search(lowered(text)) if pattern else None
    if not pronoun:
        return False
    name = _NAME.search(text, 1)
    return name is None or name.start() > pronoun.start()


def _names(text: str) -> list[str]:
    """Return the capitalised words, the first word of the sentence left out."""
    return [match.group().removesuffix("'s").removesuffix("’s") for match in _NAME.finditer(text, 1)]
