"""The takeaways of a hundred real pages, as an editor judged them.

    python -m bench.by_eye DATA [--unread] [--all]

Reads the pages of the recorded sets and makes their briefs as an edition would on the day of publication.
`bench/by_eye.tsv` holds what was said of every bullet: the page, the bullet by the beginning of its SHA-256 (its words
are the publisher's), its verdict and why. "stands" is what an editor would let stand in the day's letter as it is;
"falls" is what they would strike or write again. A bullet that comes out differently from when it was read is unread
again, and counted so; `--unread` prints those with their headline, for reading, and `--all` prints all.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.article_sets import Gold, article_sets

from digest import read_article
from digest.compress import brief
from digest.model import Brief, Cluster

SHEET = Path(__file__).with_suffix(".tsv")
PAGES = {"tagdiv-pages": 20, "fundus-news": 40, "article-extraction-benchmark": 40}


def main(data: Path, shown: str) -> None:
    verdicts = read_sheet()
    counts = Counter[str]()
    pages = 0
    for name, made in briefs(data):
        pages += 1
        found = [(bullet.text, *verdicts.get((name, mark(bullet.text)), ("", ""))) for bullet in made.takeaways]
        counts.update(verdict or "unread" for _, verdict, _ in found)
        counts["pages without one"] += not found
        is_unread = any(not verdict for _, verdict, _ in found) or (not found and shown == "all")
        if shown == "all" or (shown == "unread" and is_unread):
            print(f"\n{name}\n  {made.headline}")
            for text, verdict, why in found:
                print(f"  {mark(text)} {verdict or '?'} {why and f'({why}) '}{text}")
    read = counts["stands"] + counts["falls"]
    told = f"{100 * counts['stands'] / read:.1f} % stand" if read else "none was read"
    print(f"{pages} pages: {read + counts['unread']} bullets, {read} of them read: {told}. {dict(counts)}")


def briefs(data: Path) -> Iterator[tuple[str, Brief]]:
    """Yield the brief of each page of the hundred, by "set/page"."""
    for name, pages in article_sets(data):
        for page in sorted(pages, key=lambda page: page.name)[: PAGES.get(name, 0)]:
            yield f"{name}/{page.name}", _brief(page)


def _brief(page: Gold) -> Brief:
    story = read_article(page.html, page.url)
    return brief(Cluster(lead=story), read_at=story.published_at)


def mark(bullet: str) -> str:
    """Return what stands for a bullet in the sheet."""
    return hashlib.sha256(bullet.encode()).hexdigest()[:10]


def read_sheet() -> dict[tuple[str, str], tuple[str, str]]:
    """Return (verdict, why) by page and mark; the last line of a bullet counts."""
    if not SHEET.exists():
        return {}
    with SHEET.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {(row["page"], row["bullet"]): (row["verdict"], row["why"]) for row in rows}


if __name__ == "__main__":
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(folders) != 1 or not set(options) <= {"--unread", "--all"}:
        sys.exit("usage: python -m bench.by_eye DATA [--unread] [--all]")
    main(Path(folders[0]), options[0].lstrip("-") if options else "")
