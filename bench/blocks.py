"""How well a page's own lists are read: its key takeaways, and its Most Popular block.

    python -m bench.blocks DATA [--wrong]       DATA holds one folder a set of recorded pages, and scorers

Per set of the first table: pages that state key points, found whole, the scorer's mean; then pages that
state none, and on how many a block was found all the same, with the sets of articles and home pages beside
it, where nobody has written down what there is: those are shown by --wrong, to be looked at.
The second table has the popular blocks: the share of links found, the share of pairs in their order, and how
many links were found for one that there is; then how many pages without a stated block gave one.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urljoin

from digest.collect import read_article, read_front_page

_OTHERS = (
    "article-extraction-benchmark",
    "fundus-news",
    "tagdiv-pages",
    "trafilatura-eval",
    "goose3-html",
    "frontpages",
)


def main(data: Path, is_told: bool) -> None:
    """Print both tables, and with `is_told` what was read otherwise."""
    wrong: list[str] = []
    _key_points(data, wrong)
    _popular(data, wrong)
    if is_told:
        print("\n".join(wrong))


def _key_points(data: Path, wrong: list[str]) -> None:
    score = _scorer(data, "score_bullets").score
    print(f"{'key points':<30}{'stated':>8}{'whole':>7}{'mean':>7}{'none stated':>13}{'found':>7}")
    folder = data / "key-takeaways-blocks"
    stated: list[float] = []
    none: list[float] = []
    for gold in json.loads((folder / "gold.json").read_text("utf-8")):
        found = read_article(_html(folder / f"{gold['id']}.html.gz"), gold.get("url") or "").takeaways_given
        value = score(gold["bullets"], found)
        (stated if gold["bullets"] else none).append(value)
        if value < 1:
            wrong.append(f"key-takeaways-blocks/{gold['id']}: {found} and the set has {gold['bullets']}")
    _print_row("key-takeaways-blocks", stated, len(none), sum(value < 1 for value in none))
    for name in _OTHERS:
        pages = found_on = 0
        for page, html in _pages(data / name):
            pages += 1
            if points := read_article(html, f"https://example.com/{page}").takeaways_given:
                found_on += 1
                wrong.append(f"{name}/{page}: {' | '.join(points):.300}")
        _print_row(name, [], pages, found_on)


def _print_row(name: str, stated: list[float], none: int, found: int) -> None:
    mean = f"{sum(stated) / len(stated):.3f}" if stated else "–"
    whole = sum(value == 1 for value in stated) if stated else "–"
    print(f"{name:<30}{len(stated) or '–':>8}{whole:>7}{mean:>7}{none:>13}{found:>7}")


def _popular(data: Path, wrong: list[str]) -> None:
    score = _scorer(data, "score_links").score
    folder = data / "most-popular-blocks"
    recalls: list[float] = []
    orders: list[float] = []
    sizes: list[float] = []
    for gold in json.loads((folder / "gold.json").read_text("utf-8")):
        url = urljoin(urljoin("https://example.com/", gold["links"][0]["href"]), "/")
        page = read_front_page(_html(folder / f"{gold['id']}.html.gz"), url)
        value = score(gold["links"], [{"title": link.title, "href": link.url} for link in page.popular], url)
        recalls.append(value["recall"])
        orders += [] if value["order"] is None else [value["order"]]
        sizes.append(value["size_ratio"])
        if value["recall"] < 1 or value["size_ratio"] > 1:
            found = " | ".join(link.title for link in page.popular)
            wrong.append(f"most-popular-blocks/{gold['id']} ({gold['heading']}): {value} {found:.200}")
    print(f"\n{'popular blocks':<30}{'pages':>8}{'whole':>7}{'recall':>8}{'order':>7}{'found for 1':>13}")
    whole, pages = sum(recall == 1 for recall in recalls), len(recalls)
    print(
        f"{'most-popular-blocks':<30}{pages:>8}{whole:>7}{sum(recalls) / pages:>8.3f}"
        f"{sum(orders) / len(orders):>7.3f}{sum(sizes) / pages:>13.2f}"
    )


def _pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.html.gz")):
        yield path.name, _html(path)


def _html(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _scorer(data: Path, name: str) -> ModuleType:
    """Return one of the data's own scorers."""
    path = data / "scorers" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        raise SystemExit(f"There is no scorer {path}: name the folder of the recorded sets.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--wrong" in sys.argv[2:])
