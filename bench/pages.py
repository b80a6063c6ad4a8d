"""1,000 article pages over loopback, from their addresses in feeds to stories: pages a second on all cores.

    python -m bench.pages [DATA] [--pages 1000] [--hosts 20] [--days 30]

DATA is a folder whose .html and .html.gz files are recorded article pages; they are served again and again under other
addresses. Without it the demo's pages are served. The yardstick is trafilatura alone, in one process, on the same pages
from memory; it finds a text and its date, not key points, pictures with their words, or what lists link to. Beside it
our own parser in one process: both are given in processor time, so that they compare on a busy machine too.

At the end, so many days of as many new pages a day are put into the cache: what the database then weighs.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import trafilatura

from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.gathering import gather
from digest.collect.pages.articles import read_article
from digest.ports import CachedResponse
from digest.settings import Source, SourceKind
from digest.store.database import open_database
from digest.store.responses import SqlResponseCache

_SETS = ("fundus-news", "article-extraction-benchmark", "tagdiv-pages", "trafilatura-eval")
_YARDSTICK = 150


def main() -> None:
    told = _arguments()
    pages = _pages(told.data)
    hosts = [f"127.0.1.{1 + number}" for number in range(told.hosts)]
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    server = context.Process(target=_serve, args=(hosts, pages, told.pages, theirs), daemon=True)
    server.start()
    port = ours.recv()
    size = sum(map(len, pages)) / len(pages) / 1024
    print(
        f"{told.pages} pages ({len(pages)} different, {size:.0f} kB each) on {told.hosts} hosts, {os.cpu_count()} cores"
    )
    some = [pages[number % len(pages)] for number in range(_YARDSTICK)]
    alone = _rate(lambda page: trafilatura.bare_extraction(page, with_metadata=True), some)
    print(f"{'trafilatura alone, 1 process':<30}{alone:7.1f} pages a processor's second")
    own = _rate(lambda page: read_article(page, "https://example.com/story", content_type="text/html"), some)
    print(f"{'digest parsing, 1 process':<30}{own:7.1f} pages a processor's second")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = open_database("sqlite:///digest.db", root=Path(folder))
        stack.callback(database.close)
        cache = SqlResponseCache(database)
        now = datetime.now(UTC)
        sources = [
            Source(SourceKind.FEED, url=f"http://{host}:{port}/feed", name=host, allow_private=True, limit=1000)
            for host in hosts
        ]
        began = time.perf_counter()
        with HttpFetcher("Digest/bench", cache, now=lambda: now) as fetcher:
            gathered = gather(sources, fetcher, now=now, cache=cache)
        took = time.perf_counter() - began
        read = sum(bool(story.text) for story in gathered.stories)
        rate = len(gathered.stories) / took
        print(f"{'digest, fetched and parsed':<30}{rate:7.1f} pages/s  {took:.1f} s, {read} with a text")
        _weigh(pages, told.pages, told.days, now)
    server.terminate()
    server.join()


def _rate(read: Callable[[bytes], object], pages: list[bytes]) -> float:
    read(pages[0])  # what loads at first use
    began = time.process_time()
    for page in pages:
        read(page)
    return len(pages) / (time.process_time() - began)


def _weigh(pages: list[bytes], a_day: int, days: int, now: datetime) -> None:
    """Print the size of a database that had new pages every day, by the clock of their answers."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = open_database("sqlite:///digest.db", root=Path(folder))
        stack.callback(database.close)
        cache = SqlResponseCache(database)
        weights: list[str] = []
        for day in range(1, days + 1):
            for number in range(a_day):
                url = f"https://example.com/{day}/{number}"
                body = pages[number % len(pages)]
                cache.put(CachedResponse(url, body, "text/html", "", "", now + timedelta(days=day)))
            cache.flush()
            if day in (1, days // 2, days):
                size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1024 / 1024
                weights.append(f"{size:.0f} MB after {day}")
        if weights:
            print(f"{f'database, {a_day} pages a day':<30}{', '.join(weights)} days")


def _pages(data: Path | None) -> list[bytes]:
    if data is None:
        from digest.demo.newsroom import load_newsroom
        from digest.demo.pages import article_page

        newsroom = load_newsroom(datetime.now(UTC))
        return [article_page(newsroom, story, "http://127.0.0.1").encode() for story in newsroom.stories]
    found: list[bytes] = []
    for name in _SETS:
        for path in sorted((data / name).rglob("*.html*")):
            body = path.read_bytes()
            found.append(gzip.decompress(body) if path.suffix == ".gz" else body)
    return found


def _serve(hosts: list[str], pages: list[bytes], count: int, ready: Connection) -> None:
    date = datetime.now(UTC) - timedelta(hours=1)

    def feed(host: str) -> bytes:
        own = range(hosts.index(host), count, len(hosts))
        items = "".join(
            f"<item><title>Story number {number} of them</title><link>http://{host}:{port}/story/{number}</link>"
            f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
            for number in own
        )
        return f'<rss version="2.0"><channel><title>Pages</title>{items}</channel></rss>'.encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                if path == "/robots.txt":
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                else:
                    host = head.lower().partition("host: ")[2].partition(":")[0]
                    is_feed = path == "/feed"
                    body = feed(host) if is_feed else pages[int(path.rpartition("/")[2]) % len(pages)]
                    kind = b"application/rss+xml" if is_feed else b"text/html"
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
                    )
                    writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    port = 0

    async def serve() -> None:
        nonlocal port
        first = await asyncio.start_server(answer, hosts[0], 0)
        port = first.sockets[0].getsockname()[1]
        others = [await asyncio.start_server(answer, host, port) for host in hosts[1:]]
        ready.send(port)
        await asyncio.gather(*(server.serve_forever() for server in (first, *others)))

    asyncio.run(serve())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--days", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
