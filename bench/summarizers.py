"""The ways of sumy, the field's package of extractive summaries, over the sentences that we split.

sumy's own splitting needs a model that is downloaded; given the same sentences and words, only the
choice of sentences differs. It is no dependency: `pip install sumy numpy`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from digest.compress.lexicon import ENGLISH
from digest.compress.sentences import split_sentences
from digest.compress.words import words

__all__ = ["sumy_ways"]

_WAYS = (
    ("TextRank", "text_rank.TextRankSummarizer"),
    ("LexRank", "lex_rank.LexRankSummarizer"),
    ("LSA", "lsa.LsaSummarizer"),
    ("Luhn", "luhn.LuhnSummarizer"),
)


class _Tokenizer:
    """What sumy asks of one: the words of a sentence."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(words(sentence))


def sumy_ways(count: int) -> list[tuple[str, Callable[[str], list[str]]]]:
    """Return each way's name and a function from an article to its `count` sentences, in their order.

    None when sumy is not installed.
    """
    if find_spec("sumy") is None:
        return []
    return [(f"sumy {name}", _way(summarizer, count)) for name, summarizer in _WAYS]


def _way(summarizer: str, count: int) -> Callable[[str], list[str]]:
    module, kind = summarizer.split(".")
    way = getattr(import_module(f"sumy.summarizers.{module}"), kind)(
        import_module("sumy.nlp.stemmers").Stemmer("english")
    )
    way.stop_words = import_module("sumy.utils").get_stop_words("english")
    dom = import_module("sumy.models.dom")

    def chosen(article: str) -> list[str]:
        sentences = [dom.Sentence(found.text, _Tokenizer()) for found in split_sentences(article, ENGLISH)]
        document = dom.ObjectDocumentModel([dom.Paragraph(sentences)])
        return [str(sentence) for sentence in way(document, count)]

    return chosen
