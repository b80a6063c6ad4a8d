"""How many bullets that people wrote freely pass the gate for a language model's, and what refuses the others.

    python -m bench.model_gate DATA [--most 300]

DATA holds `highlights/pairs.jsonl`. Each highlight, as an editor wrote it, stands in for a model's
takeaway and cites the one or two sentences that share most of its words. That says how strict the gate is
towards good bullets in free words; a model is told to keep to the story's own words.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from digest.compress import Assignment, assign, brief, gate
from digest.compress.languages import LANGUAGES
from digest.compress.words import content_stems
from digest.model import Cluster, Origin, Story

_ENGLISH = LANGUAGES["en"]
_ENOUGH = 0.9  # of a bullet's stems in one sentence: a second one is not cited


def cited(bullet: str, assignment: Assignment) -> list[int]:
    """Return the numbers of the sentences that a bullet seems to stand on, at most two."""
    own = set(content_stems(bullet, _ENGLISH))
    stems = {
        number: own.intersection(content_stems(sentence.text, _ENGLISH))
        for number, sentence in enumerate(assignment.sentences, 1)
    }
    first = max(stems, key=lambda number: len(stems[number]))
    if len(stems[first]) >= _ENOUGH * len(own):
        return [first]
    second = max(stems, key=lambda number: len(stems[number] - stems[first]))
    return sorted({first, second})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--most", type=int, default=300, help="articles")
    told = parser.parse_args()
    reasons: Counter[str] = Counter()
    asked = passed = stories = 0
    seconds = 0.0
    with (told.data / "highlights" / "pairs.jsonl").open(encoding="utf-8") as lines:
        for _, line in zip(range(told.most), lines, strict=False):
            pair = json.loads(line)
            text = pair.get("article") or pair["text"]
            story = Story(f"https://example.com/{stories}", "", text=text, language="en")
            assignment = assign(story, brief(Cluster(story)))
            if not isinstance(assignment, Assignment):
                reasons[assignment.reason] += 1
                continue
            bullets = [bullet if bullet.endswith(".") else f"{bullet.rstrip(' .')}." for bullet in pair["highlights"]]
            written = [{"text": bullet, "sentences": cited(bullet, assignment)} for bullet in bullets]
            answer = json.dumps({"takeaways": written[: assignment.places]})
            started = time.perf_counter()
            made = gate(answer, assignment, Origin("people", "people", "none"))
            seconds += time.perf_counter() - started
            stories += 1
            asked += len(written[: assignment.places])
            passed += sum(takeaway.origin is not None for takeaway in made.takeaways)
            reasons.update(refused.reason.split(":")[0] for refused in made.refused)
    each = 1000 * seconds / stories
    print(f"{stories} articles, {asked} bullets, {passed} passed ({passed / asked:.0%}), {each:.1f} ms an article")
    for reason, count in reasons.most_common():
        print(f"  {count:5} {reason}")


if __name__ == "__main__":
    main()
