"""Accuracy of sections learnt from a publisher's own labelled stories.

    python -m bench.sections DATA

DATA/sections/bbc.jsonl holds stories with their section (category, title, body). Twenty times 500 of them are taught
and the others asked; beside it stands what the lexicon alone answers for the same stories. An answer that is not given
counts as wrong.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from pathlib import Path

from digest.model import Story
from digest.select import SectionStep, assign_section, learn_sections

TAUGHT, ROUNDS = 500, 20
# What the set calls its sections, and the common kind that the lexicon knows each by.
KINDS = {
    "business": "business",
    "entertainment": "culture",
    "politics": "politics",
    "sport": "sport",
    "tech": "technology",
}


def main(data: Path) -> None:
    rows = [json.loads(line) for line in (data / "sections" / "bbc.jsonl").read_text("utf-8").splitlines()]
    stories = [
        (KINDS[row["category"]], Story(f"https://example.com/{number}", row["title"], text=row["body"], language="en"))
        for number, row in enumerate(rows)
    ]
    labels: dict[str, tuple[str, ...]] = dict.fromkeys(KINDS.values(), ())
    scores: dict[str, list[float]] = {"learnt": [], "learnt, then lexicon": [], "lexicon": []}
    seconds = 0.0
    for seed in range(ROUNDS):
        shuffled = stories[:]
        random.Random(seed).shuffle(shuffled)
        model = learn_sections(shuffled[:TAUGHT])
        asked = shuffled[TAUGHT:]
        started = time.perf_counter()
        with_model = [assign_section(story, labels, model) for _, story in asked]
        seconds += time.perf_counter() - started
        without = [assign_section(story, labels) for _, story in asked]
        scores["learnt"].append(_share(asked, [a.section if a.step is SectionStep.LEARNT else "" for a in with_model]))
        scores["learnt, then lexicon"].append(_share(asked, [a.section for a in with_model]))
        scores["lexicon"].append(_share(asked, [a.section for a in without]))
    print(f"{len(stories)} stories of {len(KINDS)} sections, {TAUGHT} taught, {ROUNDS} splits\n")
    print(f"{'':<22}{'mean':>7}{'least':>7}{'most':>7}")
    for name, found in scores.items():
        print(f"{name:<22}{statistics.mean(found):>7.3f}{min(found):>7.3f}{max(found):>7.3f}")
    print(f"\n{seconds / ROUNDS / (len(stories) - TAUGHT) * 1000:.2f} ms a story")


def _share(asked: list[tuple[str, Story]], told: list[str]) -> float:
    return sum(section == answer for (section, _), answer in zip(asked, told, strict=True)) / len(asked)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
