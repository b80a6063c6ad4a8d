"""A cluster becomes a brief: headline, takeaways, teaser, and for the lead its body.

The page's own takeaways come first, then extracted ones. Never padded: a story that is too short has
its standfirst as teaser, or its headline alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.compress.body import lead_body
from digest.compress.candidates import MOST_SENTENCES
from digest.compress.choose import Considered, explain, takeaways
from digest.compress.given import given_takeaways
from digest.compress.headline import headline, short_headline
from digest.compress.languages import language_of
from digest.compress.lexicon import Language
from digest.compress.plain import plain_text
from digest.compress.repeats import r9_repeats_no_other
from digest.compress.sentences import split_sentences
from digest.compress.words import content_stems, is_unspaced, word_count, words
from digest.model import Brief, Cluster, Story, Takeaway

__all__ = ["brief", "why"]

TEASER_CHARACTERS = 160
_ENOUGH_GIVEN = 3
_LEAST_TEASER_WORDS = 6
_LEAST_TOLD = 0.4  # of a standfirst's content words: fewer in the story, and it is the site's own description
_LEAST_LINE_WORDS = 4
_CUT_BY_MACHINE = 145  # characters: tools cut descriptions at 150 to 160, often without a mark
_TOLD_CHARACTERS = 20_000
_LONGEST_STANDFIRST = 5_000  # characters
_ENDS = re.compile(r"[.!?。！？।؟][\"'”’»)」』]*$")
_CUT_OFF = re.compile(r"(?:…|\.\.|\[…\])\W*$")


def brief(
    cluster: Cluster,
    *,
    is_lead: bool = False,
    limit: int = 4,
    written: tuple[Takeaway, ...] | None = None,
    read_at: datetime | None = None,
) -> Brief:
    """Compress the newest story of a cluster.

    Args:
        cluster: Its lead is compressed; the others are named in `also_covered_by`.
        is_lead: Whether it leads the edition: only then is there a body.
        limit: At most so many takeaways.
        written: Takeaways that have passed `gate`, instead of those found here.
        read_at: When readers get it: "Monday" is right only within 24 hours of publication.
    """
    story = cluster.lead
    spoken, line = _language_and_headline(story)
    found = _takeaways(story, line, spoken, limit, _age(story, read_at)) if written is None else written
    return Brief(
        story=story,
        headline=line,
        takeaways=found,
        teaser=_teaser([takeaway.text for takeaway in found], _standfirst(story, spoken), line, spoken),
        body=lead_body(story, spoken) if is_lead else (),
        also_covered_by=cluster.others,
        short_headline=short_headline(line),
    )


def why(story: Story, *, limit: int = 4, read_at: datetime | None = None) -> tuple[Considered, ...]:
    """Return for every sentence of `story` what `brief` made of it; the page's own takeaways are told apart."""
    spoken, line = _language_and_headline(story)
    age = _age(story, read_at)
    return explain(line, story.text, limit=limit, language=spoken.code, standfirst=story.summary, age=age)


def _language_and_headline(story: Story) -> tuple[Language, str]:
    spoken = language_of(story.language or None, story.text or story.title)
    outlet = story.site_name or story.source
    return spoken, headline(story.title, source=outlet, url=story.url, text=story.text, language=spoken.code)


def _age(story: Story, read_at: datetime | None) -> timedelta | None:
    return read_at - story.published_at if read_at is not None and story.published_at is not None else None


def _takeaways(story: Story, line: str, language: Language, limit: int, age: timedelta | None) -> tuple[Takeaway, ...]:
    sentences = split_sentences(story.text, language, most=MOST_SENTENCES)
    found = list(given_takeaways(story.takeaways_given, story.text, sentences, language, limit))
    if len(found) < min(limit, _ENOUGH_GIVEN):
        spoken = language.code
        for extracted in takeaways(line, story.text, limit=limit, language=spoken, standfirst=story.summary, age=age):
            if len(found) >= min(limit, _ENOUGH_GIVEN if found else limit):
                break
            if not r9_repeats_no_other(extracted.text, [takeaway.text for takeaway in found], language):
                found.append(extracted)
    return tuple(
        Takeaway(text=takeaway.text, story_id=story.id, start=takeaway.start, end=takeaway.end) for takeaway in found
    )


def _teaser(bullets: Sequence[str], standfirst: Sequence[str], line: str, language: Language) -> str:
    """Return whole sentences of at most 160 characters: the first takeaways, else the standfirst.

    Where no whole sentence fits, the first takeaway is cut at a word.
    """
    topic = set(content_stems(line, language))
    by_topic = sorted(bullets, key=lambda bullet: -len(topic.intersection(content_stems(bullet, language))))
    for candidates in (bullets, standfirst, [bullet for bullet in by_topic if len(bullet) <= TEASER_CHARACTERS][:1]):
        teaser = _whole_sentences(candidates)
        if teaser:
            return teaser
    return short_headline(next(iter([*bullets, *standfirst]), ""), TEASER_CHARACTERS)


def _whole_sentences(sentences: Sequence[str]) -> str:
    teaser = ""
    for sentence in sentences:
        longer = f"{teaser}{'' if is_unspaced(teaser) else ' '}{sentence}".lstrip()
        if len(longer) > TEASER_CHARACTERS:
            break
        teaser = longer
    return teaser


def _standfirst(story: Story, language: Language) -> list[str]:
    """Return the standfirst's sentences, none when it describes the site and not the story."""
    standfirst = plain_text(story.summary[:_LONGEST_STANDFIRST])
    own = set(content_stems(standfirst, language))
    told = own.intersection(content_stems(f"{story.title} {story.text[:_TOLD_CHARACTERS]}", language))
    if story.text and len(told) < _LEAST_TOLD * len(own):
        return []
    sentences = [sentence.text for sentence in split_sentences(standfirst, language)]
    if len(sentences) == 1 and _is_whole_line(standfirst, language):
        return sentences
    return [text for text in sentences if _is_whole(text) and word_count(text) >= _LEAST_TEASER_WORDS]


def _is_whole(sentence: str) -> bool:
    return bool(_ENDS.search(sentence)) and not _CUT_OFF.search(sentence)


def _is_whole_line(text: str, language: Language) -> bool:
    """Say whether one line without a full stop, as many pages write it, was not cut off."""
    if word_count(text) < _LEAST_LINE_WORDS or len(text) > TEASER_CHARACTERS or _CUT_OFF.search(text):
        return False
    last = words(text)[-1:]
    return bool(_ENDS.search(text)) or (len(text) < _CUT_BY_MACHINE and not language.stop.issuperset(last))
