"""Every recorded feed: read or a named problem, how long the slowest took, and whether feedparser says the same.

    python -m bench.feeds_agree DATA [--wrong]

DATA holds `feeds-wild/` (with manifest.json) and `feeds-conformance/*.tar.gz`. feedparser is asked as it comes; of its
entries those count that have a title and a link to the web (the publisher's own, where FeedBurner has put another in
its place), one for each address. Fields are compared where it has
one: text as plain text, a date as an instant, the first one that it has of `published` and `updated`. `--wrong` lists
what differs. "quick" counts the feeds that never saw feedparser here, so that the agreement is of two readers.
"""

from __future__ import annotations

import argparse
import io
import json
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from digest.canonical import story_id
from digest.collect.feeds.documents import parse_feed
from digest.collect.feeds.plain import plain_feed_items
from digest.collect.links import web_address
from digest.collect.prose import plain_line
from digest.errors import SourceError
from digest.model import Story

_URL = "https://feeds.example/feed"
_FIELDS = ("entries", "title", "date", "guid", "order")
_SLOW_SECONDS = 2.0


@dataclass
class _Set:
    """Counts of one set of files; `same` and `compared` by field."""

    counts: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    wrong: list[str] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)

    def compare(self, name: str, what: str, ours: object, theirs: object) -> None:
        self.compared[what] += 1
        self.same[what] += ours == theirs
        if ours != theirs:
            self.wrong.append(f"{name}: {what}: {str(ours)[:90]} here, {str(theirs)[:90]} there")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list what differs")
    told = parser.parse_args()
    warnings.simplefilter("ignore")  # feedparser's, about dates
    columns = "".join(f"{name:>9}" for name in _FIELDS)
    print(f"{'set':<16}{'files':>7}{'read':>6}{'empty':>6}{'named':>6}{'crash':>6}{'quick':>6}{columns}  slowest")
    sets = {name: _measured(files) for name, files in _sets(told.data)}
    for name, done in sets.items():
        counts = "".join(f"{done.counts[key]:>6}" for key in ("read", "empty", "named", "crash", "quick"))
        shares = "".join(f"{_share(done, what):>9}" for what in _FIELDS)
        print(f"{name:<16}{done.counts['files']:>7}{counts}{shares}  {done.slowest[0]:.2f} s {done.slowest[1][-50:]}")
    _print_manifest(told.data / "feeds-wild", told.wrong)
    for name, done in sets.items():
        for reason, count in done.why.most_common(6):
            print(f"{name}: {count} × {reason}")
        for line in done.wrong if told.wrong else ():
            print(f"{name}: {line}")
    failed = sum(done.counts["crash"] for done in sets.values())
    slow = sum(done.slowest[0] > _SLOW_SECONDS for done in sets.values())
    print(f"{failed} crashes, {slow} sets with a file over {_SLOW_SECONDS:g} s")


def _sets(data: Path) -> Iterator[tuple[str, Iterator[tuple[str, bytes]]]]:
    folder = data / "feeds-wild" / "files"
    yield "wild", ((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))
    for path in sorted((data / "feeds-conformance").glob("*.tar.gz")):
        yield path.name[:-7], _archive(path)


def _archive(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and member.name.endswith((".xml", ".rss", ".atom", ".json", ".rdf")):
                yield member.name, file.read()


def _measured(files: Iterator[tuple[str, bytes]]) -> _Set:
    done = _Set()
    for name, content in files:
        done.counts["files"] += 1
        began = time.perf_counter()
        try:
            stories = parse_feed(content, _URL)
        except SourceError as error:
            done.counts["named"] += 1
            done.why[error.what[:90]] += 1
            stories = None
        except Exception as error:  # what a parser must never do is what is counted
            done.counts["crash"] += 1
            done.wrong.append(f"{name}: {type(error).__name__}: {error}")
            stories = None
        done.slowest = max(done.slowest, (time.perf_counter() - began, name))
        if stories is not None:
            done.counts["read" if stories else "empty"] += 1
            done.counts["quick"] += plain_feed_items(content) is not None
        _compare(done, name, content, stories)
    return done


def _compare(done: _Set, name: str, content: bytes, stories: tuple[Story, ...] | None) -> None:
    theirs = _their_entries(content)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return  # feedparser 6 reads no JSON
    if theirs is None or (stories is None and not theirs):
        return
    ours = {story.id: story for story in stories or ()}
    done.compare(name, "entries", len(ours), len(theirs))
    done.compare(name, "order", list(ours), list(theirs))
    for key in ours.keys() & theirs.keys():
        story, entry = ours[key], theirs[key]
        done.compare(name, "title", story.title, plain_line(entry.get("title", ""), limit=500))
        if date := _their_date(entry):
            done.compare(name, "date", story.published_at, date)
        if (guid := entry.get("id", "")) and guid not in (story.url, entry.get("link", "")):
            done.compare(name, "guid", story.guid, plain_line(guid, limit=500))


def _their_entries(content: bytes) -> dict[str, Any] | None:
    """Return feedparser's entries by the id that their story has here, None where it fails."""
    try:
        parsed = feedparser.parse(io.BytesIO(content), response_headers={"content-location": _URL})
    except Exception:  # it raises on some documents of its own tests
        return None
    entries: dict[str, Any] = {}
    for entry in parsed.entries:
        link = web_address(entry.get("feedburner_origlink") or entry.get("link") or "", _URL)
        if link and plain_line(entry.get("title") or ""):
            entries.setdefault(story_id(link), entry)
    return entries


def _their_date(entry: Any) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        if key in entry and entry[key]:  # noqa: RUF019  # asked by `get`, it answers with another key
            year, month, day, hour, minute, second = entry[key][:6]
            try:
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError:
                return None
    return None


def _share(done: _Set, what: str) -> str:
    return f"{100 * done.same[what] / done.compared[what]:.2f} %" if done.compared[what] else "–"


def _print_manifest(folder: Path, is_wordy: bool) -> None:
    """Compare with what two other parsers found, where those agreed."""
    entries = titles = files = fewer = 0
    for told in json.loads((folder / "manifest.json").read_text("utf-8")):
        if not told["agree"]:
            continue
        files += 1
        reference = told["feedparser_6_0_14"]
        content = (folder / "files" / told["file"]).read_bytes()
        try:
            stories = parse_feed(content, _URL)
        except SourceError:
            stories = ()
        same_count = len(stories) == reference["entries"]
        fewer += not same_count and len(stories) == len(_their_entries(content) or ())
        same_title = bool(stories) and stories[0].title == plain_line(reference["first_title"] or "")
        entries, titles = entries + same_count, titles + (same_title or reference["entries"] == 0)
        if is_wordy and not (same_count and same_title):
            first = stories[0].title if stories else ""
            print(f"  {told['file']}: {len(stories)}, {reference['entries']}; {first!r}, {reference['first_title']!r}")
    print(
        f"where two parsers agree: {files} files, {entries} with as many stories, {fewer} but for entries without"
        f" a title or with a link again, {titles} with the same first title"
    )


if __name__ == "__main__":
    main()
