"""How the paper was read: an access log in the combined format, and the same views as a table.

The log has what real ones have: readers, who come by the hour of the day and after a story is out;
the same reader again within minutes; robots; fetches ahead of any reader; assets, feeds and misses.
Only the first are views. The combined format has no room for a Sec-Purpose header, so fetches ahead
are of two kinds that it can show: GETs by a prefetch proxy, named in the agent, and HEADs by
browsers. Robots prefer what readers leave, so that counting them spoils the order.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

from digest.demo.newsroom import SECTIONS, DemoStory, Newsroom
from digest.demo.weather import PORT_ELLERY

__all__ = ["REQUESTS", "write_access_log", "write_views_csv"]

REQUESTS = 50_000
_HOURS = 48
_FADE_HOURS = 14  # half of a story's readers come within this time, when the day is left out of it
_TABLE_STEP_HOURS = 6
# Shares of all requests; readers' first views of articles are what remains (about 60 %).
_SHARES = {"again": 0.05, "fronts": 0.10, "assets": 0.08, "robots": 0.08, "ahead": 0.04, "feeds": 0.03, "misses": 0.02}
# How many people read in each hour of the local day, against each other: commute, lunch, evening.
_DAY = (8, 5, 3, 2, 3, 8, 26, 52, 60, 44, 36, 38, 52, 48, 36, 34, 38, 46, 56, 62, 60, 48, 30, 16)

_BROWSERS = tuple(
    agent.format(version)
    for version in range(136, 143)
    for agent in (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "CriOS/{}.0.0.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{}.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{}.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    )
)
_ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "python-requests/2.32.3",
)
_PREFETCH_PROXY = "Chrome Privacy Preserving Prefetch Proxy"
_FEED_READERS = (
    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html)",
)
_REFERRERS = ("-", "-", "https://www.google.com/", "https://duckduckgo.com/", "https://news.example.org/")
_LOST = ("/wp-login.php", "/.env", "/old/council-minutes", "/politics/no-such-story", "/favicon.ico", "/search?q=ferry")


@dataclass(frozen=True, slots=True)
class _Visit:
    at: int  # seconds since 1970
    address: str
    agent: str
    path: str
    status: int = 200
    method: str = "GET"
    referrer: str = "-"

    def line(self, size: int) -> str:
        stamp = datetime.fromtimestamp(self.at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        sent = size if self.status == 200 and self.method == "GET" else 0
        request = f"{self.method} {self.path} HTTP/1.1"
        return f'{self.address} - - [{stamp}] "{request}" {self.status} {sent} "{self.referrer}" "{self.agent}"'


def write_access_log(path: Path, newsroom: Newsroom, *, seed: int = 2026, requests: int = REQUESTS) -> None:
    """Write the last 48 hours as exactly `requests` lines, oldest first; one seed is one log."""
    dice = Random(seed)  # noqa: S311 - a rehearsal guards nothing
    visits = _visits(newsroom, dice, requests)
    visits.sort(key=lambda visit: visit.at)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(visit.line(dice.randrange(6_000, 30_000)) + "\n" for visit in visits)


def write_views_csv(path: Path, newsroom: Newsroom, base_url: str) -> None:
    """Write the same readership as rows of url, views, start and end, a row for six hours each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("url", "views", "start", "end"))
        for story in newsroom.most_viewed():
            weights = _readership(story, newsroom.now)
            steps = [sum(weights[first : first + _TABLE_STEP_HOURS]) for first in range(0, _HOURS, _TABLE_STEP_HOURS)]
            for number, views in enumerate(_apportioned(story.views, steps)):
                start = newsroom.now - timedelta(hours=_HOURS - number * _TABLE_STEP_HOURS)
                end = start + timedelta(hours=_TABLE_STEP_HOURS)
                if views:
                    table.writerow((base_url + story.path, views, start.isoformat(), end.isoformat()))


def _visits(newsroom: Newsroom, dice: Random, requests: int) -> list[_Visit]:
    counts = {kind: int(requests * share) for kind, share in _SHARES.items()}
    if not newsroom.stories:
        raise ValueError("A paper without stories has no readers; write the stories first.")
    read = list(_readings(newsroom, dice, requests - sum(counts.values())))
    visits = [*read, *_again(newsroom, dice, read, counts["again"]), *_ahead(newsroom, dice, counts["ahead"])]
    visits += _robots(newsroom, dice, counts["robots"])
    fronts = ("/", "/", "/", "/", *(f"/{section}/" for section in SECTIONS))
    assets = ("/assets/herald.css", "/assets/favicon.svg", *(s.picture_path for s in newsroom.stories if s.picture))
    feeds = ("/feed.atom", "/feed.json", *(f"/{section}/feed.xml" for section in SECTIONS))
    for kind, paths, agents, status in (
        ("fronts", fronts, _BROWSERS, 200),
        ("assets", assets, _BROWSERS, 200),
        ("feeds", feeds, _FEED_READERS, 304),
        ("misses", _LOST, _BROWSERS, 404),
    ):
        moments = _moments(newsroom.now, _by_day(newsroom.now), counts[kind], dice)
        visits += [_Visit(at, _address(dice), dice.choice(agents), dice.choice(paths), status) for at in moments]
    return visits


def _readings(newsroom: Newsroom, dice: Random, count: int) -> Iterator[_Visit]:
    """Yield views of articles: as many of each as its share of all views, each by someone else."""
    shares = _apportioned(count, [story.views for story in newsroom.stories])
    for story, views in zip(newsroom.stories, shares, strict=True):
        tagged = f"{story.path}?utm_source=newsletter&utm_medium=email"
        for at in _moments(newsroom.now, _readership(story, newsroom.now), views, dice, story.published_at):
            path = tagged if dice.random() < 0.06 else story.path
            status = 304 if dice.random() < 0.05 else 200
            yield _Visit(at, _address(dice), dice.choice(_BROWSERS), path, status, referrer=dice.choice(_REFERRERS))


def _again(newsroom: Newsroom, dice: Random, read: Sequence[_Visit], count: int) -> Iterator[_Visit]:
    """Yield the same people on the same page within twenty minutes: no further view."""
    last = int(newsroom.now.timestamp()) - 1
    for visit in dice.choices(read, k=count):
        yield _Visit(min(visit.at + dice.randint(2, 1_200), last), visit.address, visit.agent, visit.path, visit.status)


def _ahead(newsroom: Newsroom, dice: Random, count: int) -> Iterator[_Visit]:
    stories = newsroom.most_viewed()[-12:]
    for at in _moments(newsroom.now, _by_day(newsroom.now), count, dice):
        is_proxy = dice.random() < 0.5
        agent, method = (_PREFETCH_PROXY, "GET") if is_proxy else (dice.choice(_BROWSERS), "HEAD")
        yield _Visit(at, _address(dice), agent, dice.choice(stories).path, method=method)


def _robots(newsroom: Newsroom, dice: Random, count: int) -> Iterator[_Visit]:
    last_first = newsroom.most_viewed()[::-1]
    weights = list(accumulate(1 / (1 + place) for place in range(len(last_first))))
    stories = dice.choices(last_first, cum_weights=weights, k=count)
    moments = _moments(newsroom.now, [1.0] * _HOURS, count, dice)
    for at, story in zip(moments, stories, strict=True):
        path = story.path if dice.random() < 0.9 else "/robots.txt"
        yield _Visit(at, f"192.0.2.{dice.randint(1, 24)}", dice.choice(_ROBOTS), path)


def _by_day(now: datetime) -> list[float]:
    """Return the weight of each of the last 48 hours, oldest first."""
    hours = (now - timedelta(hours=_HOURS - number) for number in range(_HOURS))
    return [float(_DAY[hour.astimezone(PORT_ELLERY).hour]) for hour in hours]


def _readership(story: DemoStory, now: datetime) -> list[float]:
    """Return the weight of each of the last 48 hours for one story: none before it was out."""
    age_hours = max((now - story.published_at) / timedelta(hours=1), 1 / 60)
    weights = []
    for number, weight in enumerate(_by_day(now)):
        hours_out = age_hours - (_HOURS - number)  # at the hour's start
        part = min(max(hours_out + 1, 0), 1)  # of the hour in which it was out
        weights.append(weight * part * 0.5 ** (max(hours_out, 0) / _FADE_HOURS))
    return weights


def _moments(
    now: datetime, weights: Sequence[float], count: int, dice: Random, not_before: datetime | None = None
) -> list[int]:
    """Return `count` moments of the last 48 hours, in seconds since 1970."""
    end = int(now.timestamp())
    earliest = min(int(not_before.timestamp()), end - 1) if not_before else 0
    hours = dice.choices(range(_HOURS), cum_weights=list(accumulate(weights)), k=count)
    starts = [end - (_HOURS - hour) * 3600 for hour in hours]
    return [dice.randrange(max(start, earliest), start + 3600) for start in starts]


def _apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` by `weights`, whole numbers that add up to it (the largest remainders get the rest)."""
    whole = sum(weights) or 1
    exact = [total * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts


def _address(dice: Random) -> str:
    """Return an address of the ranges that are set aside for documentation (RFC 5737, RFC 3849)."""
    if dice.random() < 0.6:
        return f"2001:db8:{dice.randrange(65_536):x}:{dice.randrange(65_536):x}::{dice.randrange(1, 65_536):x}"
    return f"{dice.choice(('192.0.2', '198.51.100', '203.0.113'))}.{dice.randint(1, 254)}"
