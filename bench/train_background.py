"""Make src/digest/select/background.json: how common terms are in news at large, and which of them are names.

    python -m bench.train_background DATA     DATA holds highlights/pairs.jsonl and sections/bbc.jsonl

Counts in how many of the articles a term stands; no text is kept, and what stands in fewer than three articles is left
out. None of the labelled sets that `bench.clusters` measures on is counted.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from digest.select.background import TABLE_FILE
from digest.select.words import first_sentences, term, terms_of, words

FEWEST_STORIES = 3
FEWEST_CAPITALS = 3
MOST_SENTENCES = 40
LANGUAGE = "en"


def main(data: Path) -> None:
    """Count, and write the table."""
    stories_with: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    articles = tuple(_articles(data))
    for article in articles:
        found: set[str] = set()
        for sentence in map(words, first_sentences(article, MOST_SENTENCES)):
            found.update(terms_of(sentence, LANGUAGE))
            for word in sentence[1:]:  # the first has a capital in any case
                (capital if word[0].isupper() else small)[term(word, LANGUAGE)] += 1
        stories_with.update(found)
    listed = sorted(term for term, count in stories_with.items() if count >= FEWEST_STORIES)
    names = [term for term in listed if capital[term] >= FEWEST_CAPITALS and capital[term] > 3 * small[term]]
    either = sorted(term for term in set(listed) - set(names) if 3 * capital[term] > small[term])
    by_count: dict[int, list[str]] = {}
    for term_ in listed:
        by_count.setdefault(stories_with[term_], []).append(term_)
    stored = {
        "provenance": {
            "what": "in how many English news articles a term stands; which are mostly names; which may be either",
            "made_by": "python -m bench.train_background DATA",
            "counted": f"the first 3,000 characters of {len(articles)} articles of CNN, the Daily Mail and the BBC",
        },
        "stories": len(articles),
        "names": " ".join(names),
        "either": " ".join(either),
        "stories_with": {str(count): " ".join(by_count[count]) for count in sorted(by_count)},
    }
    TABLE_FILE.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(listed)} terms, {len(names)} of them names → {TABLE_FILE}, {TABLE_FILE.stat().st_size // 1024} KB")


def _articles(data: Path) -> Iterator[str]:
    for line in (data / "highlights" / "pairs.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["article"]
    for line in (data / "sections" / "bbc.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield f"{row['title']}\n{row['body']}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.train_background DATA")
    main(Path(sys.argv[1]))
