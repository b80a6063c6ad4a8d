"""500 feeds of 30 items over loopback: collected cold, then again with nothing changed; and the memory of many runs.

    python -m bench.feeds [--feeds 500] [--items 30] [--hosts 50] [--runs 20]

The yardstick is what a script would do: httpx and feedparser on sixteen threads, in the same run. The server is
a process of its own, on as many loopback addresses as there are hosts. Our own side uses the real store.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import feedparser
import httpx

from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.gathering import Gathered, gather
from digest.settings import Source, SourceKind
from digest.store.database import open_database
from digest.store.responses import SqlResponseCache

_PARAGRAPH = "The harbour office said on Monday that the crane would be moved to the new quay before the winter. "


def main() -> None:
    told = _arguments()
    hosts = [f"127.0.{number // 200}.{1 + number % 200}" for number in range(told.hosts)]
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(hosts, told.items, theirs), daemon=True)
    server.start()
    port = ours.recv()
    urls = [f"http://{hosts[number % len(hosts)]}:{port}/{number}.xml" for number in range(told.feeds)]
    print(f"{told.feeds} feeds of {told.items} items on {told.hosts} hosts")
    began = time.perf_counter()
    entries = _by_script(urls)
    print(f"{'httpx + feedparser':<28}{time.perf_counter() - began:7.2f} s  {entries} entries")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = open_database("sqlite:///digest.db", root=Path(folder))
        stack.callback(database.close)
        for name in ("cold", "nothing changed", "nothing changed, again"):
            began = time.perf_counter()
            gathered = _by_digest(urls, SqlResponseCache(database))
            took = time.perf_counter() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{'digest, ' + name:<28}{took:7.2f} s  {len(gathered.stories)} stories, peak {peak:.0f} MB")
            assert len(gathered.stories) == told.feeds * told.items, gathered.problems[:3]
        held = []
        for _ in range(told.runs):
            _by_digest(urls, SqlResponseCache(database))
            gc.collect()
            held.append(_resident_mb())
        if held:
            marks = sorted({min(2, len(held) - 1), len(held) // 2, len(held) - 1})
            told_of = ", ".join(f"{held[at]:.0f} MB after {at + 1}" for at in marks)
            print(f"{f'{told.runs} more runs':<28}{told_of}")
    server.terminate()
    server.join()


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def _by_script(urls: list[str]) -> int:
    with httpx.Client() as client, ThreadPoolExecutor(16) as threads:
        return sum(threads.map(lambda url: len(feedparser.parse(client.get(url).content).entries), urls))


def _by_digest(urls: list[str], cache: SqlResponseCache) -> Gathered:
    sources = [
        Source(SourceKind.FEED, url=url, name=url, fetch_articles=False, allow_private=True, limit=1000) for url in urls
    ]
    now = datetime.now(UTC)
    with HttpFetcher("Digest/bench", cache, now=lambda: now) as fetcher:
        return gather(sources, fetcher, now=now, cache=cache)


def _feed(number: str, items: int) -> bytes:
    date = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    body = "".join(
        f"<item><title>Crane {number}-{item} is moved</title><link>https://example.com/{number}/{item}</link>"
        f'<guid isPermaLink="false">{number}-{item}</guid><pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate>'
        f"<dc:creator>Ada Quill</dc:creator><category>Port</category>"
        f"<description><![CDATA[<p>{_PARAGRAPH * 3}</p>]]></description>"
        f'<media:content url="https://example.com/{item}.jpg" medium="image" width="900"/></item>'
        for item in range(items)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Port</title><link>https://example.com</link>'
        f"<language>en</language>{body}</channel></rss>"
    ).encode()


def _serve(hosts: list[str], items: int, ready: Connection) -> None:
    held: dict[str, bytes] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                path = head.split(b" ", 2)[1].decode()
                if path == "/robots.txt":
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                elif b"if-none-match" in head:
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
                else:
                    body = held.setdefault(path, _feed(path.strip("/.xml"), items))
                    kind = b'ETag: "1"\r\nContent-Type: application/rss+xml; charset=utf-8\r\n'
                    writer.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (kind, len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        first = await asyncio.start_server(answer, hosts[0], 0)
        port = first.sockets[0].getsockname()[1]
        others = [await asyncio.start_server(answer, host, port) for host in hosts[1:]]
        ready.send(port)
        await asyncio.gather(*(server.serve_forever() for server in (first, *others)))

    asyncio.run(serve())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--runs", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
