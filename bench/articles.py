"""How well article pages are read, beside trafilatura and newspaper4k.

    python -m bench.articles DATA [--wrong] [--speed]      DATA holds one folder a set of recorded pages

One row a set and a reader. `body` is the F1 of the mean 4-gram precision and recall, as the
article extraction benchmark computes it; for trafilatura-eval and tagdiv-pages the F1 of phrases that must
and must not be there; for goose3-html the share of the expected beginning that was found. The other
columns count pages on which the fact equals the set's: a headline by its words, a date by its day,
authors as a set of names, a picture by its file, a section if it is one of the page's categories, a
standfirst by its first words. A fact that a set doesn't state for a page is not counted.

`CPU ms` is what one page costs this process, however busy the machine is. `--wrong` lists what Digest
read otherwise. `--speed` reads 1,000 pages in the parsing processes, by the clock on the wall.
A standfirst that stands apart is no part of Digest's text, where some sets count it as such.
A yardstick that is not installed is left out, and said so. newspaper4k is `pip install newspaper4k`.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as midnight
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.article_sets import Gold, article_sets

from digest.collect import read_article
from digest.collect.prose import folded

_FACTS = ("headline", "date", "author", "image", "language", "section", "standfirst")
_PAGES = 1_000


@dataclass(slots=True)
class Tally:
    """One reader's figures over one set."""

    ratios: list[tuple[float, float]] = field(default_factory=list)  # precision and recall, a page each
    chunks: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def body(self) -> str:
        """Return the set's one figure for bodies, by the kind of gold it has."""
        if self.ratios:
            return f"{_f1(*(sum(column) / len(self.ratios) for column in zip(*self.ratios, strict=True))):.3f}"
        found, missed, invented = self.chunks["found"], self.chunks["missed"], self.chunks["invented"]
        return f"{_f1(found / max(1, found + invented), found / max(1, found + missed)):.3f}"


def main(data: Path, options: set[str]) -> None:
    """Print the table; with --wrong what was read otherwise, with --speed the pages a second."""
    readers = dict(_readers())
    print(f"{'set':<30}{'pages':>6} {'reader':<12}{'body':>6}" + "".join(f"{fact:>12}" for fact in _FACTS) + "  CPU ms")
    wrong: list[str] = []
    for name, pages in article_sets(data):
        for reader, read in readers.items():
            tally = _measured(pages, read, wrong if reader == "digest" else [], name)
            facts = "".join(
                f"{f'{tally.right[fact]} of {tally.asked[fact]}' if tally.asked[fact] else '–':>12}" for fact in _FACTS
            )
            spent = tally.seconds * 1000 / len(pages)
            print(f"{name:<30}{len(pages):>6} {reader:<12}{tally.body():>6}{facts}{spent:>9.1f}", flush=True)
    if "--wrong" in options:
        print("\n".join(wrong))
    if "--speed" in options:
        _speed([page for _, pages in article_sets(data) for page in pages])


# --- readers -------------------------------------------------------------------------------------

Read = dict[str, Any]


def _readers() -> Iterator[tuple[str, Callable[[Gold], Read]]]:
    yield "digest", _digest
    warnings.simplefilter("ignore")
    for name, module, read in (("trafilatura", "trafilatura", _trafilatura), ("newspaper4k", "newspaper", _newspaper)):
        try:
            import_module(module)
        except ImportError as error:
            print(f"{name} is left out: {error}")
        else:
            logging.getLogger(module).setLevel(logging.CRITICAL)
            yield name, read


def _digest(page: Gold) -> Read:
    story = read_article(page.html, page.url)
    return {
        "body": story.text,
        "headline": story.title,
        "date": _days_of(story.published_at),
        "author": set(story.authors),
        "image": story.image_url,
        "language": story.language,
        "section": story.section,
        "standfirst": story.summary,
    }


def _trafilatura(page: Gold) -> Read:
    import trafilatura

    document = trafilatura.bare_extraction(page.html, url=page.url, with_metadata=True, include_comments=False)
    if document is None or isinstance(document, dict):
        return {"body": ""}
    return {
        "body": document.text or "",
        "headline": document.title or "",
        "date": document.date or "",
        "author": set((document.author or "").split("; ")) - {""},
        "image": document.image or "",
        "language": document.language or "",
        "section": next(iter(document.categories or []), ""),
        "standfirst": document.description or "",
    }


def _newspaper(page: Gold) -> Read:
    newspaper = import_module("newspaper")  # no types, and not always installed
    try:
        article = newspaper.article(page.url, input_html=page.html.decode("utf-8", "replace"), fetch_images=False)
    except Exception:  # it raises what its parsers raise; a page that it can't read counts against it
        return {"body": ""}
    published = article.publish_date
    return {
        "body": article.text,
        "headline": article.title,
        "date": published[:10] if isinstance(published, str) else f"{published:%Y-%m-%d}" if published else "",
        "author": set(article.authors),
        "image": article.top_image,
        "language": article.meta_lang or "",
        "section": article.meta_data.get("article", {}).get("section", "")
        if isinstance(article.meta_data.get("article"), dict)
        else "",
        "standfirst": article.meta_description,
    }


# --- scoring -------------------------------------------------------------------------------------


def _measured(pages: list[Gold], read: Callable[[Gold], Read], wrong: list[str], name: str) -> Tally:
    tally = Tally()
    for page in pages:
        started = time.process_time()
        found = read(page)
        tally.seconds += time.process_time() - started
        _count_body(tally, page, found["body"])
        for fact, gold in page.facts.items():
            tally.asked[fact] += 1
            if _agree(fact, gold, found.get(fact) or ""):
                tally.right[fact] += 1
            else:
                wrong.append(f"{name}/{page.name}: {fact}: {found.get(fact)!r:.160}, and the set has {gold!r:.160}")
    return tally


def _count_body(tally: Tally, page: Gold, text: str) -> None:
    if page.body or page.begins:
        gold, got = _grams(page.body or page.begins), _grams(text)
        shared = sum((gold & got).values())
        recall = shared / sum(gold.values()) if gold else 1.0
        tally.ratios.append((recall if page.begins else shared / sum(got.values()) if got else 0.0, recall))
    line = " ".join(text.split())
    tally.chunks["found"] += sum(" ".join(chunk.split()) in line for chunk in page.wanted)
    tally.chunks["missed"] += sum(" ".join(chunk.split()) not in line for chunk in page.wanted)
    tally.chunks["invented"] += sum(" ".join(chunk.split()) in line for chunk in page.unwanted)


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3))) if words else Counter()


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _agree(fact: str, gold: Any, found: Any) -> bool:
    match fact:
        case "headline":
            return " ".join(gold.split()) == " ".join(found.split())
        case "author":
            return {folded(name) for name in gold} == {folded(name) for name in found}
        case "image":
            return bool(_file_of(gold) == _file_of(found))
        case "language":
            return bool(gold[:2].lower() == found[:2].lower())
        case "section":
            return folded(found) in {folded(name) for name in gold}
        case "standfirst":
            return bool(folded(gold)[:40] == folded(found)[:40])
        case _:
            return gold in found if isinstance(found, set) else bool(gold == found)


def _days_of(moment: datetime | None) -> set[str]:
    """Return the days that `moment` falls on in the zones of the earth: sets state the page's own, without its zone."""
    if moment is None:
        return set()
    hours = (0,) if moment.time() == midnight.min else (-11, 0, 12)
    return {f"{moment + timedelta(hours=zone):%Y-%m-%d}" for zone in hours}


def _file_of(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2].lower()


# --- speed ---------------------------------------------------------------------------------------


def _speed(pages: list[Gold]) -> None:
    from digest.collect.sandbox.parsers import Parsers

    many = [pages[at % len(pages)] for at in range(_PAGES)]
    size = sum(len(page.html) for page in many)
    with Parsers() as parsers, ThreadPoolExecutor(4) as threads:
        parsers.article(many[0].html, many[0].url)
        started = time.perf_counter()
        lost = sum(threads.map(lambda page: _is_lost(parsers, page), many))
        seconds = time.perf_counter() - started
    print(
        f"\n{len(many):,} pages of {size / len(many) / 1024:,.0f} kB in {seconds:.1f} s: "
        f"{len(many) / seconds:.1f} a second in the parsing processes, {lost} not read"
    )


def _is_lost(parsers: Any, page: Gold) -> bool:
    from digest.errors import SourceError

    try:
        parsers.article(page.html, page.url)
    except SourceError:
        return True
    return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
