"""How good the takeaways are: ROUGE against journalists' own highlights, rules kept, milliseconds.

    python -m bench.takeaways DATA        DATA holds highlights/pairs.jsonl

Scores the half of the articles that `bench.train_takeaways` does not train on, beside Lead-3 (the first three
sentences), the four ways of sumy where it is installed (`pip install sumy numpy`), and the greedy oracle in the same
run. "valid" is the share of bullets that pass every hard rule against the sentence they stand on, "deleted" the share
that only leaves words out of it (names written in full apart); "words" is their mean length.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.rouge import Rouge, rouge
from bench.summarizers import sumy_ways
from bench.train_takeaways import is_for_training

from digest.compress import takeaways
from digest.compress.faithful import f1_deletion_only
from digest.compress.lexicon import ENGLISH
from digest.compress.names import KnownNames, known_names
from digest.compress.repeats import r9_repeats_no_other
from digest.compress.rules import HARD_RULES
from digest.compress.sentences import split_sentences
from digest.compress.words import word_count

Bullets = list[tuple[str, str]]  # each with its source sentence
ORACLE_BULLETS = RIVAL_BULLETS = 3
OWN_WAYS = 4


def main(data: Path) -> None:
    lines = (data / "highlights" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [pair for pair in map(json.loads, lines) if not is_for_training(pair["id"])]
    print(f"{len(pairs)} articles of highlights/pairs.jsonl, none of them trained on\n")
    print(f"{'':22}{'R-1':>6}{'R-2':>6}{'R-L':>6}{'valid':>8}{'deleted':>9}{'bullets':>9}{'words':>7}{'ms':>7}")
    ways: tuple[tuple[str, Callable[[str, list[str]], Bullets]], ...] = (
        ("Lead-3", _lead),
        *((name, _as_bullets(chosen)) for name, chosen in sumy_ways(RIVAL_BULLETS)),
        ("takeaways", lambda article, highlights: _ours(article, 4)),
        ("takeaways, limit 3", lambda article, highlights: _ours(article, 3)),
        ("greedy oracle", _oracle),
    )
    if len(ways) == OWN_WAYS:
        print("sumy's ways are left out: it is not installed (pip install sumy numpy)")
    for name, way in ways:
        _report(name, way, pairs)


def _report(name: str, way: Callable[[str, list[str]], Bullets], pairs: list[dict[str, list[str]]]) -> None:
    scores: list[Rouge] = []
    started = time.perf_counter()
    bullets = [way(str(pair["article"]), pair["highlights"]) for pair in pairs]
    per_story = 1000 * (time.perf_counter() - started) / len(pairs)
    for found, pair in zip(bullets, pairs, strict=True):
        scores.append(rouge([bullet for bullet, _ in found], pair["highlights"]))
    all_bullets = [bullet for found in bullets for bullet, _ in found]
    known = [known_names(str(pair["article"])) for pair in pairs]
    valid = sum(
        _is_valid(found, place, names)
        for found, names in zip(bullets, known, strict=True)
        for place in range(len(found))
    )
    shortened = sum(
        f1_deletion_only(names.contracted(bullet), names.contracted(source), ENGLISH) is None
        for found, names in zip(bullets, known, strict=True)
        for bullet, source in found
    )
    means = "".join(f"{100 * statistics.fmean(column):6.1f}" for column in zip(*scores, strict=True))
    count = len(all_bullets)
    print(
        f"{name:22}{means}{100 * valid / count:7.1f}%{100 * shortened / count:8.1f}%{count / len(pairs):9.2f}"
        f"{statistics.fmean(map(word_count, all_bullets)):7.1f}{per_story:7.1f}"
    )


def _is_valid(found: Bullets, place: int, names: KnownNames) -> bool:
    """Try the hard rules; the full names that R11 allows are taken back first."""
    bullet, source = found[place]
    bare, bare_source = names.contracted(bullet), names.contracted(source)
    kept = all(
        rule(*((bare, bare_source) if name.startswith("F") else (bullet, source)), ENGLISH) is None
        for name, rule in HARD_RULES
    )
    return kept and r9_repeats_no_other(bullet, [other for other, _ in found[:place]], ENGLISH) is None


def _lead(article: str, highlights: list[str]) -> Bullets:
    return [(sentence.text, sentence.text) for sentence in split_sentences(article, ENGLISH, most=3)]


def _as_bullets(chosen: Callable[[str], list[str]]) -> Callable[[str, list[str]], Bullets]:
    return lambda article, highlights: [(sentence, sentence) for sentence in chosen(article)]


def _ours(article: str, limit: int) -> Bullets:
    found = takeaways("", article, limit=limit, language="en")
    return [(bullet.text, article[bullet.start : bullet.end]) for bullet in found]


def _oracle(article: str, highlights: list[str]) -> Bullets:
    sentences = [sentence.text for sentence in split_sentences(article, ENGLISH)]
    picked: list[int] = []
    for _ in range(ORACLE_BULLETS):
        picked.append(
            max(
                (place for place in range(len(sentences)) if place not in picked),
                key=lambda place: sum(rouge([sentences[at] for at in sorted([*picked, place])], highlights)[:2]),
                default=0,
            )
        )
    return [(sentences[place], sentences[place]) for place in sorted(picked)]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.takeaways DATA")
    main(Path(sys.argv[1]))
