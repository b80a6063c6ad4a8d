"""A language model's answer → takeaways that may be published, each on sentences that it cites.

Whatever comes back is taken for a stranger's words: it passes every rule here and in `faithful`, or the
extracted takeaway of its place stands. The rules compare words; they can't judge meaning, and so a
model is only asked in the languages whose word lists they have. Nothing here asks a model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.compress.alone import r13_speaks_to_nobody
from digest.compress.choose import explain
from digest.compress.faithful import f4_names_kept
from digest.compress.fit_to_print import MOST_CHARACTERS
from digest.compress.foreign_words import FOREIGN_RULES, alleges
from digest.compress.languages import LANGUAGES, language_of
from digest.compress.lexicon import Language
from digest.compress.plain import collapse, plain_text, strip_invisible
from digest.compress.repeats import r9_repeats_no_other, r10_repeats_the_headline
from digest.compress.rules import HARD_RULES, Rule
from digest.compress.sentences import LONGEST_SENTENCE
from digest.compress.words import content_stems
from digest.model import Brief, Origin, Story, Takeaway

__all__ = ["Assignment", "Gated", "Refused", "Unsuited", "assign", "gate"]

LEAST_SHARED = 0.6  # of a takeaway's content stems must stand in the sentences that it cites
MOST_CITED = 4  # who cites the whole story has cited nothing
MOST_PLACES = 4
_PLACES = 3
_SENTENCES_PER_PLACE = 2
_MOST_ANSWER_CHARACTERS = 20_000
_MOST_CHARACTERS = 15_000  # of a story that are shown: its news is not beyond them
_SHOWN = 200  # characters of what is refused
# Not news but an attempt to be obeyed, or a story about such attempts: no model needs to see either.
_TO_A_MACHINE = re.compile(
    r"\b(?:ignor|disregard|forget|overrid|bypass)\w*\b[^.!?]{0,40}\b(?:instruction|prompt|directive|guideline)s?\b"
    r"|\bsystem prompt\b|\byou are (?:now )?(?:an? )?(?:ai|language model|assistant|chatbot)\b"
    r"|\bas an? (?:ai|language model)\b|<\|?/?(?:system|assistant|im_start|im_end|inst)\b|\[/?INST\]"
    r"|^\s*(?:system|assistant)\s*:",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of the story that a takeaway may stand on."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a model is asked about one story: its sentences, numbered from 1, and how many takeaways."""

    headline: str
    sentences: tuple[Cited, ...]
    places: int
    language: str
    extracted: tuple[Takeaway, ...]  # what stands where the model's words don't
    story_id: str


@dataclass(frozen=True, slots=True)
class Unsuited:
    """Why no model is asked about a story."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A model's takeaway that is not published, and the rule that it breaks."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gated:
    """What became of an answer: the takeaways to publish, the model's own by their `origin`."""

    takeaways: tuple[Takeaway, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def has_passed(self) -> bool:
        """Whether any takeaway is the model's."""
        return any(takeaway.origin is not None for takeaway in self.takeaways)


def assign(story: Story, brief: Brief) -> Assignment | Unsuited:
    """Return what a model is to be asked about a story, or why it is not.

    Args:
        story: The story whose `brief` it is.
        brief: As `compress.brief` makes it.
    """
    language = language_of(story.language or None, story.text or story.title)
    if story.takeaways_given:
        return Unsuited("it comes with takeaways of its own")
    if language.code not in LANGUAGES:
        return Unsuited("there are no word lists of its language to check an answer by")
    if _TO_A_MACHINE.search(f"{story.title}\n{story.summary}\n{story.text}"):
        return Unsuited("it holds words that seem meant for a machine")
    sentences = tuple(_citable(story, brief.headline, language))
    places = max(len(brief.takeaways), min(_PLACES, len(sentences) // _SENTENCES_PER_PLACE))
    if not places:
        return Unsuited("it is too short")
    return Assignment(
        headline=brief.headline,
        sentences=sentences,
        places=min(places, MOST_PLACES),
        language=language.code,
        extracted=brief.takeaways,
        story_id=story.id,
    )


def gate(answer: str, assignment: Assignment, origin: Origin) -> Gated:
    """Judge a model's answer takeaway by takeaway; the extracted ones fill the places of those that fail.

    Args:
        answer: As the model wrote it: `{"takeaways": [{"text": "…", "sentences": [1, 4]}, …]}`.
        origin: Who wrote it; its spans are set here.
    """
    language = LANGUAGES[assignment.language]
    written = _parsed(answer)
    if isinstance(written, str):
        return Gated(assignment.extracted, (Refused(_shown(answer), written),))
    placed: list[Takeaway] = []
    refused: list[Refused] = []
    for place in range(assignment.places):
        if place < len(written):
            judged = _judged(written[place], assignment, origin, placed, language)
            if isinstance(judged, Takeaway):
                placed.append(judged)
                continue
            refused.append(judged)
        if place < len(assignment.extracted):
            _place(placed, assignment.extracted[place], language)
    for spare in assignment.extracted:  # one may have said what a passed one says
        if len(placed) < min(assignment.places, len(assignment.extracted)):
            _place(placed, spare, language)
    too_many = f"is more than the {assignment.places} that were asked for"
    refused.extend(Refused(_shown(extra), too_many) for extra in written[assignment.places :])
    return Gated(tuple(placed), tuple(refused))


def _citable(story: Story, headline: str, language: Language) -> Iterator[Cited]:
    shown = 0
    for seen in explain(headline, story.text, language=language.code, standfirst=story.summary):
        if not seen.score:  # furniture, labels and what is no sentence have none
            continue
        shown += len(seen.text)
        if shown > _MOST_CHARACTERS:
            return
        yield Cited(seen.text, seen.start, seen.end)


def _parsed(answer: str) -> list[object] | str:
    """Return the takeaways of an answer, whatever they are, or in words why it has none."""
    if len(answer) > _MOST_ANSWER_CHARACTERS:
        return f"the answer is {len(answer):,} characters long"
    # Local models like to think aloud before the JSON, and to fence it.
    start, end = answer.find("{", answer.rfind("</think>") + 1), answer.rfind("}")
    try:
        told = json.loads(answer[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("takeaways"), list):
        return "the answer is not the JSON that was asked for"
    takeaways: list[object] = told["takeaways"]
    return takeaways or "the answer holds no takeaways"


def _judged(
    written: object, assignment: Assignment, origin: Origin, others: Sequence[Takeaway], language: Language
) -> Takeaway | Refused:
    text = written.get("text") if isinstance(written, dict) else None
    if not isinstance(text, str):
        return Refused(_shown(written), "is no text")
    bullet = collapse(text)
    numbers = written.get("sentences") if isinstance(written, dict) else None
    cited = _cited(numbers, assignment.sentences, language)
    if isinstance(cited, str):
        return Refused(_shown(bullet), cited)
    source = " ".join(sentence.text for sentence in cited)
    reason = _first_broken(bullet, source, language) or _between(bullet, assignment.headline, others, language)
    if reason:
        return Refused(_shown(bullet), reason)
    own = set(content_stems(bullet, language))
    most = max(cited, key=lambda sentence: len(own.intersection(content_stems(sentence.text, language))))
    spans = tuple((sentence.start, sentence.end) for sentence in cited)
    return Takeaway(bullet, assignment.story_id, most.start, most.end, replace(origin, spans=spans))


def _cited(numbers: object, sentences: tuple[Cited, ...], language: Language) -> tuple[Cited, ...] | str:
    """Return the sentences that are cited, in the story's order, or in words what is wrong with the citing."""
    if not isinstance(numbers, list) or not numbers:
        return "G1: cites no sentence"
    if len(numbers) > MOST_CITED:
        return f"G1: cites {len(numbers)} sentences, at most {MOST_CITED}"
    for number in numbers:
        if type(number) is not int or not 1 <= number <= len(sentences):
            return f"G1: cites sentence {str(number)[:20]!r} of {len(sentences)}"
    cited = tuple(sentences[number - 1] for number in sorted(set(numbers)))
    if len(cited) > 1 and any(alleges(sentence.text, language) for sentence in cited):
        return "G7: cites others beside a sentence that alleges something"
    return cited


def _first_broken(bullet: str, source: str, language: Language) -> str | None:
    if len(bullet) > LONGEST_SENTENCE:
        return f"R3: {len(bullet)} characters, at most {MOST_CHARACTERS}"
    if plain_text(bullet) != bullet:
        return "G2: holds markup or invisible characters"
    for name, rule in (*HARD_RULES, *_FOR_WRITERS, *FOREIGN_RULES):
        reason = None if name == "F1" else rule(bullet, source, language)
        if reason:
            return f"{name}: {reason}"
    return None


def _mostly_cited(bullet: str, source: str, language: Language) -> str | None:
    """At least 60 % of the content stems stand in the cited sentences."""
    own, theirs = content_stems(bullet, language), set(content_stems(source, language))
    shared = sum(stem in theirs for stem in own)
    if own and shared >= LEAST_SHARED * len(own):
        return None
    return f"{shared} of its {len(own)} content words stand in what it cites"


_FOR_WRITERS: tuple[tuple[str, Rule], ...] = (
    ("F4", f4_names_kept),
    ("R13", r13_speaks_to_nobody),
    ("G3", _mostly_cited),
)


def _between(bullet: str, headline: str, others: Sequence[Takeaway], language: Language) -> str | None:
    repeats = r9_repeats_no_other(bullet, [other.text for other in others], language)
    if repeats:
        return f"R9: {repeats}"
    wasted = r10_repeats_the_headline(bullet, headline, language)
    return f"R10: {wasted}" if wasted else None


def _place(placed: list[Takeaway], extracted: Takeaway, language: Language) -> None:
    if not r9_repeats_no_other(extracted.text, [other.text for other in placed], language):
        placed.append(extracted)


def _shown(written: object) -> str:
    """Return what is refused so that a terminal can show it: nothing in it commands one."""
    text = written.get("text") if isinstance(written, dict) else written
    return collapse(strip_invisible(str(text)[:_SHOWN]))
