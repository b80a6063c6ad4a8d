"""The recorded sets of article pages, and what they state of them: no bench, but what `bench.articles` reads."""

from __future__ import annotations

import gzip
import json
import re
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.collect.dates import parse_date

__all__ = ["Gold", "article_sets"]


@dataclass(frozen=True, slots=True)
class Gold:
    """What a set states of one page; facts are texts, sets of texts, or absent."""

    name: str
    url: str
    html: bytes
    facts: dict[str, Any]
    body: str = ""
    begins: str = ""
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


def article_sets(data: Path) -> Iterator[tuple[str, list[Gold]]]:
    """Yield every set of `data` by its name; one that is not there is left out, and said so."""
    for name, pages in (
        ("article-extraction-benchmark", _benchmark),
        ("fundus-news", _fundus),
        ("trafilatura-eval", _trafilatura_eval),
        ("tagdiv-pages", _tagdiv),
        ("goose3-html", _goose),
    ):
        if (data / name).is_dir():
            yield name, list(pages(data / name))
        else:
            print(f"{name} is left out: there is no {data / name}")


def _benchmark(folder: Path) -> Iterator[Gold]:
    for name, gold in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
        yield Gold(name, gold.get("url", ""), _html(folder / "html" / f"{name}.html.gz"), {}, body=gold["articleBody"])


def _fundus(folder: Path) -> Iterator[Gold]:
    for path in sorted(folder.glob("*.json")):
        gold = json.loads(path.read_text("utf-8"))
        date = parse_date(str(gold["publishing_date"] or ""))
        facts = {
            "headline": gold["title"],
            "date": f"{date:%Y-%m-%d}" if date else None,
            "author": set(_listed(gold["authors"])),
            "standfirst": " ".join(_listed((gold.get("body") or {}).get("summary"))),
        }
        yield Gold(path.stem, gold["url"], _html(path.with_suffix(".html.gz")), _stated(facts), body=gold["gold_text"])


def _trafilatura_eval(folder: Path) -> Iterator[Gold]:
    for url, gold in json.loads((folder / "evaldata.json").read_text("utf-8")).items():
        yield _phrases(gold["file"], url, folder / "html" / f"{gold['file']}.gz", gold)


def _tagdiv(folder: Path) -> Iterator[Gold]:
    for entry in json.loads((folder / "index.json").read_text("utf-8")):
        gold = entry.get("body_gold")
        if gold and "with" in gold:
            yield _phrases(entry["id"], entry["url"], folder / f"{entry['id']}.html.gz", gold)


def _phrases(name: str, url: str, path: Path, gold: dict[str, Any]) -> Gold:
    facts = {
        "headline": gold.get("title"),
        "date": gold.get("date"),
        "author": {part for part in re.split(r",\s*|;\s*| und | and ", gold.get("author") or "") if part},
        "language": gold.get("html_lang"),
        "section": gold.get("categories"),
    }
    return Gold(name, url, _html(path), _stated(facts), wanted=tuple(gold["with"]), unwanted=tuple(gold["without"]))


def _goose(folder: Path) -> Iterator[Gold]:
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text("utf-8"))
        gold, page = case.get("expected"), path.with_suffix(".html.gz")
        if not gold or not page.exists():
            continue
        date = parse_date(str(gold.get("publish_datetime_utc") or gold.get("publish_date") or ""))
        image = (gold.get("top_image") or {}).get("src", "")
        facts = {
            "headline": gold.get("title"),
            "date": f"{date:%Y-%m-%d}" if date else None,
            "author": set(gold.get("authors") or ()),
            "image": "" if image.startswith("data:") else image,
            "language": gold.get("meta_lang"),
        }
        yield Gold(path.stem, case.get("url", ""), _html(page), _stated(facts), begins=gold.get("cleaned_text") or "")


def _stated(facts: dict[str, Any]) -> dict[str, Any]:
    return {fact: value for fact, value in facts.items() if value}


def _listed(value: Any) -> list[str]:
    """Return a list that the set wrote as one, or as the text of one."""
    if isinstance(value, str):
        value = literal_eval(value) if value.startswith("[") else [value]
    return [str(part) for part in value or ()]


def _html(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())
