"""Seconds of CPU to count the views of a million lines of an access log, on one core.

    python -m bench.access_logs [LINES]

The yardstick is the shortest loop that could be called counting: one regular expression a line and a
Counter of its paths, without robots, hours, repeated views or known stories. Both read the same file in
the same run. The lines are made up: 1,000 stories, 5,000 agents of readers, a tenth of the lines from
robots, two fifths pictures and scripts.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.collect.popularity.access_logs import count_views
from digest.model import Popularity, Window

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
DAY = Window(NOW - timedelta(hours=24), NOW)
SITE = "https://news.example.com"
STORIES = [f"/2026/11/24/story-of-the-harbour-{number}" for number in range(1_000)]
ASSETS = [f"/assets/picture-{number}.webp" for number in range(500)]
ROBOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "python-requests/2.32.3",
]
_NAIVE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "GET (\S+) [^"]*" (?:200|304) \S+ "[^"]*" "([^"]*)"')


class Kept:
    """Progress in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.texts.get(key)

    def put(self, key: str, text: str) -> None:
        self.texts[key] = text


def main() -> None:
    """Print one row a way of reading."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    known = [SITE + path for path in STORIES]
    with tempfile.TemporaryDirectory() as folder:
        log, packed, as_json = (Path(folder) / name for name in ("access.log", "packed.gz", "lines.json"))
        write_log(log, lines)
        with log.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as target:
            shutil.copyfileobj(plain, target)
        _write_json(log, as_json)
        print(f"{lines:,} lines, {log.stat().st_size / 1e6:,.0f} MB; JSON lines {as_json.stat().st_size / 1e6:,.0f} MB")

        def count(path: Path, kept: Kept | None = None) -> tuple[Popularity, ...]:
            return count_views(path, site=SITE, known_urls=known, window=DAY, progress=kept)

        yardstick = _timed("naive loop", lambda: _naive(log), lines, 0.0)
        _timed("combined", lambda: count(log), lines, yardstick)
        _timed("combined, .gz", lambda: count(packed), lines, yardstick)
        _timed("JSON lines", lambda: count(as_json), lines, yardstick)
        kept = Kept()
        _timed("combined, kept", lambda: count(log, kept), lines, yardstick)
        _timed("again, nothing new", lambda: count(log, kept), lines, yardstick)
        print(f"kept: {sum(map(len, kept.texts.values())) / 1e6:.2f} MB")


def write_log(path: Path, lines: int) -> None:
    """Write `lines` lines of a day in the combined format."""
    chance = random.Random(7)
    with path.open("w", encoding="ascii") as log:
        log.writelines(_lines(lines, chance))


def _lines(lines: int, chance: random.Random) -> Iterator[str]:
    agents = [
        f"Mozilla/5.0 (Linux; Android {chance.randint(9, 16)}; SM-{number:04d}B) AppleWebKit/537.36 (KHTML, like Gecko)"
        f" Chrome/{chance.randint(100, 142)}.0.{chance.randint(1000, 7000)}.0 Mobile Safari/537.36"
        for number in range(5_000)
    ]
    weights = [1 / (1 + number) for number in range(len(STORIES))]
    stories = iter(chance.choices(STORIES, weights, k=lines))
    started = DAY.start
    for number in range(lines):
        at = started + timedelta(seconds=86_399 * number / lines)
        agent = chance.choice(ROBOTS) if chance.random() < 0.1 else chance.choice(agents)
        path = chance.choice(ASSETS) if chance.random() < 0.4 else next(stories)
        address = f"192.0.{chance.randrange(256)}.{chance.randrange(256)}"
        status = 200 if chance.random() < 0.9 else 404
        yield f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} 5120 "{SITE}/" "{agent}"\n'


def _write_json(log: Path, target: Path) -> None:
    with log.open(encoding="ascii") as lines, target.open("w", encoding="ascii") as out:
        for line in lines:
            front, _, rest = line.partition(' "GET ')
            path, _, rest = rest.partition(" HTTP/1.1")
            entry = {
                "time_local": front.partition("[")[2].rstrip("]"),
                "remote_addr": front.partition(" ")[0],
                "request_method": "GET",
                "request_uri": path,
                "status": int(rest.split()[1]),
                "http_user_agent": rest.split('"')[3],
            }
            out.write(json.dumps(entry) + "\n")


def _naive(log: Path) -> Counter[str]:
    views: Counter[str] = Counter()
    with log.open(encoding="latin-1") as lines:
        for line in lines:
            if match := _NAIVE.match(line):
                views[match[3]] += 1
    return views


def _timed(name: str, work: Callable[[], object], lines: int, yardstick: float) -> float:
    started = time.process_time()
    work()
    seconds = time.process_time() - started
    ratio = f"   {seconds / yardstick:5.2f} × naive" if yardstick else ""
    print(f"{name:20} {seconds:6.2f} s   {lines / seconds:12,.0f} lines/s{ratio}")
    return seconds


if __name__ == "__main__":
    main()
